// A watcher that is cut off from the recorded master, and hears instead a sentinel that was left
// behind and a former master that calls itself one again: the record must not go back to it (P3).

#include <algorithm>

#include <gtest/gtest.h>

#include "redis-wrapper/core/decide.h"
#include "sentinel-wrapper/core/decide.h"
#include "tests/simulation/small_cluster.h"
#include "tests/simulation/watcher.h"
#include "watcher/core/decide.h"
#include "watcher/core/judge.h"

namespace redis_zk::simulation {
namespace {

using namespace std::chrono_literals;

class LateSentinel {
  public:
    // When a former master is cut off from the other nodes, the record is written when the
    // sentinels name the new one; else by its own wrapper, before, and they are gone at once.
    enum class Former { cut_off, connected };

    LateSentinel(std::uint64_t seed, WatcherPolicy policy, Former former)
        : cluster_{seed, {redis_wrapper::decide, sentinel_wrapper::decide, policy}} {
        world_.add_watcher("w1").start();
        world_.run(5s);
        former_ = &recorded();
        fail_over_without_the_late(former);
        if (former == Former::cut_off) world_.run(1min);
        stop_all_but_the_late();
        // By hand, and its wrapper does not see it.
        former_->freeze(1h);
        former_->promoted_by_sentinel();
    }

    void hide_the_recorded_master() {
        world_.watchers().front()->cut_from(recorded().address(), 1h);
    }

    Node& former() { return *former_; }
    Node& recorded() { return cluster_.master(); }
    bool is_late() {
        const auto& late = *world_.sentinels().back();
        return world_.zookeeper.sentinels().size() == 1 &&
               late.child()->opinion().master == former_->address();
    }

    std::string broken_promise_after(milliseconds time) {
        world_.run(time);
        return world_.broken_promise();
    }

  private:
    void fail_over_without_the_late(Former former) {
        const Sentinel& late = *world_.sentinels().back();
        for (const auto& node : world_.nodes()) {
            world_.cut_link(late, *node, 1h);
            if (former == Former::cut_off && node.get() != former_)
                world_.cut_link(*former_, *node, 1h);
        }
        for (const auto& other : world_.sentinels())
            if (other.get() != &late) world_.cut_link(late, *other, 1h);
        world_.sentinels().front()->child()->request_failover();
        while (&recorded() == former_) world_.run(1ms);
    }

    void stop_all_but_the_late() {
        for (const auto& sentinel : world_.sentinels())
            if (sentinel != world_.sentinels().back()) sentinel->stop();
        world_.run(5s);
    }

    SmallCluster cluster_;
    World& world_ = cluster_.world;
    Node* former_ = nullptr;
};

TEST(LateSentinel, DoesNotTakeTheRecordBackWhileTheRecordedMasterIsSilent) {
    for (std::uint64_t seed = 1; seed <= 10; ++seed) {
        LateSentinel story{seed, watcher::decide, LateSentinel::Former::cut_off};
        story.hide_the_recorded_master();
        ASSERT_NE(&story.recorded(), &story.former()) << seed;
        ASSERT_TRUE(story.is_late()) << seed;
        EXPECT_EQ(story.broken_promise_after(2min), "") << seed;
        EXPECT_NE(&story.recorded(), &story.former()) << seed;
    }
}

// The promoted node's wrapper writes the record before any sentinel names it.
TEST(LateSentinel, DoesNotTakeBackARecordThatWasWrittenBeforeTheSentinelsSaidSo) {
    for (std::uint64_t seed = 1; seed <= 10; ++seed) {
        LateSentinel story{seed, watcher::decide, LateSentinel::Former::connected};
        ASSERT_NE(&story.recorded(), &story.former()) << seed;
        ASSERT_TRUE(story.is_late()) << seed;
        EXPECT_EQ(story.broken_promise_after(2min), "") << seed;
        EXPECT_NE(&story.recorded(), &story.former()) << seed;
    }
}

// As one does for whom silence is death, and any data are good enough.
watcher::Actions believes_whoever_answers(const watcher::View& view, TimePoint now) {
    watcher::View blind = view;
    const auto master = view.record.master();
    if (master && !watcher::is_verified(view, *master, now)) blind.said_to_be_down.insert(*master);
    for (auto& [address, entry] : blind.last_entries)
        if (entry.lineage) entry.lineage->term = view.record.term();
    return watcher::decide(blind, now);
}

TEST(LateSentinel, TakesTheRecordBackWhenAWatcherBelievesWhoeverAnswers) {
    LateSentinel story{1, believes_whoever_answers, LateSentinel::Former::cut_off};
    story.hide_the_recorded_master();
    EXPECT_TRUE(story.broken_promise_after(2min).starts_with("P3 true-record: it goes back"));
}

}  // namespace
}  // namespace redis_zk::simulation
