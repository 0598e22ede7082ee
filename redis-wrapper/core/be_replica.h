// The policy of a node whose Redis is parked or a replica: follow the master that is verified, or,
// if there is none, wait for whoever can make one, or lead.
#pragma once

#include "redis-wrapper/core/action.h"
#include "redis-wrapper/core/find_master.h"

namespace redis_zk::redis_wrapper {

Actions be_replica(const View& view, const Finding& finding, TimePoint now);

}  // namespace redis_zk::redis_wrapper
