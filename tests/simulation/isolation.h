// P1 across a cut: the host of a node, with the clients on it, and less than half of the sentinels.
#pragma once

#include "tests/simulation/world.h"

namespace redis_zk::simulation {

// Nobody on the other side can reach it, nor it ZooKeeper. Nothing where no sentinel is registered:
// then nothing tells a master that it may be replaced (README, Limits).
void isolate(World& world, Node& node, milliseconds duration);
// With so many of the sentinels.
void isolate(World& world, Node& node, std::size_t sentinels_beside, milliseconds duration);

}  // namespace redis_zk::simulation
