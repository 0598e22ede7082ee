// Turns the bytes of a client into requests. Boost.Beast's parser does the reading: HTTP/1.0 and
// 1.1, Content-Length and chunked bodies, with limits.
//
// Not evhttp: that of libevent 2.1 cannot limit the number of connections nor the whole time of a
// request (its timeout starts anew with each byte), answers errors in HTML of its own, and takes
// "//master" for the host "master".
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "common/http/message.h"

namespace redis_zk::http {

struct Limits {
    std::uint32_t header_bytes = 8 * 1024;
    std::uint64_t body_bytes = 64 * 1024;
};

struct IncomingRequest {
    Request request;
    unsigned version = 11;     // 10 or 11
    bool keeps_alive = false;  // the client wants to ask again on this connection
};

class RequestReader {
  public:
    explicit RequestReader(Limits limits);
    ~RequestReader();

    void feed(std::string_view bytes);

    // Something of a request has come, but not all of it.
    bool is_in_the_middle() const { return bytes_of_this_request_ > 0; }

    // The client waits for "100 Continue" before it sends the body. True once for each request.
    bool must_say_continue();

    // The next whole request; nothing while it is incomplete; or the response that tells what is
    // wrong with it, after which the connection has to be closed.
    std::variant<std::monostate, IncomingRequest, Response> next();

  private:
    class Parser;
    Limits limits_;
    std::string unread_;
    std::size_t bytes_of_this_request_ = 0;  // and of what came after it
    std::unique_ptr<Parser> parser_;
};

}  // namespace redis_zk::http
