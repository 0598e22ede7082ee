// Starts a server for a moment, with the configuration that it would get but without its data and
// without a port, to learn whether it would take it. Everything here blocks: for --check, and
// before the loop runs.
#pragma once

#include <string>
#include <vector>

#include "common/core/result.h"
#include "common/core/time.h"
#include "common/event/spawn.h"
#include "common/redis/connection.h"
#include "common/server/configuration_text.h"

namespace redis_zk::server {

// What a command wrote, line by line, until it ended. An error when it could not be started, or
// took longer than `patience`; it is killed then.
struct Ended {
    event::ExitStatus status;
    std::vector<std::string> lines;
};
core::Result<Ended> run_to_end(const event::Command& command, core::milliseconds patience);

struct Trial {
    event::Command server;
    std::string socket_path;  // where it listens
    redis::Credentials credentials;
    std::vector<Words> commands;  // that the wrapper needs
};

// Refused with the server's own words when it ends instead of answering, and with its answer when
// it does not let the wrapper use one of the commands. The server is gone when this returns.
core::Result<core::Done> try_to_start(const Trial& trial, core::milliseconds patience);

}  // namespace redis_zk::server
