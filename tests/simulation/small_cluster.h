// Where most stories begin: three nodes that have found each other, and three sentinels that know
// them.
#pragma once

#include <string>

#include "tests/simulation/faults.h"
#include "tests/simulation/node.h"
#include "tests/simulation/sentinel.h"

namespace redis_zk::simulation {

// A world without faults.
Settings settings_for_story(std::uint64_t seed, Policies policies);

class SmallCluster {
  public:
    SmallCluster(std::uint64_t seed, Policies policies);

    // Whom the record names.
    Node& master();
    Sentinel& sentinel(const std::string& name);

    World world;
};

}  // namespace redis_zk::simulation
