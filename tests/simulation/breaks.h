// Whether the simulation catches a policy that is broken on purpose.
#pragma once

#include <string>

#include "tests/simulation/faults.h"

namespace redis_zk::simulation {

// Some run of the first seeds breaks this promise first.
inline bool breaks(const std::string& promise, Policies policies, std::uint64_t seeds = 500) {
    for (std::uint64_t seed = 1; seed <= seeds; ++seed)
        if (run_with_faults(seed, policies).broken_promise.rfind(promise, 0) == 0) return true;
    return false;
}

inline bool breaks(const std::string& promise, Policy policy, std::uint64_t seeds = 500) {
    return breaks(promise, Policies{policy}, seeds);
}

}  // namespace redis_zk::simulation
