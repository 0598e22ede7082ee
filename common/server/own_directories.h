// The directories of a wrapper, made and locked: from here on nobody else uses them. Made only when
// the whole configuration is good, and before anything is started. How they are locked:
// locked_directory.h.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "common/core/result.h"
#include "common/event/descriptor.h"
#include "common/server/fresh_directory.h"

namespace redis_zk::server {

class OwnDirectories {
  public:
    struct Places {
        std::string run_dir;
        bool run_dir_is_fresh = false;  // to be removed with all that is in it
        std::string configuration;      // the generated one, in run_dir
        std::string data_dir;           // may be run_dir; empty: none
    };

    // All errors are mistakes of the user (exit status 2).
    static core::Result<OwnDirectories> prepare(const Places& places);

    // Removes the generated configuration, which holds the password; the whole run-time directory
    // when it was a fresh one; and the locks and directories that were made here and in which
    // nobody has put anything, as when the server refused its configuration. To be destroyed after
    // the server has ended.
    ~OwnDirectories();
    OwnDirectories(OwnDirectories&& other) noexcept;
    OwnDirectories& operator=(OwnDirectories&&) = delete;

    // This start was refused: the locks, and what has been put meanwhile into directories that were
    // empty before, are removed at the end as well. By who knows that nothing in them is worth
    // anything.
    void discard() { is_discarded_ = true; }

  private:
    OwnDirectories() = default;

    struct Owned {
        std::string path;
        bool was_made = false;
        bool was_empty = false;  // but for the lock
        bool was_locked_before = false;
    };
    core::Result<event::Descriptor> own(const std::string& directory);

    std::vector<Owned> owned_;  // the run-time directory before that of the data
    bool is_discarded_ = false;
    std::string configuration_;
    std::optional<FreshDirectory> fresh_;
    event::Descriptor run_lock_;
    event::Descriptor data_lock_;
};

}  // namespace redis_zk::server
