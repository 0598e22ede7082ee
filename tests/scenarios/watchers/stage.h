// Where the stories of watchers play: nodes, sentinels and a ZooKeeper that are what the story
// says, and watchers with the real policy. All delays are equal and nothing is lost.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "tests/simulation/clock.h"
#include "watcher/core/view.h"

namespace redis_zk::watcher_scenarios {

using core::Endpoint;
using core::milliseconds;
using core::Opinion;
using core::Probe;
using core::TimePoint;

class Watcher;

// A redis-server, or a place where one was. A life is one process of it.
struct FakeNode {
    Probe::Answer state = Probe::Answer::replica;
    bool is_open = false;
    bool proves_membership = true;
    bool has_data = true;
    std::optional<std::uint64_t> data_term;  // that of the last record, unless it is said
    bool is_listed = true;                   // its entry is in ZooKeeper
    int life = 1;
};

struct FakeSentinel {
    enum class State { well, silent, dead };
    State state = State::well;
    bool is_registered = true;
    Opinion opinion;
};

struct FakeZooKeeper {
    bool is_up = true;
    core::FoundRecord record;
    std::vector<std::uint64_t> history;
};

class Stage {
  public:
    Stage();
    ~Stage();

    void run(milliseconds time);
    void say(const std::string& who, const std::string& what);
    std::vector<std::string> take_transcript() { return std::exchange(transcript_, {}); }

    FakeNode& node(const std::string& name) { return nodes.at(addresses.at(name)); }
    FakeSentinel& sentinel(const std::string& name) { return sentinels.at(addresses.at(name)); }
    Watcher& watcher(const std::string& name) { return *watchers.at(name); }
    std::string run_id_of(const Endpoint& node) const;
    void record(const std::string& name, std::uint64_t term, std::uint64_t config_epoch);
    // Everybody reads it again.
    void zookeeper_changed();

    // For the watchers.
    Probe answer_of(const Endpoint& node) const;
    Opinion opinion_of(const Endpoint& sentinel) const;
    bool is_sentinel_well(const Endpoint& sentinel) const;
    std::map<std::string, core::Member> members() const;
    std::vector<Endpoint> registered_sentinels() const;
    bool publish(const core::Record& record, const core::FoundRecord& before);

    simulation::Clock clock;
    FakeZooKeeper zookeeper;
    std::map<std::string, Endpoint> addresses;  // of nodes and sentinels, by name
    std::map<Endpoint, FakeNode> nodes;
    std::map<Endpoint, FakeSentinel> sentinels;
    std::map<std::string, std::unique_ptr<Watcher>> watchers;
    std::string broken_promise;

  private:
    std::uint64_t last_term_ = 1;
    std::vector<std::string> transcript_;
};

}  // namespace redis_zk::watcher_scenarios
