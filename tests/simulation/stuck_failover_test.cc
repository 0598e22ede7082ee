// All nodes die when a sentinel has promoted one of them and has not told the others, and come back
// elsewhere. Its fail-over would end only if the promoted one came back where it was, so neither
// the nodes nor the other wrappers may wait for that (P4). On real servers:
// tests/integration/test_stuck_failover.py.

#include <gtest/gtest.h>

#include "redis-wrapper/core/decide.h"
#include "sentinel-wrapper/core/decide.h"
#include "tests/simulation/promises.h"
#include "tests/simulation/small_cluster.h"
#include "watcher/core/decide.h"

namespace redis_zk::simulation {
namespace {

using namespace std::chrono_literals;

class StuckFailover {
  public:
    StuckFailover(std::uint64_t seed, Policy policy, SentinelPolicy sentinel_policy)
        : cluster_{seed, {policy, sentinel_policy, nullptr}} {
        leader().request_failover();
        for (int i = 0; i < 100 && leader().opinion().master == leader().opinion().watched; ++i)
            world_.run(50ms);
        for (const auto& node : world_.nodes()) node->kill();
        world_.run(10s);
    }

    bool is_stuck() { return leader().opinion().failover_in_progress; }
    Endpoint watched() { return *leader().opinion().watched; }

    // The former master may come back where it was, where its sentinel waits for it.
    void come_back_but_for(const std::optional<Endpoint>& stays) {
        std::uint16_t port = 7000;
        for (const auto& node : world_.nodes()) {
            if (node->address() != stays) node->move_to({node->address().host, port});
            node->start();
        }
    }

    std::string why_not_healed_after(milliseconds time) {
        world_.run(time);
        if (!world_.broken_promise().empty()) return world_.broken_promise();
        const std::string of_nodes = why_not_healed(world_);
        if (!of_nodes.empty()) return of_nodes;
        const auto& master = world_.zookeeper.record().named;
        if (is_stuck() || !world_.do_sentinels_name(*master)) return "the sentinels do not follow";
        return why_sentinels_not_healed(world_);
    }

  private:
    FakeSentinel& leader() { return *world_.sentinels().front()->child(); }

    SmallCluster cluster_;
    World& world_ = cluster_.world;
};

// Down-after and twice failover-timeout, the hello of the others, and what an election takes.
constexpr milliseconds time_to_heal = 60s;

TEST(StuckFailover, IsWaitedForByNobodyForLong) {
    for (std::uint64_t seed = 1; seed <= 10; ++seed) {
        StuckFailover story{seed, redis_wrapper::decide, sentinel_wrapper::decide};
        ASSERT_TRUE(story.is_stuck()) << seed;
        story.come_back_but_for({});
        EXPECT_EQ(story.why_not_healed_after(time_to_heal), "") << seed;
    }
}

TEST(StuckFailover, IsEndedAlsoWhenTheFormerMasterIsBackAtItsAddress) {
    for (std::uint64_t seed = 1; seed <= 10; ++seed) {
        StuckFailover story{seed, redis_wrapper::decide, sentinel_wrapper::decide};
        ASSERT_TRUE(story.is_stuck()) << seed;
        story.come_back_but_for(story.watched());
        EXPECT_EQ(story.why_not_healed_after(time_to_heal), "") << seed;
    }
}

// As they were: "a fail-over that is under way ends by itself".
std::vector<redis_wrapper::Action> waits_for_its_end(const redis_wrapper::View& view,
                                                     TimePoint now) {
    redis_wrapper::View patient = view;
    for (auto& [sentinel, opinion] : patient.sentinels.opinions) opinion.fail_over.reset();
    return redis_wrapper::decide(patient, now);
}

std::vector<sentinel_wrapper::Action> never_interferes(const sentinel_wrapper::View& view,
                                                       TimePoint now) {
    sentinel_wrapper::View patient = view;
    patient.sentinel.fail_over.reset();
    const bool runs = view.sentinel.monitored && view.sentinel.monitored->failover_in_progress;
    if (runs || core::is_failing_over(patient.registered_sentinels, TimePoint::min()))
        patient.calm_since.reset();
    return sentinel_wrapper::decide(patient, now);
}

// Who watches the master anyway is in line with the record, as it seems.
std::vector<sentinel_wrapper::Action> turns_only_to_others(const sentinel_wrapper::View& view,
                                                           TimePoint now) {
    auto actions = sentinel_wrapper::decide(view, now);
    std::erase_if(actions, [&](const auto& action) {
        const auto* monitor = std::get_if<sentinel_wrapper::Monitor>(&action);
        return monitor != nullptr && view.sentinel.monitored &&
               monitor->master == view.sentinel.monitored->master;
    });
    return actions;
}

TEST(StuckFailover, HoldsASentinelThatWatchesTheMasterAnyway) {
    StuckFailover story{1, redis_wrapper::decide, turns_only_to_others};
    story.come_back_but_for(story.watched());
    EXPECT_EQ(story.why_not_healed_after(10min), "the sentinels do not follow");
}

TEST(StuckFailover, IsWaitedForByNodesThatBelieveThatItEnds) {
    StuckFailover story{1, waits_for_its_end, sentinel_wrapper::decide};
    story.come_back_but_for({});
    EXPECT_EQ(story.why_not_healed_after(10min), "the record names nobody alive");
}

TEST(StuckFailover, HoldsSentinelsWhoseWrappersNeverInterfere) {
    StuckFailover story{1, redis_wrapper::decide, never_interferes};
    story.come_back_but_for({});
    EXPECT_EQ(story.why_not_healed_after(10min), "the sentinels do not follow");
}

}  // namespace
}  // namespace redis_zk::simulation
