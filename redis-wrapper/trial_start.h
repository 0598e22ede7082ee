// Starts the redis-server for a moment, with the configuration that it would get but without its
// data and without a port, to learn whether it would take it. For --check only: everything here
// blocks.
#pragma once

#include <string>
#include <vector>

#include "common/core/result.h"
#include "common/core/time.h"
#include "common/event/spawn.h"
#include "redis-wrapper/config.h"

namespace redis_zk::redis_wrapper {

// What a command wrote, line by line, until it ended. An error when it could not be started, or
// took longer than `patience`; it is killed then.
struct Ended {
    event::ExitStatus status;
    std::vector<std::string> lines;
};
core::Result<Ended> run_to_end(const event::Command& command, core::milliseconds patience);

// Refused with the server's own words when it ends instead of answering, and with its answer when
// it does not let the wrapper use one of the commands that it needs. The server gets a temporary
// directory for its data and its socket; it is gone when this returns, and so is the server.
core::Result<core::Done> try_to_start(const Config& config, core::milliseconds patience);

}  // namespace redis_zk::redis_wrapper
