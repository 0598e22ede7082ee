// What is made on disk before anything is started: the directories, the generated configuration,
// and what the state file beside the data says. All that can go wrong here is a mistake of the
// user.
#pragma once

#include "common/core/result.h"
#include "redis-wrapper/config.h"
#include "redis-wrapper/own_directories.h"
#include "redis-wrapper/state_file.h"

namespace redis_zk::redis_wrapper {

struct Preparation {
    OwnDirectories directories;  // locked as long as this lives; cleaned at its end
    StateFile state_file;        // read
};

// Says in the log what was overridden, and what was set aside.
core::Result<Preparation> prepare(const Config& config);

}  // namespace redis_zk::redis_wrapper
