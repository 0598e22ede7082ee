// Where a server can be reached: a host (a name, an IPv4 or an IPv6 address without brackets) and
// a TCP port.
#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace redis_zk::core {

struct Endpoint {
    std::string host;
    std::uint16_t port = 0;

    auto operator<=>(const Endpoint&) const = default;
};

// "10.0.0.7 31002": host, one space, port. This is the text that clients read in ZooKeeper, so it
// never changes. Anything else (no port, port 0, leading zeros, a second space, control
// characters) is not an endpoint.
std::optional<Endpoint> parse_endpoint(std::string_view text);
std::string to_text(const Endpoint& endpoint);

// For people: "10.0.0.7:31002", "[fd00::7]:31002".
std::string spoken(const Endpoint& endpoint);

// A TCP port in decimal, 1 to 65535.
std::optional<std::uint16_t> parse_port(std::string_view text);

}  // namespace redis_zk::core
