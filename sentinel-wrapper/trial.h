// Whether redis-sentinel would take the configuration that it gets: it is started for a moment,
// with a master that is never there. For --check, and before a start: a mistake of the user is told
// before an id is taken, and before anybody waits for a master.
#pragma once

#include <string>

#include "common/core/result.h"
#include "sentinel-wrapper/config.h"

namespace redis_zk::sentinel_wrapper {

// Blocks as long as redis-sentinel takes to answer, and 10 s at most. Works in this directory,
// which has to exist and to be ours, and leaves nothing there. The error is a sentence for the
// user, in the server's words.
core::Result<core::Done> try_to_start(const Config& config, const std::string& directory);

}  // namespace redis_zk::sentinel_wrapper
