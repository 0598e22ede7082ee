// P4 while nothing is calm: the recorded master stays away, and the nodes that have to wait for it
// lose their connections to ZooKeeper again and again, for a moment only. Their sessions live.
#pragma once

#include "tests/simulation/world.h"

namespace redis_zk::simulation {

// Nothing where sentinels are: they do not wait.
void lose_the_master_for_good(World& world);

}  // namespace redis_zk::simulation
