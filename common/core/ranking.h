// Who is the best candidate for master: fresher lineage first, then data of its own where there are
// no others, then the user's priority, then the identity. Never the replication offset alone: after
// a restart it says nothing (see lineage.h).
#pragma once

#include <span>

#include "common/core/record.h"

namespace redis_zk::core {

// True when `one` must be preferred to `other` for a reason that matters: its data are fresher, or
// equally fresh and its user prefers it. Two that differ only in identity are level.
bool is_strictly_better(const Member& one, const Member& other);

// A total order, for those who have to name one: is_strictly_better, then the smaller identity.
bool ranks_before(const Member& one, const Member& other);

}  // namespace redis_zk::core
