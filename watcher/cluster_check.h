// The part of --check that asks the cluster: every sentinel and every node that is registered in
// ZooKeeper, whether it lets us do what a watcher does there. Runs a loop of its own, for some
// seconds at most. Changes nothing.
#pragma once

#include <vector>

#include "common/server/observation.h"
#include "watcher/config.h"

namespace redis_zk::watcher {

// Only where ZooKeeper answers: that it does not has to be said by somebody else. Passwords that
// nobody can be asked about yet are a warning.
std::vector<server::Observation> cluster_observations(const Config& config);

}  // namespace redis_zk::watcher
