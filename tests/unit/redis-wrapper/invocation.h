// The invocation that tests of the configuration start from: on loopback, with everything that a
// test does not care about left out.
#pragma once

#include <cstdlib>
#include <string>
#include <vector>

#include "redis-wrapper/config.h"

namespace redis_zk::redis_wrapper {

// On the interface lo, unless the environment says otherwise.
inline app::Invocation invocation(Environment environment,
                                  std::vector<std::string> arguments = {}) {
    environment.try_emplace("PATH", std::getenv("PATH"));
    if (!environment.contains("BIND_IP")) environment.try_emplace("NET_IFACE", "lo");
    return {std::move(arguments), std::move(environment)};
}

inline ReadConfig read(Environment environment, std::vector<std::string> arguments = {}) {
    return read_config(invocation(std::move(environment), std::move(arguments)));
}

}  // namespace redis_zk::redis_wrapper
