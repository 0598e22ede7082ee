#include "common/http/request_reader.h"

#include <algorithm>

#include <boost/asio/buffer.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>

namespace redis_zk::http {

namespace beast = boost::beast::http;

namespace {

std::string_view view_of(boost::beast::string_view text) { return {text.data(), text.size()}; }

Response refusal_for(const boost::system::error_code& error) {
    if (error == beast::error::header_limit) return json_error(431, "the header is too large");
    if (error == beast::error::body_limit) return json_error(413, "the body is too large");
    if (error == beast::error::bad_version)
        return json_error(505, "only HTTP/1.0 and HTTP/1.1 are spoken here");
    return json_error(400, "this is not a valid HTTP request");
}

std::string bearer_token(std::string_view authorization) {
    constexpr std::string_view scheme = "bearer ";
    const auto same = [](char left, char right) { return (left | 0x20) == (right | 0x20); };
    if (authorization.size() <= scheme.size() ||
        !std::equal(scheme.begin(), scheme.end(), authorization.begin(), same))
        return {};
    authorization.remove_prefix(scheme.size());
    authorization.remove_prefix(
        std::min(authorization.find_first_not_of(' '), authorization.size()));
    return std::string{authorization};
}

}  // namespace

// A new one for each request: Beast's parser reads one message.
class RequestReader::Parser {
  public:
    explicit Parser(Limits limits) {
        parser_.header_limit(limits.header_bytes);
        parser_.body_limit(limits.body_bytes);
        parser_.eager(true);
    }

    // Returns how many bytes it has used.
    std::size_t put(std::string_view bytes, boost::system::error_code& error) {
        return parser_.put(boost::asio::const_buffer{bytes.data(), bytes.size()}, error);
    }

    bool is_done() const { return parser_.is_done(); }
    bool has_header() const { return parser_.is_header_done(); }
    bool wants_continue() const {
        return has_header() && !is_done() && parser_.get().version() == 11 &&
               boost::beast::iequals(parser_.get()[beast::field::expect], "100-continue");
    }

    std::variant<std::monostate, IncomingRequest, Response> take() {
        auto& message = parser_.get();
        if (message.version() != 10 && message.version() != 11)
            return refusal_for(beast::make_error_code(beast::error::bad_version));
        IncomingRequest incoming;
        incoming.version = message.version();
        incoming.keeps_alive = message.keep_alive();
        incoming.request.method = view_of(message.method_string());
        incoming.request.token = bearer_token(view_of(message[beast::field::authorization]));
        incoming.request.body = std::move(message.body());
        const std::string_view target = view_of(message.target());
        const bool is_server_wide = target == "*" && incoming.request.method == "OPTIONS";
        if (!parse_target(is_server_wide ? "/*" : target, incoming.request))
            return json_error(400, "the request target is not a path");
        return incoming;
    }

    bool said_continue = false;

  private:
    beast::request_parser<beast::string_body> parser_;
};

RequestReader::RequestReader(Limits limits)
    : limits_{limits}, parser_{std::make_unique<Parser>(limits)} {}

RequestReader::~RequestReader() = default;

void RequestReader::feed(std::string_view bytes) {
    unread_ += bytes;
    bytes_of_this_request_ += bytes.size();
}

bool RequestReader::must_say_continue() {
    return parser_->wants_continue() && !std::exchange(parser_->said_continue, true);
}

std::variant<std::monostate, IncomingRequest, Response> RequestReader::next() {
    boost::system::error_code error;
    while (!unread_.empty() && !parser_->is_done() && !error) {
        const std::size_t used = parser_->put(unread_, error);
        unread_.erase(0, used);
        if (used == 0) break;
    }
    if (error && error != beast::error::need_more) return refusal_for(error);
    if (!parser_->is_done()) {
        // Beast counts a header's bytes only when it has found their end.
        if (!parser_->has_header() && bytes_of_this_request_ > limits_.header_bytes)
            return refusal_for(beast::make_error_code(beast::error::header_limit));
        return std::monostate{};
    }
    auto result = parser_->take();
    parser_ = std::make_unique<Parser>(limits_);
    bytes_of_this_request_ = unread_.size();
    return result;
}

}  // namespace redis_zk::http
