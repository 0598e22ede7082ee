// Behaviour 5: the own sentinel in line with what can be proven.
#include <gtest/gtest.h>

#include "sentinel-wrapper/core/decide.h"
#include "tests/unit/sentinel-wrapper/core/views.h"

namespace redis_zk::sentinel_wrapper {
namespace {

TEST(FollowTheTruth, DoesNothingWhileAllIsWell) { EXPECT_EQ(deeds(decide(monitoring(), t0)), ""); }

TEST(FollowTheTruth, MonitorsTheRecordedMasterWhenItsOwnIsDeadAndCannotBeReplaced) {
    const auto monitor = the<Monitor>(decide(left_behind(), t0));
    ASSERT_TRUE(monitor);
    EXPECT_EQ(monitor->master, at_b);
    EXPECT_EQ(monitor->quorum, 2);
}

// Without news it would forget whom it knows, and be dragged back by the first of them.
TEST(FollowTheTruth, TellsItsSentinelOfTheMasterInALargerEpochThanAnybodyHas) {
    View view = left_behind();
    view.sentinel.monitored->config_epoch = 3;
    EXPECT_EQ(the<Monitor>(decide(view, t0))->news->epoch, 4);
    view.registered_sentinels.opinions[sentinel_2].config_epoch = 7;
    const auto monitor = the<Monitor>(decide(view, t0));
    EXPECT_EQ(monitor->news->epoch, 8);
    EXPECT_EQ(monitor->news->id, "id2");
    EXPECT_EQ(monitor->news->sentinel, sentinel_2);
    view.sentinel.others.erase("id2");
    EXPECT_EQ(the<Monitor>(decide(view, t0))->news->id, "id3");
}

TEST(FollowTheTruth, TellsNoNewsInTheNameOfASentinelThatHasLeftOrIsForeign) {
    View view = left_behind();
    view.sentinel.others["id2"].address.port = 0;
    view.sentinel.others["id3"].foreign_since = t0;
    const auto monitor = the<Monitor>(decide(view, t0));
    ASSERT_TRUE(monitor);
    EXPECT_FALSE(monitor->news);
}

// It may be a name that the sentinel cannot look up. Each order takes an epoch and a line in the
// log.
TEST(FollowTheTruth, RepeatsAnOrderThatIsNotObeyedAfterGrowingPauses) {
    View view = left_behind();
    view.order = Order{at_b, t0 - 5s + 1ms, 1};
    EXPECT_FALSE(the<Monitor>(decide(view, t0)));
    EXPECT_EQ(reason_to_wait(decide(view, t0)),
              "the sentinel was told to monitor 10.0.0.2:6379 and has not obeyed yet");
    EXPECT_TRUE(the<Monitor>(decide(view, t0 + 1ms)));
    for (const auto& [times, pause] :
         {std::pair{2, 10s}, {3, 20s}, {5, 80s}, {6, 80s}, {99, 80s}}) {
        view.order = Order{at_b, t0 - pause + 1ms, times};
        EXPECT_FALSE(the<Monitor>(decide(view, t0))) << times;
        EXPECT_TRUE(the<Monitor>(decide(view, t0 + 1ms))) << times;
    }
    view.order->master = at_a;
    EXPECT_TRUE(the<Monitor>(decide(view, t0)));
}

TEST(FollowTheTruth, LeavesAMasterThatMostSentinelsReachAlthoughItDoesNot) {
    View view = left_behind();
    for (const Endpoint& sentinel : {sentinel_2, sentinel_3})
        view.registered_sentinels.opinions[sentinel].master_is_up = true;
    EXPECT_FALSE(the<Monitor>(decide(view, t0)));
    EXPECT_NE(reason_to_wait(decide(view, t0)).find("which most sentinels reach"),
              std::string::npos);
    view.registered_sentinels.opinions[sentinel_3].master_is_up = false;
    EXPECT_TRUE(the<Monitor>(decide(view, t0)));
}

TEST(FollowTheTruth, MonitorsNobodyWithoutAProof) {
    View view = left_behind();
    view.probes[at_b].same_cluster = false;
    EXPECT_FALSE(the<Monitor>(decide(view, t0)));
}

TEST(FollowTheTruth, LeavesTimeToHearOfAFailover) {
    View view = left_behind();
    view.verified_since = t0 - 4999ms;
    EXPECT_FALSE(the<Monitor>(decide(view, t0)));
    EXPECT_TRUE(the<Monitor>(decide(view, t0 + 1ms)));
    view.verified_since = t0 - 1h;
    view.calm_since = t0 - 4999ms;
    EXPECT_FALSE(the<Monitor>(decide(view, t0)));
    EXPECT_TRUE(the<Monitor>(decide(view, t0 + 1ms)));
}

TEST(FollowTheTruth, LeavesFailoverTimeoutToASentinelThatCanReplaceItsMaster) {
    View view = left_behind();
    view.sentinel.has_quorum = true;
    view.verified_since = t0 - 9999ms;
    EXPECT_FALSE(the<Monitor>(decide(view, t0)));
    EXPECT_TRUE(the<Monitor>(decide(view, t0 + 1ms)));
    view.verified_since = t0 - 6s;
    for (auto& [replica, known] : view.sentinel.replicas) known.down = true;
    EXPECT_TRUE(the<Monitor>(decide(view, t0)));
}

TEST(FollowTheTruth, LeavesAMasterThatIsAReplicaAlthoughItHasItsQuorum) {
    View view = left_behind();
    view.sentinel.has_quorum = true;
    is_replica(view, at_a, at_b);
    EXPECT_TRUE(the<Monitor>(decide(view, t0)));
}

TEST(FollowTheTruth, NeverInterferesWithAFailoverOfItsOwnOrOfOthers) {
    View view = left_behind();
    view.calm_since.reset();
    EXPECT_FALSE(the<Monitor>(decide(view, t0)));
    EXPECT_NE(reason_to_wait(decide(view, t0)).find("a fail-over runs"), std::string::npos);
}

// Sentinel keeps to it for as long as the promoted node is down.
View stuck(View view) {
    view.sentinel.monitored->failover_in_progress = true;
    view.sentinel.monitored->time_to_fail_over = 23s;
    view.sentinel.fail_over = core::FailOver{view.sentinel.monitored->master,
                                             view.sentinel.monitored->config_epoch, t0 - 1min};
    return view;
}

// It could not, although it has a quorum: so it is not given failover-timeout to begin another one.
TEST(FollowTheTruth, TurnsASentinelWhoseFailoverDoesNotEnd) {
    View view = stuck(left_behind());
    view.sentinel.has_quorum = true;
    const auto monitor = the<Monitor>(decide(view, t0));
    ASSERT_TRUE(monitor && monitor->news);
    EXPECT_FALSE(monitor->afresh);
    view.sentinel.fail_over->since = t0 - 23s + 1ms;
    view.calm_since.reset();
    EXPECT_FALSE(the<Monitor>(decide(view, t0)));
}

// News of the master that it watches would change nothing, and it names the other one to clients.
TEST(FollowTheTruth, MonitorsItsOwnMasterAfreshWhenItsFailoverDoesNotEnd) {
    View view = stuck(monitoring());
    view.registered_sentinels.opinions[sentinel_2].config_epoch = 7;
    const auto monitor = the<Monitor>(decide(view, t0));
    ASSERT_TRUE(monitor && monitor->news);
    EXPECT_EQ(monitor->master, at_a);
    EXPECT_TRUE(monitor->afresh);
    EXPECT_EQ(monitor->news->epoch, 8);
    EXPECT_EQ(deeds(decide(monitoring(), t0)), "");
}

// Nobody may be able to tell it the address of its name.
TEST(FollowTheTruth, RepeatsTheOrderToEndAFailoverAtGrowingIntervals) {
    View view = stuck(monitoring());
    view.order = Order{at_a, t0, 1};
    EXPECT_EQ(reason_to_wait(decide(view, t0)),
              "the sentinel was told to monitor 10.0.0.1:6379 and has not obeyed yet");
    EXPECT_FALSE(the<Monitor>(decide(view, t0 + 5s - 1ms)));
    is_master(view, at_a);
    view.probes[at_a].answered_at = t0 + 5s;
    view.registered_sentinels.asked_at = t0 + 5s;
    EXPECT_TRUE(the<Monitor>(decide(view, t0 + 5s)));
    view.order->times = 2;
    EXPECT_FALSE(the<Monitor>(decide(view, t0 + 5s)));
}

TEST(FollowTheTruth, GivesASentinelTimeToEndItsFailoverAndToHearOfAnotherMaster) {
    View view = stuck(monitoring());
    view.sentinel.fail_over->since = t0 - 23s + 1ms;
    EXPECT_FALSE(the<Monitor>(decide(view, t0)));
    EXPECT_TRUE(the<Monitor>(decide(view, t0 + 1ms)));
    view.calm_since = t0 - 5s + 2ms;
    EXPECT_FALSE(the<Monitor>(decide(view, t0 + 1ms)));
    EXPECT_TRUE(the<Monitor>(decide(view, t0 + 2ms)));
    view.calm_since.reset();
    EXPECT_FALSE(the<Monitor>(decide(view, t0 + 2ms)));
    view = stuck(monitoring());
    is_dead(view, at_a);
    EXPECT_FALSE(the<Monitor>(decide(view, t0)));
}

TEST(FollowTheTruth, NeverTakesALivingMasterAway) {
    View view = left_behind();
    is_master(view, at_a);
    view.registered_sentinels.opinions.clear();
    EXPECT_FALSE(the<Monitor>(decide(view, t0)));
}

TEST(FollowTheTruth, NeverGoesAgainstAMajorityThatAgreesOnALivingMaster) {
    View view = left_behind();
    is_master(view, at_c);
    opinion(view, sentinel_2, at_c);
    opinion(view, sentinel_3, at_c);
    const auto monitor = the<Monitor>(decide(view, t0));
    ASSERT_TRUE(monitor);
    EXPECT_EQ(monitor->master, at_c);
}

// We may be the only ones that do not reach it; what we tell our sentinel the others believe.
TEST(FollowTheTruth, NeverGoesAgainstAMajorityWhoseMasterIsSilentToUsAlone) {
    for (const auto& answer : {Probe::Answer::silent, Probe::Answer::dead}) {
        View view = left_behind();
        answers(view, at_c, answer);
        for (const Endpoint& sentinel : {sentinel_2, sentinel_3}) {
            opinion(view, sentinel, at_c);
            view.registered_sentinels.opinions[sentinel].master_is_up = true;
        }
        EXPECT_FALSE(the<Monitor>(decide(view, t0)));
        EXPECT_EQ(reason_to_wait(decide(view, t0)),
                  "10.0.0.2:6379 is master, the sentinel holds on to 10.0.0.1:6379, and the "
                  "sentinels name 10.0.0.3:6379, which most sentinels reach");
        view.registered_sentinels.opinions[sentinel_3].master_is_up = false;
        EXPECT_EQ(the<Monitor>(decide(view, t0))->master, at_b);
        view.registered_sentinels.opinions[sentinel_3].master_is_up = true;
        is_replica(view, at_c, at_b);
        EXPECT_EQ(the<Monitor>(decide(view, t0))->master, at_b) << "it says itself that it is none";
    }
}

// Who leads a fail-over says of the former master that it is up.
TEST(FollowTheTruth, TakesNoPromotedNodeThatIsGoneForOneThatMostReach) {
    View view = left_behind();
    is_dead(view, at_c);
    for (const Endpoint& sentinel : {sentinel_2, sentinel_3}) {
        opinion(view, sentinel, at_c);
        Opinion& one = view.registered_sentinels.opinions[sentinel];
        one.watched = at_b;
        one.master_is_up = true;
    }
    EXPECT_EQ(the<Monitor>(decide(view, t0))->master, at_b);
}

TEST(FollowTheTruth, EndsNoFailoverAgainstAMajorityWhoseMasterIsSilentToUsAlone) {
    View view = stuck(monitoring());
    answers(view, at_c, Probe::Answer::silent);
    for (const Endpoint& sentinel : {sentinel_2, sentinel_3}) {
        opinion(view, sentinel, at_c);
        view.registered_sentinels.opinions[sentinel].master_is_up = true;
    }
    EXPECT_FALSE(the<Monitor>(decide(view, t0)));
    EXPECT_NE(reason_to_wait(decide(view, t0)).find("which most of them reach"), std::string::npos);
    view.registered_sentinels.opinions[sentinel_3].master_is_up = false;
    EXPECT_TRUE(the<Monitor>(decide(view, t0)));
}

TEST(FollowTheTruth, WaitsUntilTheRecordNamesTheMaster) {
    View view = left_behind();
    recorded(view, 1, at_c);
    EXPECT_FALSE(the<Monitor>(decide(view, t0)));
    EXPECT_NE(reason_to_wait(decide(view, t0)).find("the record is about to name"),
              std::string::npos);
}

TEST(FollowTheTruth, JudgesAMasterOnlyByAnswersSinceItIsMonitored) {
    View view = left_behind();
    view.sentinel.monitored_since = t0;
    EXPECT_FALSE(the<Monitor>(decide(view, t0)));
    view.sentinel.monitored_since = t0 - 1ms;
    EXPECT_TRUE(the<Monitor>(decide(view, t0)));
    view.probes[at_a].answered_at = t0 - 1ms;
    EXPECT_FALSE(the<Monitor>(decide(view, t0)));
    view.probes[at_a].answered_at = t0;
    view.probes[at_b].answered_at = t0 - 1ms;
    EXPECT_FALSE(the<Monitor>(decide(view, t0)));
}

TEST(FollowTheTruth, ChangesNothingWithoutZooKeeper) {
    View view = left_behind();
    view.informed_since.reset();
    view.zookeeper_connected = false;
    EXPECT_EQ(reason_to_wait(decide(view, t0)), "ZooKeeper is unreachable; the sentinel goes on");
}

TEST(FollowTheTruth, SaysNothingToASentinelThatIsBeingTold) {
    View view = left_behind();
    view.in_flight.sentinel_command = t0 + 1ms;
    EXPECT_EQ(deeds(decide(view, t0)), "");
    EXPECT_TRUE(the<Monitor>(decide(view, t0 + 1ms)));
}

TEST(FollowTheTruth, SetsTheQuorumOnlyForMajority) {
    View view = monitoring();
    view.registered_sentinels.opinions.erase(sentinel_2);
    view.registered_sentinels.opinions.erase(sentinel_3);
    view.sentinel.monitored->quorum = 3;  // by hand
    EXPECT_FALSE(the<SetQuorum>(decide(view, t0)));
    view.self.quorum.reset();
    EXPECT_EQ(the<SetQuorum>(decide(view, t0))->quorum, 2);
}

TEST(Strangers, OfTheMastersAddressAreLeftForAnotherMaster) {
    View view = left_behind();
    view.sentinel.has_quorum = true;
    view.verified_since = t0;
    becomes_stranger(view, at_a, Probe::Answer::master);
    EXPECT_EQ(the<Monitor>(decide(view, t0))->master, at_b);
}

// The others of ours have the epoch of the last fail-over, and would drag back who has none. But
// those of another cluster, who hear what it says through the stranger, must not follow.
TEST(Strangers, OfTheMastersAddressAreForgottenBeforeTheNewsOfAnotherMaster) {
    View view = left_behind();
    becomes_stranger(view, at_a, Probe::Answer::master);
    view.sentinel.others["id2"].foreign_since = t0;
    view.registered_sentinels.opinions[sentinel_3].config_epoch = 7;
    const auto monitor = the<Monitor>(decide(view, t0));
    ASSERT_TRUE(monitor && monitor->news);
    EXPECT_TRUE(monitor->afresh);
    EXPECT_EQ(monitor->news->epoch, 8);
    EXPECT_EQ(monitor->news->id, "id3");
    EXPECT_FALSE(the<Monitor>(decide(left_behind(), t0))->afresh);
}

TEST(Strangers, OfTheMastersAddressAreLeftForNobodyWhenTheOrderToTurnToAnotherIsNotObeyed) {
    View view = left_behind();
    becomes_stranger(view, at_a, Probe::Answer::master);
    view.order = Order{at_b, t0 - 1ms, 1};
    const auto stop = the<StopMonitoring>(decide(view, t0));
    ASSERT_TRUE(stop);
    EXPECT_EQ(stop->reason,
              "its master 10.0.0.1:6379 belongs to another cluster; it does not turn to "
              "10.0.0.2:6379");
}

TEST(Strangers, OfTheMastersAddressAreLeftEvenForNobodyAndWithoutZooKeeper) {
    View view = monitoring();
    becomes_stranger(view, at_a, Probe::Answer::master);
    EXPECT_TRUE(the<StopMonitoring>(decide(view, t0)));
    view.informed_since.reset();
    view.zookeeper_connected = false;
    EXPECT_TRUE(the<StopMonitoring>(decide(view, t0)));
}

TEST(Strangers, AreLeftAtTheEndOfAFailover) {
    View view = monitoring();
    becomes_stranger(view, at_a, Probe::Answer::master);
    view.registered_sentinels.opinions[sentinel_2].failover_in_progress = true;
    EXPECT_FALSE(the<StopMonitoring>(decide(view, t0)));
}

TEST(Strangers, AmongTheReplicasAreForgottenWhileTheMasterIsUp) {
    View view = monitoring();
    becomes_stranger(view, at_c, Probe::Answer::master);
    EXPECT_TRUE(the<Reset>(decide(view, t0)));
    view.reset_at = t0 - 4999ms;
    EXPECT_FALSE(the<Reset>(decide(view, t0)));
    view.reset_at = t0 - 5s;
    EXPECT_TRUE(the<Reset>(decide(view, t0)));
}

TEST(Strangers, AmongTheReplicasOfADeadMasterEndTheMonitoring) {
    View view = monitoring();
    becomes_stranger(view, at_c, Probe::Answer::replica, Endpoint{"10.9.0.1", 6379});
    is_dead(view, at_a);
    const auto actions = decide(view, t0);
    EXPECT_FALSE(the<Reset>(actions));
    EXPECT_TRUE(the<StopMonitoring>(actions));
}

TEST(Strangers, AmongTheReplicasEndNothingWhileAnswersAreMissing) {
    View view = monitoring();
    becomes_stranger(view, at_c, Probe::Answer::master);
    view.probes.erase(at_a);
    EXPECT_FALSE(the<StopMonitoring>(decide(view, t0)));
    EXPECT_FALSE(the<Reset>(decide(view, t0)));
}

TEST(Strangers, AmongTheReplicasAreKeptUntilItIsKnownWhomTheOtherSentinelsName) {
    View view = monitoring();
    becomes_stranger(view, at_c, Probe::Answer::master);
    view.registered_sentinels.outdated_at = t0;
    EXPECT_FALSE(the<Reset>(decide(view, t0)));
}

TEST(Strangers, WhoMonitorsNobodyLeavesTheListAndThenMonitorsTheNodesChoice) {
    View view = monitoring();
    view.sentinel.monitored.reset();
    EXPECT_TRUE(the<Deregister>(decide(view, t0)));
    view.registered = false;
    EXPECT_EQ(the<Monitor>(decide(view, t0))->master, at_a);
    is_dead(view, at_a);
    EXPECT_FALSE(the<Monitor>(decide(view, t0)));
    view.lock = Lock::held;
    EXPECT_TRUE(the<ReleaseLock>(decide(view, t0)));
}

}  // namespace
}  // namespace redis_zk::sentinel_wrapper
