// Lets the own redis-server write a snapshot, in the background, of what it has now. To be used
// while it takes no writes. A connection that is cut does not matter: sentinels cut all clients of
// a node that they point somewhere, and redis goes on saving.
#pragma once

#include <memory>
#include <string>

#include "common/core/info.h"
#include "common/core/result.h"
#include "common/event/loop.h"
#include "common/event/timer.h"
#include "common/redis/connection.h"

namespace redis_zk::redis_wrapper {

class Snapshot {
  public:
    // Begins at once. `on_done` comes once, from the loop, with the path of the file; or says why
    // there is none: redis has failed, has refused for a minute, or stood still for ten.
    Snapshot(event::Loop& loop, std::string socket, redis::Credentials credentials,
             core::Callback<std::string> on_done);
    ~Snapshot();
    Snapshot(const Snapshot&) = delete;
    Snapshot& operator=(const Snapshot&) = delete;

  private:
    void connect();
    void look();
    void looked(const core::InfoFields& info);
    void wait_for_the_save(const core::InfoFields& info);
    void begin();
    void ask_for_path();
    // Of one answer: tried again, for as long as there is hope.
    void failed(const core::Error& error);
    void end(const core::Result<std::string>& path);

    event::Loop& loop_;
    std::string socket_;
    redis::Credentials credentials_;
    core::Callback<std::string> on_done_;
    bool is_cut_ = true;  // there is no connection
    bool has_begun_ = false;
    std::int64_t keys_saved_ = -1;
    core::TimePoint progress_at_{};  // it went on with a save
    core::TimePoint obeyed_at_{};    // it answered as it should
    event::Timer look_soon_;
    std::unique_ptr<redis::Connection> connection_;
};

}  // namespace redis_zk::redis_wrapper
