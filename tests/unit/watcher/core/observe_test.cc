#include "watcher/core/observe.h"

#include <gtest/gtest.h>

#include "tests/unit/watcher/core/views.h"
#include "watcher/core/decide.h"
#include "watcher/core/judge.h"

namespace redis_zk::watcher {
namespace {

TEST(Observe, AnEventOfAFailoverRaisesAnAlarmAndAnyOtherIsALook) {
    View view = calm();
    observe_event(view, "-sdown", {"master"}, t0 + 1s);
    EXPECT_EQ(view.look_at, t0 + 1s);
    EXPECT_FALSE(view.alarmed_until);
    observe_event(view, "+sdown", {"slave"}, t0 + 1s);
    EXPECT_FALSE(view.alarmed_until);
    for (const char* name : {"+odown", "+new-epoch", "+vote-for-leader", "+promoted-slave",
                             "+switch-master", "+try-failover", "+failover-state-wait-promotion"}) {
        View other = calm();
        observe_event(other, name, {"master"}, t0);
        EXPECT_TRUE(is_alarmed(other, t0)) << name;
    }
}

TEST(Observe, AnEventThatTellsNothingAboutTheMasterIsNoReasonToLook) {
    View view = calm();
    observe_event(view, "+slave-reconf-done", {"slave"}, t0 + 1s);
    EXPECT_EQ(view.look_at, TimePoint{});
}

TEST(Observe, AnAlarmEndsWhenAllIsWellForAWhile) {
    View view = calm();
    observe_event(view, "+new-epoch", {"2"}, t0 - 1s);
    observe_time(view, t0);
    EXPECT_TRUE(view.alarmed_until);
    view.look_at = t0 - 3s;
    observe_time(view, t0);
    EXPECT_FALSE(view.alarmed_until);
}

TEST(Observe, AnotherTermOfTheRecordOutdatesWhatTheSentinelsSaid) {
    View view = calm();
    observe_time(view, t0 + 1s);
    EXPECT_EQ(view.outdated_at, TimePoint{});
    view.record.written->term = 8;
    observe_time(view, t0 + 1s);
    EXPECT_EQ(view.outdated_at, t0 + 1s);
}

TEST(Observe, TheLastTermIsRememberedWhenItIsLost) {
    View view = calm();
    observe_time(view, t0);
    view.record = core::FoundRecord{};
    view.record.known = true;
    observe_time(view, t0 + 1s);
    ASSERT_TRUE(last_recorded(view));
    EXPECT_EQ(last_recorded(view)->master, at_a);
}

TEST(Observe, AJumpOfTheClockForgetsWhatOthersSaid) {
    View view = failed_over();
    view.next_turn_at = t0;
    EXPECT_FALSE(observe_jump(view, t0 + 2s, 2s));
    EXPECT_TRUE(observe_jump(view, t0 + 2001ms, 2s));
    EXPECT_EQ(recent_answer(view, at_b, t0 + 2001ms), Probe::Answer::none);
    EXPECT_FALSE(choice_of_sentinels(view, t0 + 2001ms));
}

TEST(Observe, AnAnswerToAQuestionFromBeforeAJumpCountsNoMore) {
    View view = failed_over();
    Probe answer = view.probes[at_b];
    observe_performed(view, AskNode{at_b}, t0);
    view.next_turn_at = t0;
    ASSERT_TRUE(observe_jump(view, t0 + 3s, 2s));
    observe_probe(view, at_b, answer, t0 + 3s);
    EXPECT_EQ(recent_answer(view, at_b, t0 + 3s), Probe::Answer::none);
    answer.asked_at = t0 + 3s;
    observe_probe(view, at_b, answer, t0 + 3s);
    EXPECT_EQ(recent_answer(view, at_b, t0 + 3s), Probe::Answer::master);
}

TEST(Observe, AnAnswerIsNotTakenForThatToALaterQuestion) {
    View view = calm();
    Opinion late = view.sentinels[sentinel_1].opinion;
    late.master = at_b;
    observe_performed(view, AskSentinel{sentinel_1}, t0 + 5s);
    observe_opinion(view, sentinel_1, late, t0 + 6s);
    EXPECT_EQ(view.sentinels[sentinel_1].opinion.master, at_a);
    late.asked_at = t0 + 5s;
    observe_opinion(view, sentinel_1, late, t0 + 7s);
    EXPECT_EQ(view.sentinels[sentinel_1].opinion.master, at_b);
    EXPECT_EQ(view.sentinels[sentinel_1].as_of, t0 + 5s);
}

TEST(Observe, NoticesWhenASentinelNamesAnotherMasterOrInAnotherEpoch) {
    View view = failed_over();
    Opinion opinion = view.sentinels.at(sentinel_1).opinion;
    opinion.answered = true;
    opinion.asked_at = t0 + 1s;
    observe_opinion(view, sentinel_1, opinion, t0 + 1s);
    EXPECT_EQ(view.chosen_anew_at, TimePoint{}) << "the same as before";
    opinion.master = at_a;
    observe_opinion(view, sentinel_1, opinion, t0 + 2s);
    EXPECT_EQ(view.chosen_anew_at, t0 + 2s);
    ++opinion.config_epoch;
    observe_opinion(view, sentinel_1, opinion, t0 + 3s);
    EXPECT_EQ(view.chosen_anew_at, t0 + 3s);
}

TEST(Observe, ASentinelThatIsLostIsShunnedLongerEachTime) {
    View view = calm();
    milliseconds last{0};
    for (int time = 1; time <= 4; ++time) {
        view.listening = {Listening::State::connecting, sentinel_1, t0};
        observe_lost_sentinel(view, t0);
        const auto pause =
            std::chrono::duration_cast<milliseconds>(view.sentinels[sentinel_1].shunned_until - t0);
        EXPECT_GT(pause, last);
        last = pause;
    }
    EXPECT_FALSE(view.listening.sentinel);
}

TEST(Observe, WhatMostSentinelsThatLookAfterANodeSayOfItsHealthCounts) {
    View view = calm();
    Opinion down = view.sentinels[sentinel_1].opinion;
    down.master_is_up = false;
    observe_opinion(view, sentinel_1, down, t0);
    EXPECT_TRUE(view.said_to_be_down.empty());
    observe_opinion(view, sentinel_2, down, t0);
    EXPECT_TRUE(view.said_to_be_down.contains(at_a));
    Opinion switched = down;
    switched.master = switched.watched = at_b;
    switched.master_is_up = true;
    for (const Endpoint& sentinel : {sentinel_1, sentinel_2, sentinel_3})
        observe_opinion(view, sentinel, switched, t0);
    EXPECT_TRUE(view.said_to_be_down.contains(at_a)) << "nobody looks after it any more";
}

TEST(Observe, APublicationThatZooKeeperRefusesIsTriedAgainAfterAGrowingPause) {
    View view = failed_over();
    milliseconds last{0};
    for (int time = 1; time <= 4; ++time) {
        observe_performed(view, Publish{}, t0);
        observe_published(view, Outcome::failed, t0);
        const auto actions = decide(view, t0);
        EXPECT_EQ(spoken_actions(actions),
                  "wait: ZooKeeper has not written the record; another attempt comes soon");
        const auto next = *view.in_flight.publications.next;
        EXPECT_GT(next - t0, last);
        last = std::chrono::duration_cast<milliseconds>(next - t0);
    }
    observe_published(view, Outcome::overtaken, t0);
    EXPECT_TRUE(has<Publish>(decide(view, t0)));
    observe_published(view, Outcome::failed, t0);
    EXPECT_LT(*view.in_flight.publications.next - t0, last) << "the pause begins anew";
    EXPECT_TRUE(has<Publish>(decide(view, *view.in_flight.publications.next)));
    observe_published(view, Outcome::failed, t0);
    view.zookeeper_connected = false;
    observe_time(view, t0);
    view.zookeeper_connected = true;
    EXPECT_TRUE(has<Publish>(decide(view, t0))) << "another connection is another chance";
}

TEST(Observe, RemembersTheEntriesOfNodesThatAreCutFromZooKeeper) {
    View view = calm();
    view.last_entries.clear();
    observe_time(view, t0);
    view.members.clear();
    observe_time(view, t0);
    EXPECT_TRUE(view.last_entries.contains(at_b));
}

TEST(Observe, ForgetsSentinelsThatHaveLeftTheList) {
    View view = calm();
    observe_sentinels(view, {sentinel_2, sentinel_3});
    EXPECT_FALSE(view.sentinels.contains(sentinel_1));
    observe_opinion(view, sentinel_1, Opinion{}, t0);
    EXPECT_FALSE(view.sentinels.contains(sentinel_1));
}

TEST(Observe, AnAnswerOfANodeContradictsThoseWhoSayThatItIsDown) {
    for (const auto answer :
         {Probe::Answer::master, Probe::Answer::replica, Probe::Answer::loading}) {
        View view = calm();
        view.said_to_be_down.insert(at_a);
        Probe probe;
        probe.answer = answer;
        observe_probe(view, at_a, probe, t0);
        EXPECT_TRUE(view.said_to_be_down.empty());
    }
    for (const auto answer : {Probe::Answer::silent, Probe::Answer::dead}) {
        View view = calm();
        view.said_to_be_down.insert(at_a);
        Probe probe;
        probe.answer = answer;
        observe_probe(view, at_a, probe, t0);
        EXPECT_TRUE(view.said_to_be_down.contains(at_a));
    }
}

// Nodes come and go at other addresses for years.
TEST(Observe, ForgetsWhateverItKnewOfANodeThatNobodyKnowsAnyMore) {
    View view = calm();
    const Endpoint gone{"10.0.0.99", 1};
    registered(view, "gone", gone);
    observe_performed(view, AskNode{gone}, t0);
    Probe replica;
    replica.answer = Probe::Answer::replica;
    observe_probe(view, gone, replica, t0);
    view.said_to_be_down.insert(gone);
    view.members.erase("gone");
    EXPECT_TRUE(view.last_entries.contains(gone));

    const TimePoint later = t0 + 61s;
    for (const Endpoint& node : {at_a, at_b}) view.probes[node].answered_at = later;
    for (auto& [sentinel, known] : view.sentinels) known.answered_at = later;
    observe_time(view, later);
    EXPECT_FALSE(view.probes.contains(gone));
    EXPECT_FALSE(view.no_master_at.contains(gone));
    EXPECT_FALSE(view.said_to_be_down.contains(gone));
    EXPECT_FALSE(view.last_entries.contains(gone));
    EXPECT_TRUE(view.last_entries.contains(at_b));
}

TEST(Observe, KeepsTheEntryOfANodeThatOnlyItsMasterKnows) {
    View view = calm();
    view.members.erase("b");
    view.probes.erase(at_b);
    view.probes[at_a].replicas[at_b] = 99;
    observe_time(view, t0);
    EXPECT_TRUE(view.last_entries.contains(at_b)) << "it may be promoted all the same";
    view.probes[at_a].replicas.clear();
    View failing = view;
    failing.sentinels[sentinel_1].opinion.failover_in_progress = true;
    observe_time(failing, t0);
    EXPECT_TRUE(failing.last_entries.contains(at_b));
    observe_time(view, t0);
    EXPECT_FALSE(view.last_entries.contains(at_b));
}

}  // namespace
}  // namespace redis_zk::watcher
