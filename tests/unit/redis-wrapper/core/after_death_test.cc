// The redis-server of b has ended by itself, at t0.
#include "redis-wrapper/core/after_death.h"

#include <algorithm>

#include <gtest/gtest.h>

#include "redis-wrapper/core/decide.h"
#include "redis-wrapper/core/observe.h"
#include "tests/unit/redis-wrapper/core/views.h"

namespace redis_zk::redis_wrapper {
namespace {

const std::string request =
    "ask sentinel 10.0.1.1:26379 for a fail-over, because redis has ended, and this node was "
    "master";

std::string decided(const View& view, TimePoint now = t0) {
    return spoken_actions(decide(view, now));
}

bool asks(const Actions& actions, const Endpoint& node) {
    return std::ranges::any_of(actions, [&](const Action& it) {
        const auto* question = std::get_if<AskNode>(&it);
        return question != nullptr && question->node == node;
    });
}

// Its replicas were a and c.
View master_with_replicas() {
    View view = recorded_master();
    view.redis.replicas = {at_a, at_c};
    sentinels_name(view, at_b);
    for (auto& [sentinel, opinion] : view.sentinels.opinions)
        opinion.candidates = {{at_a, false}, {at_c, false}};
    return view;
}

View died(View view) {
    observe_redis_death(view, t0);
    for (auto& [sentinel, opinion] : view.sentinels.opinions) opinion.asked_at = t0;
    return view;
}

Probe& has(View& view, const Endpoint& replica, std::optional<std::int64_t> offset) {
    is_replica(view, replica, at_b);
    Probe& probe = view.probes[replica];
    probe.asked_at = t0;
    probe.offset = offset;
    probe.priority = 100;
    return probe;
}

// And they have told that they have the same.
View level() {
    View view = died(master_with_replicas());
    has(view, at_a, 500);
    has(view, at_c, 500);
    return view;
}

TEST(AfterDeath, ASentinelIsToldAtOnceWhenTheReplicasHaveTheSame) {
    EXPECT_EQ(decided(level()), request);
}

TEST(AfterDeath, ThereIsNothingToTellOfWhoeverWasNoRecordedMasterThatTookWrites) {
    View replica = master_with_replicas();
    replica.redis.role = Role::replica;
    View closed = master_with_replicas();
    closed.redis.open = false;
    View unrecorded = master_with_replicas();
    unrecorded.record.written->run_id = "of another process";
    for (const View& view : {replica, closed, unrecorded}) {
        EXPECT_FALSE(died(view).death->was_master);
        EXPECT_EQ(decided(died(view)), "exit");
    }
}

TEST(AfterDeath, ASentinelIsToldToOfAMasterThatWasHandingOver) {
    View view = master_with_replicas();
    view.redis.open = false;
    view.hand_over.emplace().asked_at = t0 - 1s;
    view.stop_requested_at = t0 - 1s;
    view = died(view);
    has(view, at_a, 500);
    has(view, at_c, 500);
    EXPECT_EQ(decided(view), request);
}

TEST(AfterDeath, NoSecondFailOverIsBegunBesideOneThatRuns) {
    View view = level();
    auto& opinion = view.sentinels.opinions[sentinel_3];
    opinion.failover_in_progress = true;
    opinion.fail_over = core::FailOver{at_b, 0, t0};
    opinion.time_to_fail_over = 10s;
    EXPECT_EQ(decided(view), "exit");
}

TEST(AfterDeath, ThereIsNobodyToTellWithoutReplicasOrSentinels) {
    View alone = master_with_replicas();
    alone.redis.replicas.clear();
    View unwatched = master_with_replicas();
    unwatched.sentinels.opinions.clear();
    View helpless = master_with_replicas();
    sentinels_name(helpless, at_b, false);
    View naming_another = master_with_replicas();
    sentinels_name(naming_another, at_a);
    for (const View& view : {alone, unwatched, helpless, naming_another})
        EXPECT_EQ(decided(died(view)), "exit");
}

// A sentinel knows offsets that may be ten seconds old.
TEST(AfterDeath, EachReplicaIsAskedWhatItHasSince) {
    View view = died(master_with_replicas());
    const auto actions = decide(view, t0);
    EXPECT_TRUE(asks(actions, at_a) && asks(actions, at_c));
    EXPECT_EQ(spoken_actions(actions), "wait: redis has ended; asking 10.0.0.3:6379 what it has");
    has(view, at_c, 500);
    has(view, at_a, 500).asked_at = t0 - 20ms;
    EXPECT_EQ(decided(view), "wait: redis has ended; asking 10.0.0.1:6379 what it has");
    view.probes[at_a].asked_until = view.probes[at_c].asked_until = t0 + 1s;
    EXPECT_EQ(decide(view, t0).size(), 1u) << "they are being asked";
}

TEST(AfterDeath, ReplicasThatHaveNotTheSameAreAskedAgainForASecond) {
    View view = level();
    view.probes[at_a].offset = 499;
    EXPECT_FALSE(asks(decide(view, t0 + 19ms), at_a)) << "in no loop";
    EXPECT_TRUE(asks(decide(view, t0 + 20ms), at_a));
    const auto actions = decide(view, t0 + 1s - 1ms);
    EXPECT_TRUE(asks(actions, at_a) && asks(actions, at_c));
    EXPECT_EQ(spoken_actions(actions),
              "wait: redis has ended; 10.0.0.3:6379 has not as much as another replica, or more");
    EXPECT_EQ(decided(view, t0 + 1s), "exit") << "the sentinels find out by themselves";
    view.probes[at_a].offset = 500;
    EXPECT_EQ(decided(view, t0 + 1s - 1ms), request);
}

TEST(AfterDeath, ReplicasThatCannotBeChosenAreLeftOutOfTheComparison) {
    View view = level();
    for (auto& [sentinel, opinion] : view.sentinels.opinions) opinion.candidates = {{at_c, false}};
    has(view, at_a, 100).priority = 0;
    EXPECT_EQ(decided(view), request);
    for (auto& [sentinel, opinion] : view.sentinels.opinions)
        opinion.candidates = {{at_a, false}, {at_c, false}};
    EXPECT_NE(decided(view), request) << "the sentinels have not heard of its priority";
    has(view, at_a, 100).answer = Probe::Answer::dead;
    EXPECT_EQ(decided(view), request);
    for (const auto answer : {Probe::Answer::silent, Probe::Answer::loading}) {
        has(view, at_a, 100).answer = answer;
        EXPECT_NE(decided(view), request) << "nobody knows what it has";
    }
    has(view, at_a, 100);
    EXPECT_NE(decided(view), request);
}

// With this node gone it may be the one that leads.
TEST(AfterDeath, AReplicaThatStepsBackIsComparedToo) {
    View view = level();
    for (auto& [sentinel, opinion] : view.sentinels.opinions) opinion.candidates = {{at_c, false}};
    registered(view, "a", at_a, Lineage{7, 99}, Role::replica);
    has(view, at_a, 501).priority = 0;
    EXPECT_EQ(decided(view), request);
    view.members.at("a").crashes_early = true;
    EXPECT_NE(decided(view), request);
    view.probes.at(at_a).offset = 500;
    EXPECT_EQ(decided(view), request);
}

TEST(AfterDeath, SentinelsAreAskedWhatTheyKnowNow) {
    View view = level();
    view.sentinels.as_of = t0 - 1ms;
    EXPECT_TRUE(has<AskSentinels>(decide(view, t0)));
    EXPECT_EQ(decided(view), "wait: redis has ended; asking the sentinels whom they may choose");
    view.sentinels.asked_until = t0 + 1s;
    EXPECT_FALSE(has<AskSentinels>(decide(view, t0))) << "they are being asked";
}

TEST(AfterDeath, OneSentinelIsToldAtATimeAndTheNextWhenItRefuses) {
    View view = level();
    observe_performed(view, RequestFailover{sentinel_1, {}}, t0);
    EXPECT_EQ(decided(view), "wait: redis has ended; a sentinel is being told");
    observe_failover_answer(view, sentinel_1, false);
    EXPECT_EQ(find<RequestFailover>(decide(view, t0))->sentinel, sentinel_2);
    observe_failover_answer(view, sentinel_2, false);
    observe_failover_answer(view, sentinel_3, false);
    EXPECT_EQ(decided(view), "exit");
}

TEST(AfterDeath, TheWrapperEndsWhenTheFailOverIsUnderWay) {
    View view = level();
    observe_performed(view, RequestFailover{sentinel_1, {}}, t0);
    observe_failover_answer(view, sentinel_1, true);
    EXPECT_EQ(decided(view), "exit");
    EXPECT_TRUE(view.death->refused_by.empty());
}

TEST(AfterDeath, ARequestFromBeforeIsNotWaitedFor) {
    View view = master_with_replicas();
    view.in_flight.failover_request = t0 + 3s;
    EXPECT_EQ(died(view).in_flight.failover_request, std::nullopt);
}

TEST(AfterDeath, TheWrapperEndsAtOnceWhenItIsAskedToStop) {
    View view = level();
    observe_stop(view, t0);
    EXPECT_EQ(decided(view), "exit");
}

TEST(AfterDeath, NothingIsLeftOfRedisButItsReplicas) {
    const View view = died(master_with_replicas());
    EXPECT_EQ(view.redis.role, Role::stopped);
    EXPECT_FALSE(view.redis.open);
    EXPECT_EQ(view.death->replicas, (std::vector{at_a, at_c}));
    EXPECT_TRUE(view.death->was_master);
    EXPECT_EQ(view.death->at, t0);
}

TEST(AfterDeath, TurnsFollowQuickly) { EXPECT_EQ(next_deadline(level(), t0), t0 + 20ms); }

TEST(AfterDeath, AHandOverThatWasUnderWayDoesNotGoOn) {
    View view = master_with_replicas();
    observe_hand_over_request(view, t0);
    EXPECT_EQ(decided(died(view)), "wait: redis has ended; asking 10.0.0.3:6379 what it has");
}

}  // namespace
}  // namespace redis_zk::redis_wrapper
