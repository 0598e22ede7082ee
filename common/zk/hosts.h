// ZK_HOSTS, taken apart: "zk1:2181,zk2,[fd00::7]:2182/prod". Servers are separated by commas, the
// port may be left out, an IPv6 address stands in brackets, and the whole may end in a chroot.
//
// The C client could parse this itself. It is not given the chance: it would look the names up with
// blocking DNS, take "zk2" without a port for an error, and hide the chroot from paths in logs.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "common/core/endpoint.h"
#include "common/core/result.h"

namespace redis_zk::zk {

inline constexpr std::uint16_t default_port = 2181;

struct Hosts {
    std::vector<core::Endpoint> servers;  // names or addresses, never empty
    std::string chroot;                   // "" or "/prod"
};

// Refused with all mistakes in one message: one sentence for each, joined by "; ".
core::Result<Hosts> parse_hosts(std::string_view text);

// "zk1:2181, [fd00::7]:2182", for people.
std::string spoken(const std::vector<core::Endpoint>& servers);

}  // namespace redis_zk::zk
