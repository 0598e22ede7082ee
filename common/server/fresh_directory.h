// A directory below TMPDIR that a process makes for itself alone, and that goes with it.
//
// A process that is killed cannot take it along, so the next one removes it: what is there lies in
// one place for ever otherwise, the password in the generated configuration with it. Removed is
// only what is provably left over: it has a name as random_name_below() makes them, the owner is
// ours, the mark `redis-zk.fresh` is in it (or nothing but the lock), nobody holds its lock, and
// nothing was made in it for a minute, since its maker might not have locked it yet. Who uses such
// a directory by its name, to rescue its data, takes the mark out of it.
#pragma once

#include <string>
#include <vector>

#include "common/core/result.h"
#include "common/event/descriptor.h"

namespace redis_zk::server {

// "<parent>/redis-zk-4f0c9b2a77e1". Nothing is made.
std::string random_name_below(const std::string& parent);

class FreshDirectory {
  public:
    // Locked, see locked_directory.h.
    static core::Result<FreshDirectory> make(const std::string& path);

    // Somewhere, for a moment; what others have left there is removed by the way.
    static core::Result<FreshDirectory> make_temporary();

    // Removes it with all that is in it.
    ~FreshDirectory();
    FreshDirectory(FreshDirectory&& other) noexcept = default;
    FreshDirectory& operator=(FreshDirectory&&) = delete;

    const std::string& path() const { return path_; }

  private:
    FreshDirectory(std::string path, event::Descriptor lock)
        : path_{std::move(path)}, lock_{std::move(lock)} {}

    std::string path_;
    event::Descriptor lock_;
};

// Their paths. Failures are not told: whatever it is, the next one tries again.
std::vector<std::string> remove_abandoned_directories(const std::string& parent);

// From now on this directory, and what it is in, is no leftover, whatever becomes of us.
void keep_for_ever(const std::string& directory);

}  // namespace redis_zk::server
