// The agent: observes, decides, performs. Callbacks put facts into the view; once per turn the
// policy (core/decide.cc) says what to do, and perform() does it, spoken first.
#pragma once

#include <deque>
#include <memory>
#include <random>
#include <string>

#include "common/app/metrics.h"
#include "common/event/loop.h"
#include "common/event/next_turn.h"
#include "common/event/reaper.h"
#include "common/event/resolver.h"
#include "common/event/timer.h"
#include "common/redis/questions.h"
#include "common/server/speaker.h"
#include "common/server/zookeeper_patience.h"
#include "watcher/behaviours.h"
#include "watcher/config.h"
#include "watcher/core/observe.h"
#include "watcher/directory.h"
#include "watcher/subscription.h"

namespace redis_zk::watcher {

class Agent {
  public:
    Agent(event::Loop& loop, event::Reaper& reaper, const Config& config);
    ~Agent();
    Agent(const Agent&) = delete;
    Agent& operator=(const Agent&) = delete;

    // SIGTERM, SIGINT.
    void stop();

    // For the API: what is known, what is waited for, what was heard, and the numbers.
    const View& view() const { return view_; }
    const std::string& doing() const { return speaker_.doing(); }
    const Directory& directory() const { return directory_; }
    const std::deque<Event>& events() const { return behaviours_.events(); }
    app::Metrics& metrics() { return metrics_; }
    core::TimePoint now() const { return loop_.now(); }

  private:
    void turn();
    void perform(const Action& action);
    void ask_node(const Endpoint& node);
    void ask_sentinel(const Endpoint& sentinel);
    void listen(const Endpoint& sentinel);
    void publish(const Publish& publication);
    void finish(int exit_status);

    event::Loop& loop_;
    const Config& config_;
    app::Metrics metrics_;
    server::Speaker speaker_{metrics_};
    View view_;
    std::mt19937_64 random_;
    bool finishing_ = false;

    event::NextTurn next_turn_;
    event::Timer tick_;
    server::ZooKeeperPatience zookeeper_patience_;
    event::Resolver resolver_;
    redis::Questions questions_;
    Behaviours behaviours_;
    Directory directory_;
    std::unique_ptr<Subscription> subscription_;
};

}  // namespace redis_zk::watcher
