// The agent: observes, decides, performs. Callbacks put facts into the view; once per turn the
// policy (core/decide.cc) says what to do, and perform() does it, spoken first.
#pragma once

#include <map>
#include <optional>
#include <string>

#include "common/app/metrics.h"
#include "common/core/lineage_tracker.h"
#include "common/core/repetition.h"
#include "common/event/loop.h"
#include "common/event/next_turn.h"
#include "common/event/reaper.h"
#include "common/event/resolver.h"
#include "common/event/timer.h"
#include "redis-wrapper/config.h"
#include "redis-wrapper/core/observe.h"
#include "redis-wrapper/directory.h"
#include "redis-wrapper/questions.h"
#include "redis-wrapper/redis_child.h"
#include "redis-wrapper/state_file.h"

namespace redis_zk::redis_wrapper {

class Agent {
  public:
    // Starts redis-server at once, parked; whether ZooKeeper can be reached is seen later.
    Agent(event::Loop& loop, event::Reaper& reaper, const Config& config, StateFile& state_file);
    ~Agent();
    Agent(const Agent&) = delete;
    Agent& operator=(const Agent&) = delete;

    // SIGTERM, SIGINT. A second call hurries.
    void stop();

    // For the API: what is known, what is being done or waited for, since when, and the numbers.
    const View& view() const { return view_; }
    const std::string& doing() const { return doing_; }
    const Directory& directory() const { return directory_; }
    app::Metrics& metrics() { return metrics_; }
    core::TimePoint now() const { return loop_.now(); }

  private:
    void turn();
    void perform(const Action& action);
    void perform_on_redis(const Action& action);
    void perform_elsewhere(const Action& action);
    void speak(const Action& action);
    void log_outcome(const char* what, const core::Result<core::Done>& result);

    void looked(const RedisLook& look);
    void redis_ended(const event::ExitStatus& status);
    void write_entry();
    void keep_claim();
    void give_up_on_zookeeper();
    void finish(int exit_status);

    event::Loop& loop_;
    const Config& config_;
    StateFile& state_file_;
    app::Metrics metrics_;
    View view_;
    core::LineageTracker tracker_;
    std::string doing_;
    core::Repetition waits_;
    core::Repetition deeds_;
    core::Repetition complaints_;
    std::optional<core::Member> entry_;
    core::Claim written_claim_;
    core::TimePoint claim_written_at_{};
    core::Role claim_written_as_ = core::Role::stopped;
    bool finishing_ = false;

    event::NextTurn next_turn_;
    event::Timer tick_;
    event::Timer zookeeper_patience_;
    event::Resolver resolver_;
    Questions questions_;
    Directory directory_;
    RedisChild child_;
};

}  // namespace redis_zk::redis_wrapper
