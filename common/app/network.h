// What this host's own network looks like, as far as choosing an address to listen on needs it.
// Asks the kernel only; no name is ever looked up, so nothing here blocks.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "common/core/endpoint.h"
#include "common/core/result.h"

namespace redis_zk::app {

struct Interface {
    std::string name;
    std::vector<std::string> addresses;  // IPv4 first; link-local IPv6 ones are left out
};

// Throws std::system_error when the kernel refuses.
std::vector<Interface> interfaces();

// The addresses of one interface; empty when there is no such interface or it has none.
std::vector<std::string> addresses_of(const std::string& interface);

// For the sentence about an interface that does not exist: "lo (127.0.0.1, ::1), eth0 (10.0.0.7)".
std::string spoken_interfaces();

// A numeric IPv4 or IPv6 address, not a name.
bool is_address(const std::string& text);
// The spelling that the kernel, Redis and Sentinel use: ::1 for 0:0:0:0:0:0:0:1. Addresses are
// compared as text, so one that is given in another spelling would be nobody's. What is no address
// stays as it is.
std::string usual_spelling(const std::string& address);
bool is_loopback(const std::string& address);     // 127.0.0.0/8 and ::1
bool is_any_address(const std::string& address);  // 0.0.0.0 and ::, which nobody can announce

// Whether the kernel lets us listen on this address. False for what is not an address.
bool is_on_this_host(const std::string& address);

// Whether a server could listen there now: binds as redis-server would (SO_REUSEADDR, so that old
// connections do not count) and closes again. Refused with the reason: "port 6379 of 10.0.0.7 is in
// use". A moment later somebody else may have taken it.
core::Result<core::Done> can_listen(const core::Endpoint& endpoint);

}  // namespace redis_zk::app
