#include "common/http/message.h"

#include <algorithm>
#include <charconv>
#include <utility>

namespace redis_zk::http {

namespace {

std::string json_quoted(std::string_view text) {
    static constexpr std::string_view digits = "0123456789abcdef";
    std::string quoted{'"'};
    for (const char letter : text) {
        if (letter == '"' || letter == '\\') quoted += '\\';
        if (letter >= ' ') {
            quoted += letter;
        } else if (const auto byte = static_cast<unsigned char>(letter); byte < 0x20) {
            quoted += "\\u00";
            quoted += digits[byte >> 4];
            quoted += digits[byte & 15];
        } else {
            quoted += '?';  // not ASCII: it need not be UTF-8, which JSON demands
        }
    }
    return quoted + '"';
}

std::pair<std::string_view, std::string_view> split(std::string_view text, char at) {
    const auto position = text.find(at);
    if (position == std::string_view::npos) return {text, {}};
    return {text.substr(0, position), text.substr(position + 1)};
}

}  // namespace

Response json_error(int status, std::string_view reason) {
    Response response;
    response.status = status;
    response.body = "{\"error\":" + json_quoted(reason) + "}\n";
    return response;
}

std::string_view reason_phrase(int status) {
    switch (status) {
        case 200: return "OK";
        case 202: return "Accepted";
        case 204: return "No Content";
        case 400: return "Bad Request";
        case 401: return "Unauthorized";
        case 403: return "Forbidden";
        case 404: return "Not Found";
        case 405: return "Method Not Allowed";
        case 408: return "Request Timeout";
        case 409: return "Conflict";
        case 413: return "Payload Too Large";
        case 431: return "Request Header Fields Too Large";
        case 500: return "Internal Server Error";
        case 501: return "Not Implemented";
        case 503: return "Service Unavailable";
        case 505: return "HTTP Version Not Supported";
        default: return "";
    }
}

std::string percent_decoded(std::string_view text, bool plus_is_blank) {
    std::string decoded;
    for (std::size_t index = 0; index < text.size(); ++index) {
        const char letter = text[index];
        unsigned char byte = 0;
        const char* const digits = text.data() + index + 1;
        if (letter == '%' && index + 2 < text.size() &&
            std::from_chars(digits, digits + 2, byte, 16).ptr == digits + 2) {
            decoded += static_cast<char>(byte);
            index += 2;
        } else {
            decoded += letter == '+' && plus_is_blank ? ' ' : letter;
        }
    }
    return decoded;
}

bool parse_target(std::string_view target, Request& request) {
    if (target.starts_with("http://")) {
        const auto slash = target.find('/', 7);
        target = slash == std::string_view::npos ? "/" : target.substr(slash);
    }
    if (!target.starts_with('/')) return false;
    target = target.substr(0, target.find('#'));
    auto [path, query] = split(target, '?');
    // Load balancers join "http://host/" and "/master" without looking.
    path.remove_prefix(std::min(path.find_first_not_of('/'), path.size()));
    request.path = '/' + percent_decoded(path, false);
    while (!query.empty()) {
        const auto [pair, rest] = split(query, '&');
        query = rest;
        if (pair.empty()) continue;
        const auto [name, value] = split(pair, '=');
        request.query.insert_or_assign(percent_decoded(name, true), percent_decoded(value, true));
    }
    return true;
}

std::string head_of(const Response& response, unsigned version, bool keeps_alive) {
    std::string head = version == 10 ? "HTTP/1.0 " : "HTTP/1.1 ";
    head += std::to_string(response.status) + ' ';
    head += reason_phrase(response.status);
    if (response.status != 204)  // RFC 9110 forbids it there
        head += "\r\nContent-Length: " + std::to_string(response.body.size());
    if (!response.body.empty()) head += "\r\nContent-Type: " + response.content_type;
    if (!response.allow.empty()) head += "\r\nAllow: " + response.allow;
    if (response.wants_credentials) head += "\r\nWWW-Authenticate: Bearer";
    head += "\r\nCache-Control: no-store";
    head += keeps_alive ? "\r\nConnection: keep-alive" : "\r\nConnection: close";
    return head + "\r\n\r\n";
}

}  // namespace redis_zk::http
