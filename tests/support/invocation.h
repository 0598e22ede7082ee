// The invocation that tests of a configuration start from: with everything that a test does not
// care about left out.
#pragma once

#include <cstdlib>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "common/app/options.h"

namespace redis_zk::test {

// On the interface lo, unless the environment says otherwise.
inline app::Invocation on_loopback(std::map<std::string, std::string> environment,
                                   std::vector<std::string> arguments) {
    environment.try_emplace("PATH", std::getenv("PATH"));
    if (!environment.contains("BIND_IP")) environment.try_emplace("NET_IFACE", "lo");
    return {std::move(arguments), std::move(environment)};
}

}  // namespace redis_zk::test
