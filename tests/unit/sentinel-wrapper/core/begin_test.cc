// From nothing to a registered sentinel.
#include <gtest/gtest.h>

#include "sentinel-wrapper/core/decide.h"
#include "tests/unit/sentinel-wrapper/core/views.h"

namespace redis_zk::sentinel_wrapper {
namespace {

View with_an_id() {
    View view = informed();
    view.identity = {Identity::State::owned, "id1", true};
    return view;
}

TEST(Begin, WaitsForZooKeeperAndSaysSo) {
    View view = informed();
    view.informed_since.reset();
    view.zookeeper_connected = view.record.known = false;
    EXPECT_EQ(deeds(decide(view, t0)), "wait: ZooKeeper has not answered yet");
    view.zookeeper_connected = true;
    EXPECT_EQ(reason_to_wait(decide(view, t0)),
              "reading the record, the members and the sentinels from ZooKeeper");
}

TEST(Begin, CallsZooKeeperUnreachableOnlyWithoutASession) {
    View view = informed();
    view.informed_since.reset();
    view.zookeeper_connected = false;
    EXPECT_EQ(deeds(decide(view, t0)), "wait: ZooKeeper is unreachable");
    view.session_is_up = true;  // and not everything has been read yet
    EXPECT_EQ(reason_to_wait(decide(view, t0)),
              "reading the record, the members and the sentinels from ZooKeeper");
}

TEST(Begin, TakesAnIdOnlyWhenAMasterIsVerified) {
    View view = informed();
    EXPECT_TRUE(the<ClaimIdentity>(decide(view, t0)));
    is_dead(view, at_a);
    EXPECT_EQ(deeds(decide(view, t0)),
              "wait: looking for a master that is verified (10.0.0.1:6379 is dead)");
}

TEST(Begin, StartsNoSentinelUnderAnIdThatZooKeeperDoesNotConfirm) {
    View view = with_an_id();
    EXPECT_TRUE(the<Start>(decide(view, t0)));
    view.identity.confirmed = false;
    EXPECT_FALSE(the<Start>(decide(view, t0)));
    view.identity = {Identity::State::claiming, "", false};
    EXPECT_EQ(reason_to_wait(decide(view, t0)), "an id is being taken from the pool");
}

// An id that was abandoned is about to become ours; its sentinel was at sentinel_3.
View with_a_suspect() {
    View view = informed();
    view.identity = {Identity::State::claiming, "", false};
    observe_suspect(view, Suspect{"id3", sentinel_3});
    return view;
}

PeerProbe a_peer(PeerProbe::Answer answer, const std::string& id = "") {
    PeerProbe peer;
    peer.answer = answer;
    peer.id = id;
    return peer;
}

// What was decided about the suspect: whether it may live. Empty: nothing yet.
std::optional<bool> judgement(const View& view) {
    const auto judged = the<JudgeSuspect>(decide(view, t0));
    return judged ? std::optional{judged->may_live} : std::nullopt;
}

TEST(Begin, TakesTheIdOfASentinelWhoseAddressNobodyListensAtOrSomebodyElseHas) {
    View view = with_a_suspect();
    EXPECT_EQ(the<AskPeer>(decide(view, t0))->sentinel, sentinel_3);
    EXPECT_EQ(judgement(view), std::nullopt);
    observe_peer(view, sentinel_3, a_peer(PeerProbe::Answer::dead), t0);
    EXPECT_EQ(judgement(view), false);
    observe_peer(view, sentinel_3, a_peer(PeerProbe::Answer::alive, "another"), t0);
    EXPECT_EQ(judgement(view), false);
}

TEST(Begin, LeavesTheIdOfASentinelThatAnswersOrMayBeTheOneThatRefusesUs) {
    View view = with_a_suspect();
    observe_peer(view, sentinel_3, a_peer(PeerProbe::Answer::alive, "id3"), t0);
    EXPECT_EQ(judgement(view), true);
    observe_peer(view, sentinel_3, a_peer(PeerProbe::Answer::refuses_us), t0);
    EXPECT_EQ(judgement(view), true);
}

TEST(Begin, TakesTheIdOfASilentSentinelOnlyAfterSeveralQuestions) {
    View view = with_a_suspect();
    observe_peer(view, sentinel_3, a_peer(PeerProbe::Answer::silent), t0);
    EXPECT_EQ(judgement(view), std::nullopt);
    EXPECT_TRUE(the<AskPeer>(decide(view, t0 + 1s)));
    observe_peer(view, sentinel_3, a_peer(PeerProbe::Answer::silent), t0 + 2s);
    observe_peer(view, sentinel_3, a_peer(PeerProbe::Answer::alive, "id3"), t0 + 4s);
    EXPECT_EQ(judgement(view), true);
    observe_peer(view, sentinel_3, a_peer(PeerProbe::Answer::silent), t0 + 5s);
    observe_peer(view, sentinel_3, a_peer(PeerProbe::Answer::silent), t0 + 9999ms);
    EXPECT_EQ(judgement(view), std::nullopt) << "it was heard in between";
    observe_peer(view, sentinel_3, a_peer(PeerProbe::Answer::silent), t0 + 10s);
    EXPECT_EQ(judgement(view), false);
}

TEST(Begin, DoesNotBelieveWhatWasAnsweredBeforeAnIdWasWanted) {
    View view = informed();
    view.identity = {Identity::State::claiming, "", false};
    observe_peer(view, sentinel_3, a_peer(PeerProbe::Answer::dead), t0);
    observe_suspect(view, Suspect{"id3", sentinel_3});
    EXPECT_EQ(judgement(view), std::nullopt);
    observe_peer(view, sentinel_3, a_peer(PeerProbe::Answer::dead), t0);
    observe_suspect(view, Suspect{"id3", sentinel_3});
    EXPECT_EQ(judgement(view), false) << "the same as before";
}

TEST(Begin, BelievesAMasterOnlyWhileItsAnswerIsRecent) {
    const View view = with_an_id();
    EXPECT_TRUE(the<Start>(decide(view, t0 + 3s)));
    const auto later = decide(view, t0 + 3001ms);
    EXPECT_FALSE(the<Start>(later));
    EXPECT_EQ(the<AskNode>(later)->node, at_a);
}

TEST(Begin, StartsWithTheMasterOfTheSentinelsMajorityEvenIfTheRecordNamesAnother) {
    View view = with_an_id();
    is_master(view, at_b);
    opinion(view, sentinel_2, at_b);
    opinion(view, sentinel_3, at_b);
    const auto start = the<Start>(decide(view, t0));
    ASSERT_TRUE(start);
    EXPECT_EQ(start->master, at_b);
    EXPECT_EQ(start->id, "id1");
    EXPECT_EQ(start->reason, "the majority of the sentinels names it");
}

// A vote that was given in a former life under the same id is not given again.
TEST(Begin, StartsInTheEpochsThatTheOthersKnow) {
    View view = with_an_id();
    opinion(view, sentinel_2, at_a);
    opinion(view, sentinel_3, at_b);
    auto& opinions = view.registered_sentinels.opinions;
    opinions[sentinel_2].config_epoch = 2;
    opinions[sentinel_3].config_epoch = 3;
    EXPECT_EQ(the<Start>(decide(view, t0))->epochs.config, 2) << "of this master";
    EXPECT_EQ(the<Start>(decide(view, t0))->epochs.last_vote, 3);
    opinions[sentinel_2].last_vote = 5;
    EXPECT_EQ(the<Start>(decide(view, t0))->epochs.last_vote, 5);
}

// All of them were replaced at once: what they begin next has to be newer than the record.
TEST(Begin, StartsInTheEpochOfTheRecordWhenTheOthersKnowNone) {
    View view = with_an_id();
    view.record.written->config_epoch = 7;
    EXPECT_EQ(the<Start>(decide(view, t0))->epochs.config, 7);
    EXPECT_EQ(the<Start>(decide(view, t0))->epochs.last_vote, 7);
    opinion(view, sentinel_2, at_a);
    view.registered_sentinels.opinions[sentinel_2].config_epoch = 8;
    EXPECT_EQ(the<Start>(decide(view, t0))->epochs.config, 8) << "the largest counts";
    EXPECT_EQ(the<Start>(decide(view, t0))->epochs.last_vote, 8);
}

TEST(Begin, TakesTheEpochOfTheRecordForNoOtherMaster) {
    View view = with_an_id();
    view.record.written->config_epoch = 7;
    is_master(view, at_b);
    opinion(view, sentinel_2, at_b);
    opinion(view, sentinel_3, at_b);
    const auto start = the<Start>(decide(view, t0));
    ASSERT_TRUE(start);
    EXPECT_EQ(start->master, at_b);
    EXPECT_EQ(start->epochs.config, 0) << "in it another one was chosen";
    EXPECT_EQ(start->epochs.last_vote, 7);
}

TEST(Begin, WaitsForTheOpinionsOfTheOtherSentinels) {
    View view = with_an_id();
    view.registered_sentinels.opinions[sentinel_2];
    const auto actions = decide(view, t0);
    EXPECT_TRUE(the<AskSentinels>(actions));
    EXPECT_EQ(reason_to_wait(actions), "asking the other sentinels who is master");
}

TEST(Begin, GivesUpAfterMasterTimeoutAndNotBefore) {
    View view = informed();
    view.probes.clear();
    view.self.master_timeout = 30s;
    view.master_missing_since = t0;
    EXPECT_FALSE(the<GiveUp>(decide(view, t0 + 29999ms)));
    EXPECT_TRUE(the<GiveUp>(decide(view, t0 + 30s)));
    view.self.master_timeout = 0ms;
    EXPECT_FALSE(the<GiveUp>(decide(view, t0 + 24h)));
}

TEST(Begin, GivesItsIdBackBeforeItGivesUp) {
    View view = with_an_id();
    view.probes.clear();
    view.self.master_timeout = 30s;
    view.master_missing_since = t0 - 30s;
    EXPECT_EQ(deeds(decide(view, t0)), "give the id back to the pool");
    view.identity.state = Identity::State::releasing;
    EXPECT_EQ(deeds(decide(view, t0)), "wait: the id goes back to the pool");
    view.identity = {};
    EXPECT_TRUE(the<GiveUp>(decide(view, t0)));
}

TEST(Begin, RegistersOnlyWhenTheSentinelAnswersAndMonitors) {
    View view = monitoring();
    view.registered = false;
    view.sentinel.state = OwnSentinel::State::starting;
    EXPECT_FALSE(the<Register>(decide(view, t0)));
    view.sentinel.state = OwnSentinel::State::running;
    EXPECT_TRUE(the<Register>(decide(view, t0)));
    view.in_flight.registration = t0 + 1ms;
    EXPECT_FALSE(the<Register>(decide(view, t0)));
    EXPECT_TRUE(the<Register>(decide(view, t0 + 1ms)));
    view.sentinel.monitored.reset();
    EXPECT_FALSE(the<Register>(decide(view, t0 + 1ms)));
}

TEST(Begin, RegistersOnlyWhenNoClientWillBeCutAnyMore) {
    View view = monitoring();
    view.registered = false;
    view.sentinel.cuts_clients_soon = true;
    EXPECT_EQ(reason_to_wait(decide(view, t0)),
              "the sentinel is being told which sentinels are of its cluster");
    view.registered = true;
    EXPECT_EQ(deeds(decide(view, t0)), "") << "once it is known it stays";
}

TEST(Begin, AbandonsASentinelThatHasNeverAnswered) {
    View view = monitoring();
    observe_performed(view, Start{"id1", at_a, 2, "why"}, t0);
    EXPECT_EQ(deeds(decide(view, t0 + 30s - 1ms)), "wait: redis-sentinel is starting");
    const auto abandon = the<Abandon>(decide(view, t0 + 30s));
    ASSERT_TRUE(abandon);
    EXPECT_EQ(describe(*abandon),
              "abandon the sentinel, because it was started 30 s ago and has never answered");
    observe_performed(view, *abandon, t0 + 30s);
    EXPECT_FALSE(view.sentinel.asked_to_stop) << "so its end is that of its wrapper";
    EXPECT_EQ(deeds(decide(view, t0 + 31s)), "wait: the sentinel is being killed");
}

TEST(Begin, LooksOftenUntilNothingIsExpectedToChange) {
    View view = informed();
    EXPECT_EQ(next_deadline(view, t0), t0 + 150ms);
    EXPECT_EQ(next_deadline(monitoring(), t0), t0 + 1s);
    view = monitoring();
    view.registered = false;
    EXPECT_EQ(next_deadline(view, t0), t0 + 150ms);
    view = monitoring();
    view.verified = at_b;
    EXPECT_EQ(next_deadline(view, t0), t0 + 150ms);
    view = monitoring();
    view.sentinel.hangs = true;
    EXPECT_EQ(next_deadline(view, t0), t0 + 150ms);
    view.stop_requested_at = t0;
    EXPECT_EQ(next_deadline(view, t0), t0 + 100ms);
}

}  // namespace
}  // namespace redis_zk::sentinel_wrapper
