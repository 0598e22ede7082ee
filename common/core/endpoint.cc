#include "common/core/endpoint.h"

#include <algorithm>
#include <charconv>

namespace redis_zk::core {

std::optional<std::uint16_t> parse_port(std::string_view text) {
    if (text.empty() || text.front() < '1' || text.front() > '9') return std::nullopt;
    std::uint16_t port = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
    if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
    return port;
}

namespace {

bool may_be_in_host(char letter) {
    return (letter >= 'a' && letter <= 'z') || (letter >= 'A' && letter <= 'Z') ||
           (letter >= '0' && letter <= '9') || letter == '.' || letter == '-' || letter == '_' ||
           letter == ':' || letter == '%';
}

constexpr std::size_t longest_host = 253;  // RFC 1035, without the final dot

}  // namespace

std::optional<Endpoint> parse_endpoint(std::string_view text) {
    const auto space = text.find(' ');
    if (space == std::string_view::npos || space == 0 || space > longest_host) return std::nullopt;
    const std::string_view host = text.substr(0, space);
    const auto port = parse_port(text.substr(space + 1));
    if (!port || !std::ranges::all_of(host, may_be_in_host)) return std::nullopt;
    return Endpoint{std::string{host}, *port};
}

std::string to_text(const Endpoint& endpoint) {
    return endpoint.host + ' ' + std::to_string(endpoint.port);
}

std::string spoken(const Endpoint& endpoint) {
    const bool is_ipv6 = endpoint.host.find(':') != std::string::npos;
    const std::string host = is_ipv6 ? '[' + endpoint.host + ']' : endpoint.host;
    return host + ':' + std::to_string(endpoint.port);
}

}  // namespace redis_zk::core
