// One node of the simulation: a wrapper with the real policy, its fake Redis, its disk.
#pragma once

#include <optional>
#include <string>

#include "common/core/lineage_tracker.h"
#include "redis-wrapper/core/observe.h"
#include "tests/simulation/fake_redis.h"
#include "tests/simulation/world.h"

namespace redis_zk::simulation {

class Node {
  public:
    Node(World& world, std::string name, Endpoint address);

    // Life and death of the processes. The disk stays.
    void start();
    void kill();
    void stop();        // SIGTERM
    void redis_ends();  // by itself: the wrapper deregisters and exits with it
    bool is_running() const { return alive_; }

    Disk disk_now() const;
    void wipe_disk();  // of a stopped node
    void move_to(Endpoint address) { address_ = std::move(address); }

    // Faults of its connection to ZooKeeper.
    void cut_from_zookeeper(milliseconds duration);
    void expire_session();

    // For the world around it.
    void zookeeper_changed();
    void turn_soon();
    void tick_redis();
    redis_wrapper::Probe answer_probe(const std::string& cluster) const;
    void promoted_by_sentinel();
    void reconfigured_by_sentinel(const Endpoint& master);

    const std::string& name() const { return name_; }
    const Endpoint& address() const { return address_; }
    const redis_wrapper::View& view() const { return view_; }
    const std::string& doing() const { return doing_; }
    FakeRedis redis;
    std::optional<core::Lineage> promoted_with;  // its lineage when its wrapper promoted it
    Disk disk;
    bool accept_data_loss = false;
    int priority = 100;

  private:
    void turn();
    void perform(const redis_wrapper::Action& action);
    void command_redis(const redis_wrapper::Action& action);
    void look_at_redis();
    void write_claim();
    void tick();

    void start_redis();
    void start_sync(Node& master);
    void end_sync(Node& master);
    bool can_serve_replicas() const;

    void connect_to_zookeeper();
    void lose_zookeeper(bool session_too);
    void read_zookeeper();
    void tell_zookeeper(std::function<void()> request);
    void check_lock();
    void ask_node(const Endpoint& target);
    void ask_sentinels();
    void publish(const core::Record& record);
    void register_or_update();
    bool is_same_life(std::uint64_t life) const { return alive_ && life == life_; }
    // Calls back after a delay, unless this life of the wrapper has ended by then.
    void later(milliseconds delay, std::function<void()> what);

    World& world_;
    std::string name_;
    Endpoint address_;
    bool alive_ = false;
    std::uint64_t life_ = 0;
    int wipes_ = 0;

    redis_wrapper::View view_;
    core::LineageTracker tracker_;
    std::string doing_;
    std::string said_;
    bool turn_planned_ = false;
    bool reading_ = false;
    bool read_again_ = false;
    bool looked_in_lock_ = false;

    SessionNumber session_ = 0;
    bool connected_ = false;
    TimePoint cut_until_{};
    TimePoint last_request_at_{};
    std::uint64_t connection_ = 0;  // answers of an older connection are not heard
    std::optional<core::Member> registered_as_;
};

}  // namespace redis_zk::simulation
