// How tests of the configuration read one: on loopback, see tests/support/invocation.h.
#pragma once

#include <string>
#include <vector>

#include "sentinel-wrapper/config.h"
#include "tests/support/invocation.h"

namespace redis_zk::sentinel_wrapper {

inline ReadConfig read(Environment environment, std::vector<std::string> arguments = {}) {
    return read_config(test::on_loopback(std::move(environment), std::move(arguments)));
}

}  // namespace redis_zk::sentinel_wrapper
