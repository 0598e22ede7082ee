#include "sentinel-wrapper/core/observe.h"

#include <gtest/gtest.h>

#include "common/core/inquiry.h"
#include "tests/unit/sentinel-wrapper/core/views.h"

namespace redis_zk::sentinel_wrapper {
namespace {

SentinelLook look_at(const View& view) {
    SentinelLook look;
    look.monitored = view.sentinel.monitored;
    for (const auto& [address, known] : view.sentinel.replicas) look.replicas.push_back({address});
    for (const auto& [id, known] : view.sentinel.others) look.others.push_back({id, known.address});
    return look;
}

TEST(Observe, CountsAbsenceFromTheFirstTimeAndOnlyWhileZooKeeperCanBeRead) {
    View view = monitoring();
    view.members.erase("c");
    observe_time(view, t0);
    observe_time(view, t0 + 5s);
    EXPECT_EQ(view.sentinel.replicas[at_c].absent_since, t0);
    EXPECT_FALSE(view.sentinel.replicas[at_b].absent_since);
    view.zookeeper_connected = false;
    observe_time(view, t0 + 6s);
    EXPECT_FALSE(view.sentinel.replicas[at_c].absent_since);
    view.zookeeper_connected = true;
    observe_time(view, t0 + 7s);
    EXPECT_EQ(view.sentinel.replicas[at_c].absent_since, t0 + 7s);
}

TEST(Observe, KeepsTheTimeOfAbsenceFromLookToLook) {
    View view = monitoring();
    view.members.erase("c");
    observe_time(view, t0);
    observe_sentinel(view, look_at(view), t0 + 1s);
    EXPECT_EQ(view.sentinel.replicas[at_c].absent_since, t0);
    SentinelLook without = look_at(view);
    without.replicas.clear();
    observe_sentinel(view, without, t0 + 2s);
    EXPECT_TRUE(view.sentinel.replicas.empty());
}

TEST(Observe, ASentinelThatMovedIsAbsentAnew) {
    View view = monitoring();
    view.sentinel.others["id2"].absent_since = t0 - 1min;
    SentinelLook look = look_at(view);
    for (auto& other : look.others)
        if (other.id == "id2") other.address = sentinel_3;
    observe_sentinel(view, look, t0);
    EXPECT_EQ(view.sentinel.others["id2"].address, sentinel_3);
    EXPECT_FALSE(view.sentinel.others["id2"].absent_since);
}

TEST(Observe, ASentinelIsForeignWhenNeitherItsIdNorItsAddressIsOurs) {
    View view = monitoring();
    view.sentinel.others["foreign"].address = {"10.9.0.5", 26379};
    view.registered_sentinels.opinions.erase(sentinel_3);
    observe_time(view, t0);
    EXPECT_EQ(view.sentinel.others["foreign"].foreign_since, t0);
    EXPECT_EQ(view.sentinel.others["id3"].absent_since, t0);
    EXPECT_FALSE(view.sentinel.others["id3"].foreign_since);
    view.ids.erase("id2");
    observe_time(view, t0);
    EXPECT_FALSE(view.sentinel.others["id2"].foreign_since);  // registered
}

TEST(Observe, ASentinelIsForeignToItself) {
    View view = monitoring();
    view.sentinel.others[view.identity.id].address = sentinel_3;
    view.sentinel.others["id2"].address = view.self.address;
    observe_time(view, t0);
    EXPECT_EQ(view.sentinel.others[view.identity.id].foreign_since, t0) << "its own id";
    EXPECT_EQ(view.sentinel.others["id2"].foreign_since, t0) << "a former life at its address";
    EXPECT_FALSE(view.sentinel.others["id3"].foreign_since);
}

// As when ZooKeeper came back without its data.
TEST(Observe, ASentinelWhoseIdHasVanishedFromThePoolIsNotForeign) {
    View view = monitoring();
    observe_time(view, t0);
    view.ids.erase("id3");
    view.registered_sentinels.opinions.erase(sentinel_3);
    observe_time(view, t0 + 1s);
    EXPECT_EQ(view.sentinel.others["id3"].absent_since, t0 + 1s);
    EXPECT_FALSE(view.sentinel.others["id3"].foreign_since);
}

TEST(Observe, AStrangerTakesPartInSomethingAndProvesNothing) {
    View view = monitoring();
    Probe answer;
    answer.answer = Probe::Answer::replica;
    observe_probe(view, at_c, answer, t0);
    EXPECT_FALSE(view.strangers.contains(at_c));  // parked
    answer.following = at_b;
    observe_probe(view, at_c, answer, t0);
    observe_probe(view, at_c, answer, t0 + 1s);
    EXPECT_EQ(view.strangers.at(at_c), t0);
    answer.same_cluster = true;
    observe_probe(view, at_c, answer, t0 + 2s);
    EXPECT_FALSE(view.strangers.contains(at_c));
}

TEST(Observe, HangsAfterTenSecondsWithoutAnAnswer) {
    View view = monitoring();
    observe_time(view, t0 + 9999ms);
    EXPECT_FALSE(view.sentinel.hangs);
    observe_time(view, t0 + 10s);
    EXPECT_TRUE(view.sentinel.hangs);
    observe_sentinel(view, look_at(view), t0 + 11s);
    observe_time(view, t0 + 11s);
    EXPECT_FALSE(view.sentinel.hangs);
}

TEST(Observe, ANewMasterBeginsANewTimeOfMonitoring) {
    View view = monitoring();
    SentinelLook look = look_at(view);
    observe_sentinel(view, look, t0);
    EXPECT_EQ(view.sentinel.monitored_since, t0 - 1min);
    look.monitored->master = at_b;
    observe_sentinel(view, look, t0);
    EXPECT_EQ(view.sentinel.monitored_since, t0);
}

TEST(Observe, AnOrderStandsUntilItIsObeyed) {
    View view = monitoring();
    observe_performed(view, Monitor{at_b, 2, "why"}, t0);
    observe_sentinel(view, look_at(view), t0 + 1s);
    observe_performed(view, Monitor{at_b, 2, "why"}, t0 + 5s);
    ASSERT_TRUE(view.order);
    EXPECT_EQ(view.order->times, 2);
    EXPECT_EQ(view.order->given_at, t0 + 5s);
    observe_performed(view, Monitor{at_c, 2, "why"}, t0 + 6s);
    EXPECT_EQ(view.order->times, 1) << "another one";
    SentinelLook look = look_at(view);
    look.monitored->master = at_c;
    observe_sentinel(view, look, t0 + 7s);
    EXPECT_FALSE(view.order);
}

// Its master is the same before and after, and its config epoch need not grow.
TEST(Observe, AnOrderToEndAFailoverStandsUntilThatHasEnded) {
    View view = monitoring();
    SentinelLook look = look_at(view);
    look.monitored->failover_in_progress = true;
    observe_sentinel(view, look, t0);
    observe_performed(view, Monitor{at_a, 2, "why"}, t0 + 30s);
    observe_sentinel(view, look, t0 + 31s);
    EXPECT_TRUE(view.order);
    look.monitored->failover_in_progress = false;
    observe_sentinel(view, look, t0 + 32s);
    EXPECT_FALSE(view.order);
    observe_performed(view, Monitor{at_a, 2, "why"}, t0 + 33s);
    look.monitored->failover_in_progress = true;
    observe_sentinel(view, look, t0 + 34s);
    EXPECT_FALSE(view.order) << "that is another one";
}

TEST(Observe, CountsTheTimeWithoutAMasterOnlyWhileZooKeeperIsThere) {
    View view = informed();
    view.zookeeper_connected = false;
    observe_time(view, t0);
    EXPECT_FALSE(view.master_missing_since);
    view.zookeeper_connected = true;
    observe_time(view, t0 + 1s);
    EXPECT_EQ(view.master_missing_since, t0 + 1s);
    view.sentinel.state = OwnSentinel::State::starting;
    observe_time(view, t0 + 2s);
    EXPECT_FALSE(view.master_missing_since);
}

TEST(Observe, ANewSessionHasNothingOfOurs) {
    View view = monitoring();
    view.lock = Lock::held;
    view.in_flight.registration = t0;
    observe_session(view, true, false);
    EXPECT_TRUE(view.registered);
    observe_session(view, true, true);
    EXPECT_FALSE(view.registered);
    EXPECT_EQ(view.lock, Lock::none);
    EXPECT_FALSE(view.in_flight.registration);
}

TEST(Observe, AJumpOfTheClockForgetsWhatOthersSaid) {
    View view = monitoring();
    EXPECT_FALSE(observe_jump(view, t0 + 1h, 2s)) << "the first turn";
    view.next_turn_at = t0;
    EXPECT_FALSE(observe_jump(view, t0 + 2s, 2s));
    ASSERT_TRUE(observe_jump(view, t0 + 20s, 2s));
    for (const auto& [node, probe] : view.probes) EXPECT_EQ(probe.answer, Probe::Answer::none);
    EXPECT_TRUE(core::are_outdated(view.registered_sentinels));
    observe_time(view, t0 + 20s);
    EXPECT_FALSE(view.sentinel.hangs) << "the silence was ours";
    EXPECT_FALSE(view.verified);
    EXPECT_EQ(view.calm_since, t0 + 20s);
}

TEST(Observe, OpinionsAreOutdatedByANewTerm) {
    View view = monitoring();
    recorded(view, 2, at_b);
    view.registered_sentinels.last_term = 1;
    observe_time(view, t0);
    EXPECT_TRUE(core::are_outdated(view.registered_sentinels));
    observe_performed(view, AskSentinels{}, t0);
    observe_opinions(view, {{sentinel_2, Opinion{}}, {{"unknown", 1}, Opinion{}}}, t0 + 1s);
    EXPECT_FALSE(core::are_outdated(view.registered_sentinels));
    EXPECT_EQ(view.registered_sentinels.opinions.size(), 3);
}

// Whoever wrote it may know more than who was asked before.
TEST(Observe, AnswersOfNodesAreOutdatedByANewTermAndNotByTheFirst) {
    View view = monitoring();
    view.registered_sentinels.last_term.reset();
    observe_time(view, t0);
    EXPECT_EQ(view.probes[at_b].answer, Probe::Answer::replica) << "it is the first that was seen";
    recorded(view, 2, at_b);
    view.registered_sentinels.last_term = 1;
    observe_time(view, t0);
    EXPECT_NE(view.probes[at_b].answer, Probe::Answer::replica);
    is_master(view, at_b);
    observe_time(view, t0 + 1ms);
    EXPECT_EQ(view.probes[at_b].answer, Probe::Answer::master);
}

TEST(Observe, ANewSentinelHasToBeAsked) {
    View view = monitoring();
    observe_sentinels(view, {sentinel_1, sentinel_2});
    EXPECT_EQ(view.registered_sentinels.asked_at, t0);
    observe_sentinels(view, {sentinel_1, sentinel_2, sentinel_3});
    EXPECT_EQ(view.registered_sentinels.asked_at, TimePoint{});
}

TEST(Observe, WhatIsPerformedIsNotRepeatedUntilItsDeadline) {
    View view = monitoring();
    observe_performed(view, AskNode{at_a}, t0);
    EXPECT_EQ(view.probes[at_a].asked_until, t0 + core::time_for_a_question);
    observe_performed(view, AskPeer{sentinel_2}, t0);
    EXPECT_EQ(view.peers[sentinel_2].asked_until, t0 + core::time_for_a_question);
    observe_performed(view, Reset{}, t0);
    EXPECT_EQ(view.in_flight.sentinel_command, t0 + 2s);
    EXPECT_EQ(view.reset_at, t0);
    observe_command_done(view);
    EXPECT_FALSE(view.in_flight.sentinel_command);
    observe_performed(view, Deregister{}, t0);
    EXPECT_EQ(view.in_flight.registration, t0 + 3s);
}

TEST(Observe, AStopIsExpectedAndHasATime) {
    View view = monitoring();
    observe_performed(view, ShutDown{}, t0);
    EXPECT_TRUE(view.sentinel.asked_to_stop);
    EXPECT_EQ(view.sentinel.may_stop_until, t0 + 10s);
    observe_performed(view, Kill{}, t0 + 5s);
    EXPECT_EQ(view.sentinel.may_stop_until, t0 + 10s);
    view.reset_at = t0;
    observe_sentinel_gone(view);
    EXPECT_FALSE(view.reset_at);  // the next one knows nobody that it could forget
    EXPECT_EQ(view.sentinel.state, OwnSentinel::State::stopped);
    EXPECT_FALSE(view.sentinel.asked_to_stop);
}

TEST(Observe, IsCalmSinceNobodyFailsOver) {
    View view = monitoring();
    view.registered_sentinels.opinions[sentinel_2].failover_in_progress = true;
    observe_time(view, t0);
    EXPECT_FALSE(view.calm_since);
    view.registered_sentinels.opinions[sentinel_2].failover_in_progress = false;
    observe_time(view, t0 + 1s);
    observe_time(view, t0 + 2s);
    EXPECT_EQ(view.calm_since, t0 + 1s);
}

TEST(Observe, IsCalmAgainAlthoughAFailoverDoesNotEnd) {
    View view = monitoring();
    SentinelLook look;
    look.monitored = Monitored{at_a, 2, false, true, 1, 23s};
    for (const auto time : {0s, 10s, 20s}) {
        observe_sentinel(view, look, t0 + time);
        observe_time(view, t0 + time);
        EXPECT_FALSE(view.calm_since);
        EXPECT_EQ(view.sentinel.fail_over->since, t0);
    }
    observe_time(view, t0 + 23s);
    EXPECT_TRUE(is_stuck(view, t0 + 23s));
    EXPECT_EQ(view.calm_since, t0 + 23s);
    look.monitored->failover_in_progress = false;
    observe_sentinel(view, look, t0 + 24s);
    EXPECT_FALSE(view.sentinel.fail_over);
    EXPECT_FALSE(is_stuck(view, t0 + 24s));
}

TEST(Observe, CountsAFailoverAnewAfterAStandstill) {
    View view = monitoring();
    view.sentinel.fail_over = core::FailOver{at_a, 1, t0 - 1min};
    view.next_turn_at = t0;
    EXPECT_TRUE(observe_jump(view, t0 + 10s, 2s));
    EXPECT_FALSE(view.sentinel.fail_over);
}

TEST(Observe, AStartIsBelieved) {
    View view = informed();
    observe_performed(view, Start{"id1", at_a, 2, "why"}, t0);
    EXPECT_EQ(view.sentinel.state, OwnSentinel::State::starting);
    EXPECT_EQ(view.sentinel.id, "id1");
}

TEST(Observe, RemembersSinceWhenTheSameMasterIsVerified) {
    View view = monitoring();
    observe_time(view, t0);
    EXPECT_EQ(view.verified_since, t0 - 1min);
    view.probes[at_a] = {};  // asked anew, no answer yet: nothing is known to have changed
    observe_time(view, t0);
    EXPECT_EQ(view.verified, at_a);
    is_dead(view, at_a);
    observe_time(view, t0);
    EXPECT_FALSE(view.verified);
}

TEST(Observe, ForgetsAnswersOfNodesThatNobodyAsksAbout) {
    View view = monitoring();
    answers(view, {"10.0.0.99", 6379}, Probe::Answer::dead);
    view.strangers[{"10.0.0.99", 6379}] = t0;
    view.peers[sentinel_3].answered_at = t0;
    observe_time(view, t0 + 1min);
    EXPECT_TRUE(view.peers.contains(sentinel_3));
    observe_time(view, t0 + 1min + 1ms);
    EXPECT_TRUE(view.peers.empty());
    EXPECT_TRUE(view.probes.empty());
    EXPECT_TRUE(view.strangers.empty());
}

}  // namespace
}  // namespace redis_zk::sentinel_wrapper
