// What is made on disk before anything is started: the directories, the generated configuration,
// and what the state file beside the data says. All that can go wrong here is a mistake of the
// user.
#pragma once

#include <string>
#include <vector>

#include "common/core/result.h"
#include "common/server/own_directories.h"
#include "redis-wrapper/config.h"
#include "redis-wrapper/state_file.h"

namespace redis_zk::redis_wrapper {

struct Preparation {
    server::OwnDirectories directories;         // locked as long as this lives; cleaned at its end
    StateFile state_file;                       // read
    std::vector<std::string> unfinished_saves;  // of lives that were killed
};

// Says in the log what was overridden, and what cannot be understood. What was there before is not
// changed: the redis-server may still refuse its configuration.
core::Result<Preparation> prepare(const Config& config);

}  // namespace redis_zk::redis_wrapper
