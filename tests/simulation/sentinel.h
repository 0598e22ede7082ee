// One sentinel of the simulation: a sentinel-wrapper with the real policy, and its redis-sentinel.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "sentinel-wrapper/core/observe.h"
#include "tests/simulation/fake_sentinel.h"
#include "tests/simulation/process.h"

namespace redis_zk::simulation {

class Sentinel : public Process {
  public:
    Sentinel(World& world, std::string name, Endpoint address);
    ~Sentinel() override;

    // Life and death of both processes.
    void start();
    void kill();
    void stop();           // SIGTERM
    void sentinel_ends();  // by itself
    void move_to(Endpoint address) { address_ = std::move(address); }
    // As if its wrapper had registered it already; from then on the wrapper does nothing. For
    // stories that are about nodes.
    void start_registered(const Endpoint& master);
    // Wrapper and sentinel stand still.
    void freeze_both(milliseconds duration);

    const Endpoint& address() const { return address_; }
    const sentinel_wrapper::View& view() const { return view_; }
    const std::string& doing() const { return doing_; }
    FakeSentinel* child() const { return child_.get(); }
    // That it has started so far.
    std::uint64_t children() const { return children_; }
    // Its sentinel forgot everybody, not for the sake of strangers, and misses somebody living
    // since then; nothing has come in between that relieves it of finding them.
    bool is_finding_everybody_again() const;

  private:
    void turn();
    void turn_soon();
    void tick();
    void tick_child(std::uint64_t number);
    void look();
    void speak(const sentinel_wrapper::Action& action);
    void perform(const sentinel_wrapper::Action& action);
    void ask(const sentinel_wrapper::Action& action);
    void ask_node(const Endpoint& target);
    void ask_peer(const Endpoint& target);
    void ask_sentinels();
    void command_sentinel(const sentinel_wrapper::Action& action);
    void write_zookeeper(const sentinel_wrapper::Action& action);
    void reset_child();
    void start_child(const sentinel_wrapper::Start& start);
    void child_stopped();
    void exit();

    void connected(bool is_new) override;
    void disconnected() override;
    void read_zookeeper() override;
    std::function<void()> copy_zookeeper();  // to be put into the view
    void distrust_zookeeper();
    void claim_identity();
    void release_identity();
    void see_identity(const std::string& id, bool is_ours);
    void have_read(bool holds_lock);
    // Who we are in the pool and in the list: a random name in each life.
    std::string own_name() const { return name() + '#' + std::to_string(life_); }

    Endpoint address_;
    sentinel_wrapper::View view_;
    std::unique_ptr<FakeSentinel> child_;
    std::uint64_t children_ = 0;
    std::string doing_;
    std::string said_;
    bool turn_planned_ = false;
    bool reading_ = false;
    std::uint64_t distrusted_ = 0;  // how often; what was read before is not heard
    bool read_again_ = false;
    bool looked_in_lock_ = false;
    std::optional<TimePoint> forgot_at_;
};

}  // namespace redis_zk::simulation
