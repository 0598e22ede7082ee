// The promises that are checked at the moment in which they could be broken. P1 is checked after
// every step, in the World; P4 when the faults of a run have ended.
#pragma once

#include "tests/simulation/node.h"
#include "tests/simulation/world.h"

namespace redis_zk::simulation {

// P2, when a node begins to take writes: its data continue the cluster's, and no living node that
// could have been elected has data which it lacks.
void check_opened(World& world, const Node& opened);

// P2, when a full synchronisation is about to replace a node's data: never by an empty dataset.
void check_wipe(World& world, const Node& replica, const Node& master);

// P3, when a record was written.
void check_published(World& world, const core::FoundRecord& before, const core::Record& now);

// P4, after a time without faults: one recorded master that takes writes, everybody else in sync
// with it. Or no node has data of the cluster, and all say so.
std::string why_not_healed(World& world);

}  // namespace redis_zk::simulation
