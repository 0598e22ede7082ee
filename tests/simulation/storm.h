// A fault of redis itself, or of what its clients do to a master: it crashes soon after each of its
// promotions, often enough to be a storm.
#pragma once

#include "tests/simulation/world.h"

namespace redis_zk::simulation {

// That of one node, or of all; and the master at once, so that somebody is promoted.
void let_redis_crash_when_promoted(World& world);

}  // namespace redis_zk::simulation
