// What people may want to know of a member and no program of ours reads: in its entry in ZooKeeper.
#pragma once

#include <map>
#include <string>

#include "redis-wrapper/config.h"

namespace redis_zk::redis_wrapper {

// Reads HOST, PORT1 and MESOS_TASK_ID of the environment, which a scheduler sets.
std::map<std::string, std::string> notes_on(const Config& config);

}  // namespace redis_zk::redis_wrapper
