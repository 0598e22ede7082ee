// One node of the simulation: a wrapper with the real policy, its fake Redis, its disk.
#pragma once

#include <optional>
#include <set>
#include <string>
#include <utility>

#include "common/core/lineage_tracker.h"
#include "redis-wrapper/core/observe.h"
#include "tests/simulation/fake_redis.h"
#include "tests/simulation/process.h"

namespace redis_zk::simulation {

class Node : public Process {
  public:
    Node(World& world, std::string name, Endpoint address);

    // Life and death of the processes. The disk stays.
    void start();
    void kill();
    void stop();        // SIGTERM
    void hand_over();   // POST /handover
    void redis_ends();  // by itself: the wrapper deregisters and exits with it
    // So often, each time that it has become master and a while has passed; see storm.h.
    void crash_when_open(int times) { crashes_left_ = times; }

    Disk disk_now() const;
    void wipe_disk();  // of a stopped node
    void move_to(Endpoint address) { address_ = std::move(address); }

    void hang_redis(milliseconds duration);
    void lag(milliseconds duration);           // as behind a slow link
    void freeze_whole(milliseconds duration);  // wrapper and redis

    // For the world around it.
    void turn_soon();
    void tick_redis();
    redis_wrapper::Probe answer_probe(const std::string& cluster) const;
    std::optional<NodeInfo> answer_info() const;
    void promoted_by_sentinel();
    void reconfigured_by_sentinel(const Endpoint& master);

    bool is_hanging() const { return world_.clock.now() < redis.hangs_until; }
    bool takes_writes_now() const {
        return redis.accepts_writes() && !is_hanging() && !has_just_woken();
    }
    const Endpoint& address() const { return address_; }
    // One of its processes, this one or one before, had this run id at this address.
    bool ran_as(const Endpoint& address, const std::string& run_id) const {
        return processes_.contains({address, run_id});
    }
    const redis_wrapper::View& view() const { return view_; }
    const std::string& doing() const { return doing_; }
    FakeRedis redis;
    std::optional<core::Lineage> promoted_with;  // its lineage when its wrapper promoted it
    Disk disk;
    bool accept_data_loss = false;
    int priority = 100;

  private:
    // Redis wakes up as its wrapper does, which has one turn and one command to close it: the bound
    // of P1 for a process that was frozen, see README.
    bool has_just_woken() const;
    void turn();
    void exit();
    void perform(const redis_wrapper::Action& action);
    void command_redis(const redis_wrapper::Action& action);
    void obey(const redis_wrapper::Action& action);
    void look_at_redis();
    void look_soon();
    void write_claim();
    void crash_soon();
    void tick();

    void start_redis();
    void start_sync(Node& master);
    void end_sync(Node& master);
    bool can_serve_replicas() const;

    void connected(bool is_new) override;
    void disconnected() override;
    using Copy = std::function<void()>;  // of something in ZooKeeper, to be put into the view
    void read_zookeeper() override;
    void read_parts(std::vector<std::function<Copy()>> parts);
    Copy read_name();
    Copy read_term();
    Copy read_the_rest();
    void have_read_all(bool holds_lock);
    void distrust_zookeeper();
    void ask_node(const Endpoint& target);
    void ask_sentinels();
    void ask_for_failover(const Endpoint& target);
    void keep_in_touch(const Endpoint& target);
    void publish(const core::Record& record, const core::Change& change);
    void read_history();
    void quarantine();
    void register_or_update();
    // As later(), for Redis, which may hang.
    void later_in_redis(milliseconds delay, std::function<void()> what);

    Endpoint address_;
    std::set<std::pair<Endpoint, std::string>> processes_;
    int wipes_ = 0;
    int crashes_left_ = 0;

    redis_wrapper::View view_;
    core::LineageTracker tracker_;
    std::map<std::uint64_t, core::Beginning> history_;  // as read last
    std::string doing_;
    std::string said_;
    bool turn_planned_ = false;
    bool reading_ = false;
    bool read_again_ = false;
    bool looked_in_lock_ = false;

    bool is_current_ = false;  // what was read may be relied upon
    bool is_reading_current_ = false;
    bool is_publication_answered_ = false;
    std::optional<core::Member> registered_as_;
    TimePoint wakes_up_at_{};  // after both have stood still
};

}  // namespace redis_zk::simulation
