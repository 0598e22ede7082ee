// A planned change of the master in the situations in which writes are lost most easily: the real
// policy loses none, and those that are broken on purpose do (P5).
#include <algorithm>

#include <gtest/gtest.h>

#include "tests/simulation/promises.h"
#include "tests/simulation/small_cluster.h"

namespace redis_zk::simulation {
namespace {

using namespace std::chrono_literals;
using redis_wrapper::decide;
using redis_wrapper::View;
using Actions = std::vector<redis_wrapper::Action>;

constexpr std::uint64_t seeds = 20;

// A client writes, and the master is asked to hand over.
class PlannedChange {
  public:
    PlannedChange(std::uint64_t seed, Policy policy)
        : cluster_{seed, {policy}}, master_{cluster_.master()} {
        keep_writing();
        // Sentinels ask every ten seconds what a replica has, and whether it may be chosen.
        world_.run(seed * 500ms);
    }

    void let_the_replicas_lag(milliseconds duration) {
        for (Node* node : replicas()) node->lag(duration);
    }

    // Its session has ended, ZooKeeper does not know of it yet, and the sentinels have not asked it
    // since: for them it is the replica that it was.
    void start_one_again() {
        Node& node = *replicas().front();
        node.stop();
        while (node.is_running()) world_.run(1ms);
        world_.run(500ms);
        node.start();
        node.cut_from_zookeeper(1min);
        while (node.redis.loading) world_.run(1ms);
        world_.run(150ms);  // the sentinels have a connection to it
    }

    void hand_over() {
        master_.hand_over();
        for (int i = 0; i < 10000; ++i) {
            if (master_.takes_writes_now()) acknowledged_ = master_.redis.version;
            world_.run(1ms);
        }
    }

    bool is_lost() {
        return !world_.versions.continues(cluster_.master().redis.version, acknowledged_);
    }
    bool is_done() { return &cluster_.master() != &master_; }
    const std::string& broken_promise() const { return world_.broken_promise(); }

  private:
    void keep_writing() {
        world_.write();
        world_.clock.after(5ms, [this] { keep_writing(); });
    }

    std::vector<Node*> replicas() {
        std::vector<Node*> all;
        for (const auto& node : world_.nodes())
            if (node.get() != &master_) all.push_back(node.get());
        return all;
    }

    SmallCluster cluster_;
    World& world_ = cluster_.world;
    Node& master_;
    Version acknowledged_ = Versions::empty;
};

using Story = void (*)(PlannedChange&);

void lagging(PlannedChange& change) {
    change.let_the_replicas_lag(500ms);
    change.hand_over();
}

void just_started(PlannedChange& change) {
    change.start_one_again();
    change.hand_over();
}

struct Result {
    int done = 0;
    int lost = 0;
};

Result results(Story story, Policy policy) {
    Result result;
    for (std::uint64_t seed = 1; seed <= seeds; ++seed) {
        PlannedChange change{seed, policy};
        story(change);
        result.done += change.is_done();
        result.lost += change.is_lost();
        EXPECT_TRUE(change.is_lost() || change.broken_promise().empty()) << seed;
    }
    return result;
}

TEST(PlannedChange, LosesNothingWhileTheReplicasLag) {
    const Result result = results(lagging, decide);
    EXPECT_EQ(result.lost, 0);
    EXPECT_EQ(result.done, seeds) << "they get it in time";
}

TEST(PlannedChange, LosesNothingWhileAReplicaHasJustBeenStarted) {
    EXPECT_EQ(results(just_started, decide).lost, 0);
}

// Asks for a fail-over at once, as operators do: the replica that is chosen lacks what was written
// last.
Actions hands_over_at_once(const View& view, TimePoint now) {
    View blind = view;
    for (auto& [node, probe] : blind.probes) {
        probe.offset = view.redis.offset;
        probe.asked_at = now;
        probe.replication_id = view.redis.replication_id;
        if (probe.answer == core::Probe::Answer::replica) probe.same_cluster = true;
    }
    return decide(blind, now);
}

TEST(PlannedChange, LosesWritesWhenNobodyWaitsForTheReplicas) {
    EXPECT_GT(results(lagging, hands_over_at_once).lost, 0);
}

// Neither lets its clients wait nor closes: they write until another one is master.
Actions hands_over_with_its_clients_writing(const View& view, TimePoint now) {
    View blind = view;
    if (view.hand_over && !view.hand_over->is_over) {
        blind.hand_over->paused_at = view.hand_over->asked_at;
        blind.redis.open = false;
    }
    return decide(blind, now);
}

TEST(PlannedChange, LosesWritesWhenItsClientsDoNotWait) {
    EXPECT_GT(results(lagging, hands_over_with_its_clients_writing).lost, 0);
}

// Believes a sentinel that it may choose whom it knows, and asks only the registered nodes.
Actions hands_over_to_whoever_comes(const View& view, TimePoint now) {
    View blind = view;
    const auto is_no_member = [&view](const core::Candidate& it) {
        return std::ranges::none_of(
            view.members, [&](const auto& member) { return member.second.address == it.node; });
    };
    for (auto& [sentinel, opinion] : blind.sentinels.opinions)
        std::erase_if(opinion.candidates, is_no_member);
    return decide(blind, now);
}

TEST(PlannedChange, LosesWritesWhenWhoeverMayBeChosenIsNotAsked) {
    EXPECT_GT(results(just_started, hands_over_to_whoever_comes).lost, 0);
}

}  // namespace
}  // namespace redis_zk::simulation
