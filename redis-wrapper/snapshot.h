// Lets the own redis-server write a snapshot, in the background, of what it has now. To be used
// while it takes no writes.
#pragma once

#include <string>

#include "common/core/result.h"
#include "common/event/loop.h"
#include "common/event/timer.h"
#include "common/redis/connection.h"

namespace redis_zk::redis_wrapper {

class Snapshot {
  public:
    // Begins at once. `on_done` comes once, from the loop, with the path of the file; or says why
    // there is none.
    Snapshot(event::Loop& loop, const std::string& socket, const redis::Credentials& credentials,
             core::Callback<std::string> on_done);
    ~Snapshot();
    Snapshot(const Snapshot&) = delete;
    Snapshot& operator=(const Snapshot&) = delete;

  private:
    void look();
    void looked(const std::string& info);
    void begin();
    void ask_for_path();
    void end(const core::Result<std::string>& path);

    core::Callback<std::string> on_done_;
    bool has_begun_ = false;
    int refusals_ = 0;
    redis::Connection connection_;
    event::Timer look_soon_;
};

}  // namespace redis_zk::redis_wrapper
