// Two fail-overs at nearly the same time, as when two people say SENTINEL FAILOVER, each to another
// sentinel: the record follows both and ends with the second, whoever writes it (P3, P4).
#include <algorithm>

#include <gtest/gtest.h>

#include "redis-wrapper/core/decide.h"
#include "sentinel-wrapper/core/decide.h"
#include "tests/simulation/promises.h"
#include "tests/simulation/small_cluster.h"
#include "tests/simulation/watcher.h"
#include "watcher/core/decide.h"

namespace redis_zk::simulation {
namespace {

using namespace std::chrono_literals;

class TwoFailovers {
  public:
    // Each record that there was: its term, and whom it names.
    using Written = std::vector<std::pair<std::uint64_t, Endpoint>>;

    TwoFailovers(std::uint64_t seed, WatcherPolicy policy)
        : cluster_{seed, {redis_wrapper::decide, sentinel_wrapper::decide, policy}} {
        for (const char* name : {"w1", "w2"}) world_.add_watcher(name).start();
        world_.run(5s);
        first_ = *world_.zookeeper.record().named;
        note();
    }

    void cut_nodes_from_zookeeper(milliseconds duration) {
        for (const auto& node : world_.nodes()) node->cut_from_zookeeper(duration);
    }

    // The second as soon as there is a replica to choose that does not know of data which it lacks.
    // Gives back how long after the first.
    milliseconds fail_over_twice(milliseconds pause) {
        const TimePoint began = world_.clock.now();
        const auto [second, third] = replicas();
        fail_over("s1", *second, *third);
        run_until(began + pause);
        while (!may_succeed(*third) && world_.clock.now() < began + 5s) run(10ms);
        const TimePoint again = world_.clock.now();
        fail_over("s2", *third, *second);
        last_ = third->address();
        return std::chrono::duration_cast<milliseconds>(again - began);
    }

    void run(milliseconds time) { run_until(world_.clock.now() + time); }

    const Written& written() const { return written_; }
    const Endpoint& last() const { return last_; }
    const std::string& broken_promise() const { return world_.broken_promise(); }

    std::string why_not_healed() {
        const std::string of_nodes = simulation::why_not_healed(world_);
        return of_nodes.empty() ? why_watchers_not_healed(world_) : of_nodes;
    }

  private:
    std::pair<Node*, Node*> replicas() {
        std::vector<Node*> found;
        for (const auto& node : world_.nodes())
            if (node->address() != first_) found.push_back(node.get());
        return {found[0], found[1]};
    }

    static bool may_succeed(const Node& node) {
        const auto& view = node.view();
        return node.redis.offered && view.redis.lineage &&
               view.redis.lineage->term == view.record.term();
    }

    void fail_over(const std::string& leader, const Node& promoted, const Node& other) {
        FakeSentinel& sentinel = *cluster_.sentinel(leader).child();
        world_.promote(promoted.address(), *sentinel.opinion().watched);
        sentinel.end_failover(promoted.address());
        sentinel.say_hello();
        world_.point(other.address(), promoted.address());
    }

    void run_until(TimePoint end) {
        while (world_.step(end)) note();
    }

    void note() {
        const auto& record = world_.zookeeper.record();
        const std::pair now{record.term(), *record.named};
        if (written_.empty() || written_.back() != now) written_.push_back(now);
    }

    SmallCluster cluster_;
    World& world_ = cluster_.world;
    Endpoint first_;
    Endpoint last_;
    Written written_;
};

using Written = TwoFailovers::Written;

bool is_in_growing_terms(const Written& written) {
    const auto is_no_larger = [](const auto& one, const auto& next) {
        return next.first <= one.first;
    };
    return std::ranges::adjacent_find(written, is_no_larger) == written.end();
}

TEST(TwoFailovers, EndWithTheSecond) {
    int within_a_second = 0;
    for (std::uint64_t seed = 1; seed <= 10; ++seed) {
        TwoFailovers story{seed, watcher::decide};
        // Then nobody but a watcher can write the record.
        if (seed % 2 == 0) story.cut_nodes_from_zookeeper(5s);
        within_a_second += story.fail_over_twice(milliseconds{seed * 80}) < 1s;
        story.run(15s);
        EXPECT_EQ(story.broken_promise(), "") << seed;
        EXPECT_EQ(story.why_not_healed(), "") << seed;
        EXPECT_TRUE(is_in_growing_terms(story.written())) << seed;
        EXPECT_EQ(story.written().back().second, story.last()) << seed;
    }
    EXPECT_GE(within_a_second, 5) << "a replica that has settled is looked at every second";
}

TEST(TwoFailovers, AreBothRecordedByAWatcherWhenTheFirstWasBeforeTheSecondBegins) {
    TwoFailovers story{1, watcher::decide};
    story.cut_nodes_from_zookeeper(1h);
    story.fail_over_twice(900ms);
    story.run(2s);
    EXPECT_EQ(story.written().size(), 3U);
    EXPECT_EQ(story.written().back(), (std::pair{std::uint64_t{3}, story.last()}));
}

// "The event has been dealt with": one change of master, one record.
std::vector<watcher::Action> writes_once(const watcher::View& view, TimePoint now) {
    auto actions = watcher::decide(view, now);
    if (view.record.term() > 1)
        std::erase_if(actions,
                      [](const auto& it) { return std::holds_alternative<watcher::Publish>(it); });
    return actions;
}

TEST(TwoFailovers, LeaveTheRecordBehindWhenAWatcherWritesOnce) {
    TwoFailovers story{1, writes_once};
    story.cut_nodes_from_zookeeper(1h);
    story.fail_over_twice(900ms);
    story.run(10s);
    EXPECT_NE(story.written().back().second, story.last());
}

// The promoted node opens when it is recorded, and its predecessor may still take writes then.
std::vector<watcher::Action> forgets_the_former(const watcher::View& view, TimePoint now) {
    watcher::View blind = view;
    for (auto& [node, probe] : blind.probes) {
        probe.took_writes_at.reset();
        const bool is_former = node == view.record.master();
        if (is_former && probe.answer == core::Probe::Answer::master) probe.closed = true;
    }
    return watcher::decide(blind, now);
}

TEST(TwoFailovers, AreRecordedTooEarlyByAWatcherThatForgetsTheFormerMaster) {
    TwoFailovers story{1, forgets_the_former};
    story.cut_nodes_from_zookeeper(1h);
    story.fail_over_twice(900ms);
    story.run(2s);
    EXPECT_TRUE(story.broken_promise().starts_with("P3")) << story.broken_promise();
}

}  // namespace
}  // namespace redis_zk::simulation
