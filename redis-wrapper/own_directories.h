// The two directories of a node, made and locked: from here on nobody else uses them. Made only
// when the whole configuration is good, and before anything is started.
//
// The locks are flock(2) on a file redis-zk.lock in each. The kernel drops them with the process,
// however it dies, so nothing stale is ever found. The file stays in a directory that is in use.
#pragma once

#include <string>
#include <vector>

#include "common/core/result.h"
#include "common/event/descriptor.h"
#include "redis-wrapper/config.h"

namespace redis_zk::redis_wrapper {

// One lock. The error's sentence says who holds it: "/data is in use by another redis-wrapper
// (process 4711)"; its code is EWOULDBLOCK then, else the errno of what failed.
core::Result<event::Descriptor> lock_directory(const std::string& directory);

class OwnDirectories {
  public:
    // All errors are mistakes of the user (exit status 2).
    static core::Result<OwnDirectories> prepare(const Config& config);

    // Removes the generated configuration, which holds the password; the whole run-time directory
    // when it was a fresh one; and a directory that was made here and in which nobody has put
    // anything, as when the server refused its configuration. To be destroyed after the
    // redis-server has ended.
    ~OwnDirectories();
    OwnDirectories(OwnDirectories&& other) noexcept;
    OwnDirectories& operator=(OwnDirectories&&) = delete;

  private:
    OwnDirectories() = default;

    std::vector<std::string> made_;  // the run-time directory before that of the data
    std::string fresh_;              // empty: none
    std::string configuration_;
    event::Descriptor run_lock_;
    event::Descriptor data_lock_;
};

}  // namespace redis_zk::redis_wrapper
