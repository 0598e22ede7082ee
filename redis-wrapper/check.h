// --check: looks whether a redis-wrapper with this configuration could do its work, and prints one
// line for each thing that it looked at. Starts and writes nothing that stays.
#pragma once

#include "redis-wrapper/config.h"

namespace redis_zk::redis_wrapper {

// The exit status: 0 when everything is well, 2 when something is wrong.
int check(const Config& config);

}  // namespace redis_zk::redis_wrapper
