// The agent: observes, decides, performs. Callbacks put facts into the view; once per turn the
// policy (core/decide.cc) says what to do, and perform() does it, spoken first.
#pragma once

#include <memory>
#include <string>

#include "common/app/exit_status.h"
#include "common/app/metrics.h"
#include "common/event/loop.h"
#include "common/event/next_turn.h"
#include "common/event/reaper.h"
#include "common/event/resolver.h"
#include "common/event/timer.h"
#include "common/redis/questions.h"
#include "common/server/speaker.h"
#include "common/server/zookeeper_patience.h"
#include "sentinel-wrapper/config.h"
#include "sentinel-wrapper/core/observe.h"
#include "sentinel-wrapper/directory.h"
#include "sentinel-wrapper/sentinel_child.h"

namespace redis_zk::sentinel_wrapper {

class Agent {
  public:
    // Starts nothing but the connection to ZooKeeper: there may be no master yet.
    Agent(event::Loop& loop, event::Reaper& reaper, const Config& config);
    ~Agent();
    Agent(const Agent&) = delete;
    Agent& operator=(const Agent&) = delete;

    // SIGTERM, SIGINT. A second call hurries.
    void stop();

    // For the API: what is known, what is waited for, and the numbers.
    const View& view() const { return view_; }
    const std::string& doing() const { return speaker_.doing(); }
    const Directory& directory() const { return directory_; }
    app::Metrics& metrics() { return metrics_; }
    core::TimePoint now() const { return loop_.now(); }

  private:
    void turn();
    void perform(const Action& action);
    void perform_on_sentinel(const Action& action);
    void perform_in_zookeeper(const Action& action);

    void start(const Start& action);
    void ask_node(const Endpoint& node);
    void ask_sentinels();
    void ask_peer(const Endpoint& sentinel);
    void count_removed(const char* kind, std::size_t number);
    void sentinel_ended(const event::ExitStatus& status);
    void finish(int exit_status);

    event::Loop& loop_;
    event::Reaper& reaper_;
    const Config& config_;
    app::Metrics metrics_;
    server::Speaker speaker_{metrics_};
    View view_;
    int exit_status_ = app::stopped_as_asked;
    bool finishing_ = false;

    event::NextTurn next_turn_;
    event::Timer tick_;
    server::ZooKeeperPatience zookeeper_patience_;
    event::Resolver resolver_;
    redis::Questions questions_;
    Directory directory_;
    std::unique_ptr<SentinelChild> child_;
};

}  // namespace redis_zk::sentinel_wrapper
