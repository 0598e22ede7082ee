// Many nodes on fake time, with a fake ZooKeeper, fake Redis servers, a fake network and, if asked
// for, a group of sentinels. The wrappers in it run the real decide() on the real view; only the
// shell is replaced. Everything that happens follows from the seed.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "redis-wrapper/core/action.h"
#include "redis-wrapper/core/view.h"
#include "tests/simulation/clock.h"
#include "tests/simulation/dataset.h"
#include "tests/simulation/fake_zookeeper.h"
#include "tests/simulation/random.h"

namespace redis_zk::simulation {

class Node;
class Sentinels;

using Policy = std::vector<redis_wrapper::Action> (*)(const redis_wrapper::View&, TimePoint);

struct Settings {
    std::uint64_t seed = 1;
    Policy policy = nullptr;
    // Delays of the network and of ZooKeeper; equal in a scenario, so that its story is stable.
    milliseconds shortest_delay{1};
    milliseconds longest_delay{20};
    unsigned one_in_lost = 0;  // of the answers; 0: none is lost
    milliseconds session_timeout{6000};
    milliseconds cold_start_wait{30000};
    bool append_only = true;
    // What a seed would draw from a range takes the middle of it: the same story every time, also
    // after a change that draws more often.
    bool steady = false;
    // How long two nodes may take writes: what sentinels and people do by themselves is only
    // noticed afterwards.
    milliseconds tolerated_rivalry{0};
};

class World {
  public:
    explicit World(Settings settings);
    ~World();

    Node& add_node(const std::string& name);
    Node& node(const std::string& name);
    // The running node at an address.
    Node* node_at(const core::Endpoint& address);
    const std::vector<std::unique_ptr<Node>>& nodes() const { return nodes_; }

    // Runs for a while; stops early when a promise was broken.
    void run(milliseconds duration);
    bool step(TimePoint end);

    milliseconds a_delay();
    // Of something that takes between these times.
    milliseconds a_duration(std::int64_t shortest, std::int64_t longest);
    bool is_lost();

    // A client writes to every node that takes it.
    void write();

    // Kept by whoever checks: the first promise that was broken, and when.
    void broken(const std::string& promise);
    const std::string& broken_promise() const { return broken_promise_; }
    std::uint64_t steps() const { return steps_; }

    void say(const std::string& who, const std::string& what);
    const std::vector<std::string>& transcript() const { return transcript_; }

    Settings settings;
    Clock clock;
    Random random;
    Versions versions;
    FakeZooKeeper zookeeper;
    bool zookeeper_is_up = true;
    std::unique_ptr<Sentinels> sentinels;
    // Servers at addresses of ours that belong to somebody else, with what they answer.
    std::map<core::Endpoint, redis_wrapper::Probe> strangers;

  private:
    void check_promises();

    std::vector<std::unique_ptr<Node>> nodes_;
    std::optional<TimePoint> rivals_since_;
    std::uint64_t steps_ = 0;
    std::string broken_promise_;
    std::vector<std::string> transcript_;
};

}  // namespace redis_zk::simulation
