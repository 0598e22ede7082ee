// What is made on disk, and tried, before anything is written in ZooKeeper. All that can go wrong
// here is a mistake of the user.
#pragma once

#include "common/core/result.h"
#include "common/server/own_directories.h"
#include "sentinel-wrapper/config.h"

namespace redis_zk::sentinel_wrapper {

// Tries whether the server takes its configuration. The run-time directory, locked as long as this
// lives, and cleaned at its end. Says in the log what of the user's configuration was overridden.
// From here on all files of this process and of its sentinel, which writes its configuration anew
// with the password in it, are ours alone.
core::Result<server::OwnDirectories> prepare(const Config& config);

}  // namespace redis_zk::sentinel_wrapper
