// --check: looks whether a watcher with this configuration could do its work, and prints one line
// for each thing that it looked at. Starts and writes nothing that stays.
#pragma once

#include <vector>

#include "common/core/result.h"
#include "common/server/observation.h"
#include "watcher/config.h"

namespace redis_zk::watcher {

// The exit status: 0 when everything is well, 2 when something is wrong.
int check(const Config& config);

// The part that needs no ZooKeeper: address, port, hooks; then all warnings.
std::vector<server::Observation> local_observations(const Config& config);

// Before anything else at the start: says the warnings, and refuses a port that is in use.
core::Result<core::Done> prepare(const Config& config);

}  // namespace redis_zk::watcher
