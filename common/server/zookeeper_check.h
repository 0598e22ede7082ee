// --check as a whole, with the part that asks ZooKeeper: whether it answers, and whether we may
// write what we would write. Runs a loop of its own, for some seconds at most. Leaves nothing
// behind.
#pragma once

#include <string>
#include <vector>

#include "common/server/config.h"
#include "common/server/observation.h"

namespace redis_zk::server {

// Adds what ZooKeeper says to the findings, and whether it answers at all.
//
// `paths` are nodes that the executable sets when it runs, or folders in which it creates nodes:
// whoever made one of those granted that together with writing. Nothing in them is changed.
bool ask_zookeeper(const ClusterConfig& config, const std::vector<std::string>& paths,
                   std::vector<Observation>& findings);

// What was found out here comes before what ZooKeeper says. The exit status: 0 when everything is
// well, 2 when something is wrong.
int report_with_zookeeper(std::vector<Observation> found_here, const ClusterConfig& config,
                          const std::vector<std::string>& paths);

}  // namespace redis_zk::server
