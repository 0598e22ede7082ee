// A request and a response, as handlers see them.
#pragma once

#include <map>
#include <string>
#include <string_view>

namespace redis_zk::http {

struct Request {
    std::string method;  // "GET", "POST", ...
    std::string path;    // decoded, begins with one slash: "//status" is "/status"
    std::map<std::string, std::string, std::less<>> query;  // decoded; of a name twice, the last
    std::string body;
    std::string token;  // of "Authorization: Bearer ..."; a secret: never log it
};

struct Response {
    int status = 200;
    std::string content_type = "application/json";
    std::string body;
    std::string allow;               // the methods that the path knows; empty: not sent
    bool wants_credentials = false;  // sends WWW-Authenticate, as 401 demands
};

// {"error":"..."} with a newline.
Response json_error(int status, std::string_view reason);

// "Service Unavailable"; empty for a number that we never send.
std::string_view reason_phrase(int status);

// "a%20b+c" as the text it means. Of a broken escape nothing is changed; a decoded zero byte stays.
std::string percent_decoded(std::string_view text, bool plus_is_blank);

// Path and query of a request target: "/a?b=c" or "http://host/a?b=c". False if it is neither.
bool parse_target(std::string_view target, Request& request);

// All of the response but its body, as it goes out on the wire.
std::string head_of(const Response& response, unsigned version, bool keeps_alive);

}  // namespace redis_zk::http
