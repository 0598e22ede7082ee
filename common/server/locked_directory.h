// Directories that belong to one process as long as it lives.
//
// The lock is flock(2) on a file in the directory. The kernel drops it with the
// process, however it dies, so nothing stale is ever found. The file stays in a directory that is
// in use.
#pragma once

#include <string>

#include "common/core/result.h"
#include "common/event/descriptor.h"

namespace redis_zk::server {

inline constexpr const char* lock_name = "redis-zk.lock";

// With all above it, for its owner only. Whether it did not exist before.
core::Result<bool> make_directory(const std::string& directory);

// One lock. The error's sentence says who holds it: "/data is in use by another wrapper
// (process 4711)"; its code is EWOULDBLOCK then, else the errno of what failed.
core::Result<event::Descriptor> lock_directory(const std::string& directory);

// An empty one, too. False when it cannot be read.
bool holds_only_the_lock(const std::string& directory);

}  // namespace redis_zk::server
