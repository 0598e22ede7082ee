// One run of the simulation: a number of nodes, a time with faults, a time without them, and what
// became of the promises.
#pragma once

#include <string>
#include <vector>

#include "redis-wrapper/core/decide.h"
#include "sentinel-wrapper/core/decide.h"
#include "tests/simulation/world.h"
#include "watcher/core/decide.h"

namespace redis_zk::simulation {

struct Outcome {
    std::uint64_t steps = 0;
    std::string broken_promise;  // empty: all were kept
    std::vector<std::string> transcript;
};

// The policies of the wrappers: the real ones, but for those that a story breaks.
struct Policies {
    Policy node = redis_wrapper::decide;
    SentinelPolicy sentinel = sentinel_wrapper::decide;
    WatcherPolicy watcher = watcher::decide;
};

Outcome run_with_faults(std::uint64_t seed, Policies policies);

}  // namespace redis_zk::simulation
