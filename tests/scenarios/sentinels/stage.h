// Where the stories of sentinel-wrapper play: nodes that are what the story says, a ZooKeeper, some
// sentinels with their wrappers, some without. All delays are equal and nothing is lost.
#pragma once

#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "sentinel-wrapper/core/view.h"
#include "tests/simulation/clock.h"
#include "tests/simulation/fake_sentinel.h"

namespace redis_zk::sentinel_scenarios {

using core::Endpoint;
using core::milliseconds;
using core::TimePoint;
using simulation::FakeSentinel;

class Wrapper;

// A redis-server, or a place where one was.
struct FakeNode {
    enum class State { dead, silent, master, replica };
    State state = State::dead;
    std::optional<Endpoint> following;
    bool is_ours = true;    // its wrapper proves it
    bool is_listed = true;  // its wrapper is connected to ZooKeeper
};

// What lies in ZooKeeper.
struct FakeZooKeeper {
    bool is_up = true;
    core::FoundRecord record;
    std::map<std::string, Endpoint> sentinels;  // by the name of the wrapper
    std::map<std::string, std::string> owners;  // id -> name of the wrapper, or empty
    std::set<std::string> released;             // ids
    std::deque<std::string> lock;               // names of the wrappers
};

class Stage : public simulation::SentinelNetwork {
  public:
    Stage();
    ~Stage() override;

    void run(milliseconds time);
    void say(const std::string& who, const std::string& what);
    std::vector<std::string> take_transcript() { return std::exchange(transcript_, {}); }

    Wrapper& wrapper(const std::string& name) { return *wrappers.at(name); }
    FakeNode& node(const std::string& name) { return nodes.at(addresses.at(name)); }
    void add_node(const std::string& name);
    void record(const std::string& name, std::uint64_t term);
    // Everybody reads it again.
    void zookeeper_changed();

    // For the sentinels. The story says itself who fails over, and what becomes of the nodes then.
    TimePoint now() const override { return clock.now(); }
    bool is_listening(const Endpoint& node) const override;
    bool is_well(const Endpoint& node) const override;
    std::optional<simulation::NodeInfo> info(const Endpoint& node) const override;
    milliseconds desynchronisation() override { return {}; }
    void say_switched(const Endpoint&) override {}
    void publish_event(const Endpoint&, const std::string&) override {}
    void promote(const Endpoint&, const Endpoint&) override {}
    void point(const Endpoint&, const Endpoint&) override {}

    // For the wrappers.
    sentinel_wrapper::Probe answer_of(const Endpoint& node) const;
    sentinel_wrapper::Opinion opinion_of(const Endpoint& sentinel) const;
    sentinel_wrapper::PeerProbe answer_of_peer(const Endpoint& sentinel,
                                               const std::string& asking) const;
    std::map<std::string, core::Member> members() const;

    simulation::Clock clock;
    sentinel_wrapper::Self settings;
    FakeZooKeeper zookeeper;
    std::map<std::string, Endpoint> addresses;  // of nodes, by name
    std::map<Endpoint, FakeNode> nodes;
    std::map<std::string, std::unique_ptr<Wrapper>> wrappers;
    std::vector<std::unique_ptr<FakeSentinel>> others;  // without a wrapper of ours

  private:
    void tick();
    bool is_serving_as_master(const Endpoint& node) const;
    std::vector<Endpoint> replicas_of(const Endpoint& master) const;

    bool is_hello_due_ = false;
    std::vector<std::string> transcript_;
};

}  // namespace redis_zk::sentinel_scenarios
