// One run of the simulation: a number of nodes, a time with faults, a time without them, and what
// became of the promises.
#pragma once

#include <string>
#include <vector>

#include "tests/simulation/world.h"

namespace redis_zk::simulation {

struct Outcome {
    std::uint64_t steps = 0;
    std::string broken_promise;  // empty: all were kept
    std::vector<std::string> transcript;
};

Outcome run_with_faults(std::uint64_t seed, Policy policy);

}  // namespace redis_zk::simulation
