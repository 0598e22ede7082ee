// A planned change of the master, from the request to its end. Who asks for it, and what becomes of
// it when the node stops: hand_over_request_test.cc.
#include "redis-wrapper/core/hand_over.h"

#include <functional>

#include <gtest/gtest.h>

#include "redis-wrapper/core/decide.h"
#include "tests/unit/redis-wrapper/core/handing_over.h"

namespace redis_zk::redis_wrapper {
namespace {

TEST(ObstacleToHandOver, IsNothingForARecordedMasterWithAReplicaAndASentinel) {
    EXPECT_EQ(obstacle_to_hand_over(master_with_an_heir(), t0), std::nullopt);
}

TEST(ObstacleToHandOver, IsThatThisNodeIsNoRecordedMaster) {
    View replica = master_with_an_heir();
    replica.redis.role = Role::replica;
    View unrecorded = master_with_an_heir();
    unrecorded.record.written->run_id = "of another process";
    for (const View& view : {replica, unrecorded})
        EXPECT_EQ(obstacle_to_hand_over(view, t0), "it is no recorded master");
}

TEST(ObstacleToHandOver, IsThatThereAreNoSentinels) {
    View view = master_with_an_heir();
    view.sentinels.opinions.clear();
    EXPECT_EQ(obstacle_to_hand_over(view, t0),
              "no sentinel is registered that could promote a replica");
}

TEST(ObstacleToHandOver, IsThatNoReplicaThatMayBePromotedIsConnected) {
    View disconnected = master_with_an_heir();
    disconnected.redis.replicas.clear();
    View unregistered = master_with_an_heir();
    unregistered.members.erase("c");
    View of_no_priority = master_with_an_heir();
    of_no_priority.members["c"].priority = 0;
    View parked = master_with_an_heir();
    parked.members["c"].role = Role::parked;
    for (const View& view : {disconnected, unregistered, of_no_priority, parked})
        EXPECT_EQ(obstacle_to_hand_over(view, t0), "no replica that may be promoted is in sync");
}

TEST(ObstacleToHandOver, IsThatNoSentinelThatNamesThisMasterCouldFailOver) {
    View silent = master_with_an_heir();
    View helpless = master_with_an_heir();
    View naming_another = master_with_an_heir();
    for (auto& [sentinel, opinion] : silent.sentinels.opinions) opinion.answered = false;
    for (auto& [sentinel, opinion] : helpless.sentinels.opinions) opinion.can_act = false;
    for (auto& [sentinel, opinion] : naming_another.sentinels.opinions) opinion.master = at_a;
    for (View& view : {std::ref(silent), std::ref(helpless), std::ref(naming_another)})
        EXPECT_EQ(obstacle_to_hand_over(view, t0),
                  "no sentinel that names this master could fail over");
    helpless.sentinels.opinions[sentinel_2].failover_in_progress = true;
    EXPECT_EQ(obstacle_to_hand_over(helpless, t0), std::nullopt) << "one does it already";
}

TEST(HandOver, EndsAtOnceWhenThereIsAnObstacle) {
    View view = asked_to_hand_over();
    view.redis.replicas.clear();
    EXPECT_EQ(decided(view), "no hand-over: no replica that may be promoted is in sync");
    view.redis.replicas = {at_c};
    view.sentinels.opinions.clear();
    EXPECT_EQ(decided(view),
              "no hand-over: no sentinel is registered that could promote a replica");
}

// Nothing may be written after it was looked whether a replica has everything.
TEST(HandOver, LetsTheClientsWaitBeforeAnythingElse) {
    const auto actions = decide(asked_to_hand_over(), t0 + 1s);
    ASSERT_TRUE(has<Pause>(actions));
    EXPECT_EQ(actions.size(), 1u);
    EXPECT_EQ(find<Pause>(actions)->duration, 3s) << "HANDOVER_TIMEOUT and 1 s more, as of t0";
    EXPECT_EQ(
        spoken_actions(actions),
        "let the clients wait, because a replica shall get all that this master has, and take "
        "its place");
}

TEST(HandOver, WaitsForTheAnswerToEachCommand) {
    View view = asked_to_hand_over();
    view.in_flight.redis_command = t0 + 2s;
    EXPECT_EQ(decided(view), "wait: handing over");
    EXPECT_TRUE(has<Pause>(decide(view, t0 + 2s)));
}

TEST(HandOver, ComparesWithALookAtItsRedisThatIsNewerThanThePause) {
    View view = caught_up();
    view.redis.looked_at = view.hand_over->paused_at.value();
    EXPECT_EQ(decided(view), "wait: its clients wait");
    view.redis.looked_at += 1ms;
    EXPECT_TRUE(has<Close>(decide(view, soon)));
}

TEST(HandOver, AsksEachHeirWhatItHasSinceThePause) {
    View view = paused();
    const std::string reason = "wait: waiting until all is at 10.0.0.3:6379";
    const auto is_asked_again = [&] {
        const auto actions = decide(view, soon);
        EXPECT_EQ(spoken_actions(actions), reason);
        return has<AskNode>(actions) && find<AskNode>(actions)->node == at_c;
    };
    EXPECT_TRUE(is_asked_again()) << "it has not answered";
    has_all(view, at_c, t0 - 1ms);
    EXPECT_TRUE(is_asked_again()) << "the answer is from before the pause";
    has_all(view, at_c, t0).offset = 499;
    EXPECT_TRUE(is_asked_again()) << "it lacks a byte";
    has_all(view, at_c, t0).offset.reset();
    EXPECT_TRUE(is_asked_again()) << "it does not tell";
    view.probes[at_c].asked_until = soon + 1ms;
    EXPECT_FALSE(is_asked_again()) << "the question is under way";
    has_all(view, at_c, t0);
    EXPECT_TRUE(has<Close>(decide(view, soon)));
    view.probes[at_c].offset = 501;
    EXPECT_TRUE(has<Close>(decide(view, soon)));
}

TEST(HandOver, TakesTheSameOffsetInAnotherHistoryForNothing) {
    View of_another_history = caught_up();
    of_another_history.probes[at_c].replication_id = "another history";
    View of_another_cluster = caught_up();
    of_another_cluster.probes[at_c].same_cluster = false;
    for (const View& view : {of_another_history, of_another_cluster}) {
        EXPECT_FALSE(has<Close>(decide(view, soon)));
        EXPECT_TRUE(has<AskNode>(decide(view, soon)));
    }
}

// It cannot be known which of them a sentinel will choose.
TEST(HandOver, WaitsForEveryHeirThatMayBeChosen) {
    View view = caught_up();
    registered(view, "a", at_a, Lineage{7, 99}, Role::replica);
    EXPECT_EQ(decided(view), "wait: waiting until all is at 10.0.0.1:6379");
    answers(view, at_a, Probe::Answer::silent);
    view.probes[at_a].asked_at = t0;
    EXPECT_EQ(decided(view), "wait: waiting until all is at 10.0.0.1:6379")
        << "a sentinel may hear it";
    has_all(view, at_a, t0).offset = 499;
    view.probes.erase(at_c);
    EXPECT_EQ(decided(view), "wait: waiting until all is at 10.0.0.1:6379, 10.0.0.3:6379");
    const auto actions = decide(view, soon);
    EXPECT_EQ(actions.size(), 3u) << "both are asked";
    EXPECT_EQ(decided(view, t0 + 3s),
              "no hand-over: no replica has taken over in time (HANDOVER_TIMEOUT)");
}

TEST(HandOver, WaitsForNobodyWhoCannotBeChosen) {
    View view = caught_up();
    registered(view, "a", at_a, {}, Role::replica).priority = 0;
    EXPECT_TRUE(has<Close>(decide(view, soon))) << "its entry says so";
    view.members["a"].priority = 100;
    has_all(view, at_a, t0).offset = 0;
    view.probes[at_a].priority = 0;
    EXPECT_TRUE(has<Close>(decide(view, soon))) << "it says so itself";
    answers(view, at_a, Probe::Answer::dead);
    EXPECT_TRUE(has<Close>(decide(view, soon))) << "nobody listens there";
    for (const Role role : {Role::parked, Role::loading, Role::stopped, Role::master}) {
        view.members["a"].role = role;
        view.probes.erase(at_a);
        EXPECT_TRUE(has<Close>(decide(view, soon))) << "it is no replica";
    }
}

TEST(HandOver, ClosesTheMasterWhenAllIsThere) {
    EXPECT_EQ(decided(caught_up()), "fence, because all that it has is at its replicas");
}

// A pause ends by itself, and a script that was running when it began goes on writing.
TEST(HandOver, ComparesOnceMoreWhenTheMasterIsClosed) {
    View view = closed();
    view.redis.offset += 1;
    EXPECT_EQ(decided(view), "wait: waiting until all is at 10.0.0.3:6379");
    EXPECT_FALSE(has<RequestFailover>(decide(view, soon)));
    view.probes[at_c].offset = view.redis.offset;
    EXPECT_TRUE(has<RequestFailover>(decide(view, soon)));
}

TEST(HandOver, AsksASentinelForAFailOverAndEverybodyWhoIsMaster) {
    View view = closed();
    registered(view, "a", at_a, {});
    const auto actions = decide(view, soon);
    EXPECT_EQ(spoken_actions(actions),
              "ask sentinel 10.0.1.1:26379 for a fail-over, because this master hands over\n"
              "wait: waiting until a sentinel has promoted a replica");
    EXPECT_EQ(actions.size(), 4u) << "a and c are asked";
    view.in_flight.failover_request = soon + 1ms;
    EXPECT_EQ(decided(view), "wait: waiting until a sentinel has promoted a replica");
    EXPECT_TRUE(has<AskNode>(decide(view, soon)));
    EXPECT_TRUE(has<RequestFailover>(decide(view, soon + 1ms)));
}

TEST(HandOver, AsksTheNextSentinelThatIsWillingWhenOneRefuses) {
    View view = failover_requested();
    observe_failover_answer(view, sentinel_1, false);
    EXPECT_EQ(requested_of(view), sentinel_2);
    view.sentinels.opinions[sentinel_2].can_act = false;
    EXPECT_EQ(requested_of(view), sentinel_3);
    observe_failover_answer(view, sentinel_3, false);
    EXPECT_EQ(decided(view), "no hand-over: no sentinel that names this master could fail over");
}

TEST(HandOver, AsksNobodyElseWhenTheFailOverIsUnderWay) {
    View view = failover_requested();
    observe_failover_answer(view, sentinel_1, true);
    EXPECT_EQ(requested_of(view), std::nullopt);
    EXPECT_TRUE(view.hand_over->refused_by.empty());
}

// The sentinel makes a replica of this node, the others forget it, the successor leaves it.
TEST(HandOver, FindsNoObstacleAnyMoreWhenASentinelWasAsked) {
    View view = failover_requested();
    view.redis.role = Role::replica;
    view.redis.replicas.clear();
    view.sentinels.opinions.clear();
    EXPECT_EQ(decided(view), "wait: waiting until a sentinel has promoted a replica");
}

// What they say now says nothing of what they had when it was decided to ask.
TEST(HandOver, LooksForItsSuccessorWhateverBecomesOfTheOthersMeanwhile) {
    View view = failover_requested();
    registered(view, "a", at_a, {}, Role::replica);
    answers(view, at_a, Probe::Answer::silent);
    view.probes[at_a].asked_until = t0 + 1min;
    const auto actions = decide(view, soon);
    ASSERT_TRUE(has<AskNode>(actions));
    EXPECT_EQ(find<AskNode>(actions)->node, at_c);
    EXPECT_EQ(decided(view), "wait: waiting until a sentinel has promoted a replica");
}

TEST(HandOver, GivesUpAfterItsTime) {
    for (const View& view : {paused(), caught_up(), closed()}) {
        EXPECT_FALSE(has<EndHandOver>(decide(view, t0 + 3s - 1ms)));
        EXPECT_EQ(decided(view, t0 + 3s),
                  "no hand-over: no replica has taken over in time (HANDOVER_TIMEOUT)");
    }
}

// A sentinel that was asked at the last moment promotes somebody a little later.
TEST(HandOver, IsNotGivenUpWhileASentinelMayPromoteItsSuccessor) {
    View view = closed();
    observe_performed(view, RequestFailover{sentinel_1, {}}, t0 + 3s - 1ms);
    EXPECT_FALSE(has<EndHandOver>(decide(view, t0 + 4s - 1ms)));
    EXPECT_TRUE(has<EndHandOver>(decide(view, t0 + 4s)));
    EXPECT_TRUE(core::are_outdated(view.sentinels)) << "what they said before opens nobody";
}

// A pause keeps the PING of the sentinels away, too.
TEST(HandOver, IsGivenUpBeforeTheSentinelsTakeAPausedMasterForDead) {
    View view = paused();
    for (auto& [sentinel, opinion] : view.sentinels.opinions) opinion.down_after = 2s;
    for (auto& [sentinel, opinion] : view.sentinels.opinions) opinion.contact_at = t0 + 1s;
    EXPECT_FALSE(has<EndHandOver>(decide(view, t0 + 1s - 1ms)));
    EXPECT_TRUE(has<EndHandOver>(decide(view, t0 + 1s)));
    view.redis.open = false;
    EXPECT_FALSE(has<EndHandOver>(decide(view, t0 + 1s))) << "a sentinel is being asked";
}

TEST(HandOver, IsBegunByNobodyWhoCannot) {
    EXPECT_EQ(obstacle_to_begin_a_hand_over(master_with_an_heir(), t0), std::nullopt);
    View off = master_with_an_heir();
    off.hand_over_timeout = 0ms;
    View stopping = master_with_an_heir();
    observe_stop(stopping, t0);
    View without_writes = master_with_an_heir();
    without_writes.redis.open = false;
    for (const View& view : {off, stopping, asked_to_hand_over(), without_writes})
        EXPECT_NE(obstacle_to_begin_a_hand_over(view, t0), std::nullopt);
}

TEST(HandOver, KnowsItsSuccessorByAnAnswerSinceThePause) {
    View view = failover_requested();
    has_taken_over(view, at_c).asked_at = t0 - 1ms;
    EXPECT_FALSE(has<Park>(decide(view, soon)));
    view.probes[at_c].asked_at = t0;
    EXPECT_EQ(decided(view), "park, because 10.0.0.3:6379 has taken over");
    view.probes[at_c].same_cluster = false;
    EXPECT_FALSE(has<Park>(decide(view, soon))) << "a stranger at its address";
    has_all(view, at_c, t0);
    EXPECT_FALSE(has<Park>(decide(view, soon))) << "it is a replica still";
    has_taken_over(view, at_b);
    registered(view, "b", at_b, {}, Role::master);
    EXPECT_FALSE(has<Park>(decide(view, soon))) << "it is this node";
}

TEST(HandOver, KnowsItsSuccessorByTheHistoryFromWhichItHasGoneOn) {
    View view = failover_requested();
    has_taken_over(view, at_c).former_offset = 499;
    EXPECT_FALSE(has<Park>(decide(view, soon))) << "it was promoted before, by somebody else";
    view.probes[at_c].former_offset.reset();
    EXPECT_FALSE(has<Park>(decide(view, soon)));
    has_taken_over(view, at_c).former_replication_id = "of another";
    EXPECT_FALSE(has<Park>(decide(view, soon)));
    has_taken_over(view, at_c).former_offset = 514;
    EXPECT_TRUE(has<Park>(decide(view, soon))) << "a PING more";
}

TEST(HandOver, IsDoneWhenTheRecordNamesTheSuccessor) {
    View view = stepped_down();
    recorded(view, 8, "c", at_c);
    EXPECT_EQ(decided(view), "handed over: 10.0.0.3:6379 is master, and recorded");
    view.record.named = at_b;
    EXPECT_FALSE(has<EndHandOver>(decide(view, soon))) << "one half of the record";
    recorded(view, 8, "c", at_c);
    view.record.written->master = at_b;
    EXPECT_FALSE(has<EndHandOver>(decide(view, soon))) << "the other half";
    recorded(view, 8, "a", at_a);
    EXPECT_FALSE(has<EndHandOver>(decide(view, soon)));
}

// A sentinel that was left behind names this node in an epoch that is no smaller than all that are
// known, and must not take the record back with it.
TEST(HandOver, RecordsAnEpochThatIsLargerThanThoseInWhichThisNodeIsNamed) {
    View view = stepped_down();
    view.sentinels.opinions[sentinel_1].config_epoch = 5;
    const TimePoint due = *view.hand_over->stepped_down_at + 100ms;
    EXPECT_EQ(find<Publish>(decide(view, due))->record.config_epoch, 6u);
    view.sentinels.opinions[sentinel_2].master = at_c;
    view.sentinels.opinions[sentinel_2].config_epoch = 7;
    EXPECT_EQ(find<Publish>(decide(view, due))->record.config_epoch, 7u) << "a sentinel tells it";
}

TEST(HandOver, WritesTheRecordItselfWhenNobodyHasDoneSoInTime) {
    View view = stepped_down();
    const TimePoint due = *view.hand_over->stepped_down_at + 100ms;
    EXPECT_EQ(decided(view, due - 1ms), "wait: the record shall name 10.0.0.3:6379");
    EXPECT_EQ(
        decided(view, due),
        "publish 10.0.0.3:6379 as master of term 8, because its master has handed over to it");
    view.in_flight.publication = due + 1ms;
    EXPECT_EQ(decided(view, due), "wait: the record shall name 10.0.0.3:6379");
    view.in_flight.publication.reset();
    observe_published(view, true, 0, due);
    EXPECT_FALSE(has<Publish>(decide(view, due))) << "ZooKeeper has just refused it";
    EXPECT_TRUE(has<Publish>(decide(view, due + 300ms)));
    view.hand_over->stepped_down_at.reset();
    EXPECT_FALSE(has<Publish>(decide(view, due + 300ms)));
}

TEST(HandOver, WritesWhoseProcessAndHistoryTheSuccessorIs) {
    View view = stepped_down();
    view.probes[at_c].run_id = "run of c";
    view.probes[at_c].replication_id = "history of c";
    view.sentinels.opinions[sentinel_2].config_epoch = 5;
    const auto publish = published(view);
    ASSERT_TRUE(publish);
    EXPECT_EQ(publish->record,
              (core::Record{8, at_c, "c1", "c", "run of c", "history of c", "redis-wrapper b",
                            "its master has handed over to it", 6}));
    EXPECT_EQ(publish->change, (core::Change{Lineage{7, 99}, Lineage{7, 99}, {}, {}}));
    EXPECT_EQ(publish->change.lost_bytes(), 0);
}

TEST(HandOver, WritesNothingOfASuccessorThatIsNotRegisteredAnyMore) {
    View view = stepped_down();
    registered(view, "c", {"10.9.0.3", 6379}, {}, Role::master);
    is_master(view, {"10.9.0.3", 6379});
    EXPECT_EQ(published(view), std::nullopt);
}

TEST(HandOver, LeavesTheRecordToOthersWhenZooKeeperIsAway) {
    View view = stepped_down();
    view.zookeeper_connected = false;
    EXPECT_EQ(decided(view), "handed over: 10.0.0.3:6379 is master; ZooKeeper cannot be told now");
}

// It cannot be taken back any more.
TEST(HandOver, GivesTheRecordASecondMoreThanItsTime) {
    View view = stepped_down();
    view.in_flight.publication = t0 + 1min;
    EXPECT_EQ(decided(view, t0 + 4s - 1ms), "wait: the record shall name 10.0.0.3:6379");
    EXPECT_EQ(decided(view, t0 + 4s), "handed over: 10.0.0.3:6379 is master, and not recorded yet");
}

}  // namespace
}  // namespace redis_zk::redis_wrapper
