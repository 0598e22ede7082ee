// Reads copies of nodes and folders again, behind a sync, until that has worked for all of them.
// For whoever must not decide on what it has read before: he has just got a lock, or stood still.
#pragma once

#include <functional>
#include <vector>

#include "common/zk/session_user.h"
#include "common/zk/watched_directory.h"
#include "common/zk/watched_node.h"

namespace redis_zk::zk {

class SecondLook : private SessionUser {
  public:
    // What is to be read. Has to live longer than the look.
    struct Rests {
        std::vector<WatchedNode*> nodes;
        std::vector<WatchedDirectory*> directories;
    };

    SecondLook(SessionKeeper& keeper, Rests rests, std::function<void()> on_done);

    // A look that is under way counts for nothing then. Without a connection it waits for one.
    void begin();

  private:
    void session_ready(Session& session) override;
    void part_done(bool worked_this_time);

    Rests rests_;
    std::function<void()> on_done_;
    std::uint64_t number_ = 0;  // answers of an older look count for nothing
    std::size_t parts_missing_ = 0;
    bool is_wanted_ = false;
    bool part_failed_ = false;
};

}  // namespace redis_zk::zk
