// The two directories of a node, made and locked: from here on nobody else uses them. Made only
// when the whole configuration is good, and before anything is started.
//
// The locks are flock(2) on a file redis-zk.lock in each. The kernel drops them with the process,
// however it dies, so nothing stale is ever found. The file stays: removing it could remove the
// lock of a successor.
#pragma once

#include <string>

#include "common/core/result.h"
#include "common/event/descriptor.h"
#include "redis-wrapper/config.h"

namespace redis_zk::redis_wrapper {

// One lock. The error's sentence says who holds it: "/data is in use by another redis-wrapper
// (process 4711)"; its code is EWOULDBLOCK then, else the errno of what failed.
core::Result<event::Descriptor> lock_directory(const std::string& directory);

class OwnDirectories {
  public:
    // What was made is removed again when something fails. All errors are mistakes of the user
    // (exit status 2).
    static core::Result<OwnDirectories> prepare(const Config& config);

    // Removes the generated configuration, which holds the password, or the whole run-time
    // directory when it was a fresh one. To be destroyed after the redis-server has ended.
    ~OwnDirectories();
    OwnDirectories(OwnDirectories&&) noexcept = default;
    OwnDirectories& operator=(OwnDirectories&&) = delete;

  private:
    OwnDirectories() = default;

    std::string to_remove_;  // a directory; empty: none
    std::string configuration_;
    event::Descriptor run_lock_;
    event::Descriptor data_lock_;
};

}  // namespace redis_zk::redis_wrapper
