// The part of --check that needs no ZooKeeper: what can be seen on this host.
#pragma once

#include <vector>

#include "common/server/observation.h"
#include "redis-wrapper/config.h"

namespace redis_zk::redis_wrapper {

using server::Observation;
using server::Verdict;

// The addresses, whether the ports are free, the server's version, the directories, and whether the
// server takes the generated configuration; then all warnings.
std::vector<Observation> local_observations(const Config& config);

// Starts the redis-server for a moment, with the configuration that it would get but without its
// data and without a port, see common/server/trial_start.h.
core::Result<core::Done> try_to_start(const Config& config, core::milliseconds patience);

}  // namespace redis_zk::redis_wrapper
