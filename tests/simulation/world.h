// Many nodes, sentinels and watchers on fake time, with a fake ZooKeeper, fake servers and a fake
// network. The wrappers in it run the real decide() on the real view; only the shell is replaced.
// Everything that happens follows from the seed.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "redis-wrapper/core/action.h"
#include "redis-wrapper/core/view.h"
#include "sentinel-wrapper/core/action.h"
#include "sentinel-wrapper/core/view.h"
#include "tests/simulation/clock.h"
#include "tests/simulation/dataset.h"
#include "tests/simulation/fake_zookeeper.h"
#include "tests/simulation/random.h"
#include "tests/simulation/sentinel_network.h"
#include "watcher/core/action.h"
#include "watcher/core/view.h"

namespace redis_zk::simulation {

class Node;
class Process;
class Sentinel;
class Watcher;

using Policy = std::vector<redis_wrapper::Action> (*)(const redis_wrapper::View&, TimePoint);
using SentinelPolicy = std::vector<sentinel_wrapper::Action> (*)(const sentinel_wrapper::View&,
                                                                 TimePoint);

using WatcherPolicy = std::vector<watcher::Action> (*)(const watcher::View&, TimePoint);

struct Settings {
    std::uint64_t seed = 1;
    Policy policy = nullptr;
    SentinelPolicy sentinel_policy = nullptr;
    WatcherPolicy watcher_policy = nullptr;
    // Delays of the network and of ZooKeeper; equal in a scenario, so that its story is stable.
    milliseconds shortest_delay{1};
    milliseconds longest_delay{20};
    unsigned one_in_lost = 0;  // of the answers; 0: none is lost
    milliseconds session_timeout{6000};
    milliseconds cold_start_wait{30000};
    milliseconds ghost_timeout{60000};
    std::optional<int> quorum{2};
    bool append_only = true;
    bool scheduler_restarts = false;  // whatever has ended without being asked to
    // What a seed would draw from a range takes the middle of it: the same story every time, also
    // after a change that draws more often.
    bool steady = false;
};

class World : public SentinelNetwork {
  public:
    explicit World(Settings settings);
    ~World() override;

    Node& add_node(const std::string& name);
    Node& node(const std::string& name);
    // The running node at an address.
    Node* node_at(const core::Endpoint& address) const;
    const std::vector<std::unique_ptr<Node>>& nodes() const { return nodes_; }

    Sentinel& add_sentinel(const std::string& name);
    const std::vector<std::unique_ptr<Sentinel>>& sentinels() const { return sentinels_; }
    Watcher& add_watcher(const std::string& name);
    const std::vector<std::unique_ptr<Watcher>>& watchers() const { return watchers_; }
    // As whoever asks at this address hears it.
    core::Opinion opinion_of(const Endpoint& sentinel) const;
    FakeSentinel* sentinel_at(const Endpoint& address) const;
    // All that are registered name this master.
    bool do_sentinels_name(const Endpoint& master) const;

    // The wrapper of whom they promote next is frozen in that instant, for so long.
    void freeze_successor(milliseconds duration) { freeze_successor_for_ = duration; }

    // For the sentinels.
    TimePoint now() const override { return clock.now(); }
    bool reaches(const Endpoint& one, const Endpoint& other) const override;
    bool is_listening(const Endpoint& address) const override;
    bool is_well(const Endpoint& address) const override;
    std::optional<NodeInfo> info(const Endpoint& address) const override;
    milliseconds desynchronisation() override { return a_duration(0, 1000); }
    void say_switched(const Endpoint& master) override;
    void publish_event(const Endpoint& sentinel, const std::string& event) override;
    void promote(const Endpoint& replica, const Endpoint& master) override;
    void point(const Endpoint& address, const Endpoint& master) override;

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
    Random storms{settings.seed ^ 0x5707U};  // of its own, so that they change no other story
    std::int64_t unix_time() const;          // as a wall clock tells it
    Versions versions;
    FakeZooKeeper zookeeper;
    bool zookeeper_is_up = true;
    // Nodes or sentinels that cannot reach each other, and one that cannot ask another, as behind a
    // firewall that lets only one side connect.
    void cut_link(const Process& one, const Process& other, milliseconds duration);
    void cut_way(const Process& one, const Process& other, milliseconds duration);
    bool is_cut(const Process& one, const core::Endpoint& other) const;
    bool is_cut(const Process& one) const;  // from anybody
    // What a node, or whoever listens at its address, answers to somebody of this cluster.
    core::Probe answer_of(const Endpoint& address, const std::string& cluster) const;
    static core::Probe silence();
    // Servers at addresses of ours that belong to somebody else, with what they answer.
    std::map<core::Endpoint, redis_wrapper::Probe> strangers;
    void add_stranger(const core::Endpoint& address);  // a master that takes writes

  private:
    void check_promises();
    const Process* process_at(const Endpoint& address) const;

    std::vector<std::unique_ptr<Node>> nodes_;
    std::vector<std::unique_ptr<Sentinel>> sentinels_;
    std::vector<std::unique_ptr<Watcher>> watchers_;
    std::map<std::pair<std::string, std::string>, TimePoint> cuts_;  // who asks whom; until when
    std::optional<milliseconds> freeze_successor_for_;
    std::uint64_t steps_ = 0;
    std::string broken_promise_;
    std::vector<std::string> transcript_;
};

}  // namespace redis_zk::simulation
