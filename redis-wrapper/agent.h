// The agent: observes, decides, performs. Callbacks put facts into the view; once per turn the
// policy (core/decide.cc) says what to do, and perform() does it, spoken first.
#pragma once

#include <map>
#include <optional>
#include <random>
#include <string>

#include "common/app/metrics.h"
#include "common/core/lineage_tracker.h"
#include "common/core/repetition.h"
#include "common/event/loop.h"
#include "common/event/next_turn.h"
#include "common/event/reaper.h"
#include "common/event/resolver.h"
#include "common/event/timer.h"
#include "common/redis/questions.h"
#include "common/server/speaker.h"
#include "common/server/zookeeper_patience.h"
#include "redis-wrapper/config.h"
#include "redis-wrapper/core/observe.h"
#include "redis-wrapper/directory.h"
#include "redis-wrapper/loss_report.h"
#include "redis-wrapper/preparation.h"
#include "redis-wrapper/redis_child.h"
#include "redis-wrapper/snapshot.h"

namespace redis_zk::redis_wrapper {

class Agent {
  public:
    // Starts redis-server at once, parked; whether ZooKeeper can be reached is seen later.
    Agent(event::Loop& loop, event::Reaper& reaper, const Config& config, Preparation& prepared);
    ~Agent();
    Agent(const Agent&) = delete;
    Agent& operator=(const Agent&) = delete;

    // SIGTERM, SIGINT. A second call hurries.
    void stop();

    // Another node shall be master; what becomes of it is in view().hand_over.
    void hand_over();

    // For the API: what is known, what is being done or waited for, since when, and the numbers.
    const View& view() const { return view_; }
    const std::string& doing() const { return speaker_.doing(); }
    const Directory& directory() const { return directory_; }
    // By how much a turn may come late; more counts as having stood still.
    core::milliseconds tolerated_delay() const { return directory_.session_timeout() / 3; }
    app::Metrics& metrics() { return metrics_; }
    core::TimePoint now() const { return loop_.now(); }

  private:
    void turn();
    void perform(const Action& action);
    void perform_on_redis(const Action& action);
    void perform_elsewhere(const Action& action);
    void log_outcome(const char* what, const core::Result<core::Done>& result) {
        speaker_.outcome(what, result, loop_.now());
    }

    void quarantine(const QuarantineData& action);
    void quarantined(const core::Loss& loss, const std::string& kept_as);
    void keep_in_touch(const core::Endpoint& sentinel);
    void looked(const RedisLook& look);
    void redis_ended(const event::ExitStatus& status);
    void write_entry();
    void begin();
    void keep_claim();
    void say_whether_it_steps_back();
    void refuse(const std::string& why);
    void leave_nothing_of_a_refused_start(int exit_status);
    void finish(int exit_status);

    event::Loop& loop_;
    const Config& config_;
    Preparation& prepared_;
    app::Metrics metrics_;
    server::Speaker speaker_{metrics_};
    View view_;
    core::LineageTracker tracker_;
    std::mt19937_64 random_;
    std::optional<core::Member> entry_;
    core::Claim written_claim_;
    core::TimePoint claim_written_at_{};
    core::Role claim_written_as_ = core::Role::stopped;
    bool has_been_member_ = false;
    bool said_that_it_steps_back_ = false;
    int exit_status_ = 0;  // of a redis-server that has ended by itself
    bool redis_has_ended_ = false;
    bool finishing_ = false;
    core::Repetition answers_;  // of sentinels that were asked for a fail-over

    event::NextTurn next_turn_;
    event::Timer tick_;
    server::ZooKeeperPatience zookeeper_patience_;
    event::Resolver resolver_;
    redis::Questions questions_;
    Directory directory_;
    RedisChild child_;
    LossReport loss_report_;
    std::optional<Snapshot> snapshot_;
};

}  // namespace redis_zk::redis_wrapper
