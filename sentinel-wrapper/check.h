// --check: looks whether a sentinel-wrapper with this configuration could do its work, and prints
// one line for each thing that it looked at. Starts and writes nothing that stays.
#pragma once

#include <vector>

#include "common/server/observation.h"
#include "sentinel-wrapper/config.h"

namespace redis_zk::sentinel_wrapper {

// The exit status: 0 when everything is well, 2 when something is wrong.
int check(const Config& config);

// The part that needs no ZooKeeper: addresses, ports, the server's version, the directory, and
// whether the server takes the generated configuration; then all warnings.
std::vector<server::Observation> local_observations(const Config& config);

}  // namespace redis_zk::sentinel_wrapper
