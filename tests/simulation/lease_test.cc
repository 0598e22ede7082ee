// A master that is cut off from everybody but its clients and a minority of the sentinels: the real
// policy closes it in time, and those that are broken on purpose do not (P1).
#include "redis-wrapper/core/lease.h"

#include <gtest/gtest.h>

#include "redis-wrapper/core/decide.h"
#include "sentinel-wrapper/core/decide.h"
#include "tests/simulation/isolation.h"
#include "tests/simulation/small_cluster.h"

namespace redis_zk::simulation {
namespace {

using namespace std::chrono_literals;
using redis_wrapper::decide;
using redis_wrapper::View;
using Actions = std::vector<redis_wrapper::Action>;

constexpr std::uint64_t seeds = 20;

// In how many stories a master that is cut off, with so many of three sentinels, takes writes
// beside its successor.
int two_masters(std::size_t sentinels_beside, Policy policy) {
    int count = 0;
    for (std::uint64_t seed = 1; seed <= seeds; ++seed) {
        SmallCluster cluster{seed, {policy, sentinel_wrapper::decide, nullptr}};
        const Node& former = cluster.master();
        isolate(cluster.world, cluster.master(), sentinels_beside, 1min);
        cluster.world.run(20s);
        const std::string& broken = cluster.world.broken_promise();
        EXPECT_TRUE(!broken.empty() || &cluster.master() != &former) << seed << ": it is replaced";
        count += broken.starts_with("P1");
    }
    return count;
}

// In how many it does when neither sentinels nor nodes can reach it, and it reaches the sentinels
// until shortly before they take it for dead.
int two_masters_behind_a_firewall(Policy policy) {
    int count = 0;
    for (std::uint64_t seed = 1; seed <= seeds; ++seed) {
        SmallCluster cluster{seed, {policy, sentinel_wrapper::decide, nullptr}};
        Node& former = cluster.master();
        for (const auto& sentinel : cluster.world.sentinels())
            cluster.world.cut_way(*sentinel, former, 1min);
        for (const auto& node : cluster.world.nodes())
            if (node.get() != &former) cluster.world.cut_link(former, *node, 1min);
        cluster.world.run(2800ms);
        isolate(cluster.world, former, 0, 1min);
        cluster.world.run(20s);
        const std::string& broken = cluster.world.broken_promise();
        EXPECT_TRUE(!broken.empty() || &cluster.master() != &former) << seed << ": it is replaced";
        count += broken.starts_with("P1");
    }
    return count;
}

TEST(Lease, EndsBeforeASuccessorTakesWrites) {
    EXPECT_EQ(two_masters(0, decide), 0);
    EXPECT_EQ(two_masters(1, decide), 0);
}

// Sentinel alone: nothing closes a master that is cut off.
Actions never_lets_go(const View& view, TimePoint now) {
    View careless = view;
    for (auto& [sentinel, opinion] : careless.sentinels.opinions) opinion.contact_at = now;
    return decide(careless, now);
}

TEST(Lease, IsWhatKeepsItFromTakingWrites) {
    EXPECT_EQ(two_masters(0, never_lets_go), static_cast<int>(seeds));
}

// It counts from when it noticed the loss, by a question that was not answered in time.
Actions counts_from_when_it_noticed(const View& view, TimePoint now) {
    View late = view;
    for (auto& [sentinel, opinion] : late.sentinels.opinions) opinion.contact_at += 2s;
    Actions actions = decide(late, now);
    std::erase_if(actions, [](const auto& action) {
        return std::holds_alternative<redis_wrapper::KeepInTouch>(action);
    });
    for (const auto& sentinel : contacts_due(view, now))
        actions.push_back(redis_wrapper::KeepInTouch{sentinel});
    return actions;
}

TEST(Lease, EndsTooLateWhenItCountsFromWhenTheLossWasNoticed) {
    EXPECT_GT(two_masters(0, counts_from_when_it_noticed), 0);
}

// Any sentinel will do.
Actions is_content_with_one(const View& view, TimePoint now) {
    View content = view;
    TimePoint last{};
    for (const auto& [sentinel, opinion] : view.sentinels.opinions)
        last = std::max(last, opinion.contact_at);
    for (auto& [sentinel, opinion] : content.sentinels.opinions) opinion.contact_at = last;
    return decide(content, now);
}

TEST(Lease, DoesNotEndWhenOneSentinelWillDo) {
    EXPECT_EQ(two_masters(0, is_content_with_one), 0);
    EXPECT_GT(two_masters(1, is_content_with_one), 0);
}

// As of a clock on which so many per cent less time passes than on those of the sentinels.
template <int percent>
Actions has_a_slow_clock(const View& view, TimePoint now) {
    View slow = view;
    for (auto& [sentinel, opinion] : slow.sentinels.opinions)
        opinion.contact_at = now - (now - opinion.contact_at) * (100 - percent) / 100;
    return decide(slow, now);
}

TEST(Lease, EndsInTimeWithClocksThatDifferByTenPercent) {
    EXPECT_EQ(two_masters(0, has_a_slow_clock<10>), 0);
    EXPECT_EQ(two_masters(1, has_a_slow_clock<10>), 0);
}

TEST(Lease, EndsInTimeBehindAFirewallThatKeepsTheSentinelsOut) {
    EXPECT_EQ(two_masters_behind_a_firewall(decide), 0);
}

TEST(Lease, EndsTooLateWithClocksThatDifferByMoreThanItAllows) {
    EXPECT_GT(two_masters(0, has_a_slow_clock<60>), 0);
}

}  // namespace
}  // namespace redis_zk::simulation
