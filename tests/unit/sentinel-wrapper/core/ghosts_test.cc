// Behaviour 7: who is gone for good, and when that may be said to the own sentinel.
#include "sentinel-wrapper/core/ghosts.h"

#include <gtest/gtest.h>

#include "sentinel-wrapper/core/decide.h"
#include "tests/unit/sentinel-wrapper/core/views.h"

namespace redis_zk::sentinel_wrapper {
namespace {

// c has been gone for GHOST_TIMEOUT.
View with_a_ghost() {
    View view = monitoring();
    view.members.erase("c");
    is_dead(view, at_c);
    view.sentinel.replicas[at_c].absent_since = t0 - 60s;
    return view;
}

View with_a_lost_sentinel() {
    View view = monitoring();
    view.registered_sentinels.opinions.erase(sentinel_3);
    view.sentinel.others["id3"].absent_since = t0 - 60s;
    PeerProbe& peer = view.peers[sentinel_3];
    peer.answer = PeerProbe::Answer::dead;
    peer.answered_at = t0;
    return view;
}

TEST(Ghosts, AreReplicasThatWereAbsentForGhostTimeoutAndDoNotAnswer) {
    View view = with_a_ghost();
    EXPECT_EQ(spoken(ghosts(view, t0)), "the replica 10.0.0.3:6379");
    EXPECT_EQ(spoken(ghosts(view, t0 - 1ms)), "");
    answers(view, at_c, Probe::Answer::silent).silent_since = t0 - 5s;
    EXPECT_EQ(spoken(ghosts(view, t0)), "the replica 10.0.0.3:6379");
    view.sentinel.replicas[at_c].absent_since.reset();
    EXPECT_EQ(spoken(ghosts(view, t0)), "");
}

TEST(Ghosts, AreNotReplicasThatAnswerOrLoadOrWereNotAsked) {
    View view = with_a_ghost();
    is_replica(view, at_c, at_a);
    EXPECT_EQ(spoken(ghosts(view, t0)), "");
    answers(view, at_c, Probe::Answer::loading);
    EXPECT_EQ(spoken(ghosts(view, t0)), "");
    view.probes.erase(at_c);
    EXPECT_EQ(spoken(ghosts(view, t0)), "");
    EXPECT_EQ(the<AskNode>(decide(view, t0))->node, at_c);
}

TEST(Ghosts, AreNotThoseWhoHaveBeenSilentForAMomentOnly) {
    View view = with_a_ghost();
    answers(view, at_c, Probe::Answer::silent).silent_since = t0 - 4999ms;
    EXPECT_EQ(spoken(ghosts(view, t0)), "");
    view = with_a_lost_sentinel();
    view.peers[sentinel_3] = {PeerProbe::Answer::silent, "", t0, t0 - 4999ms};
    EXPECT_EQ(spoken(ghosts(view, t0)), "");
    view.peers[sentinel_3].silent_since = t0 - 5s;
    EXPECT_EQ(spoken(ghosts(view, t0)), "the sentinel id3 at 10.0.1.3:26379");
}

TEST(Ghosts, AreAddressesThatAreSomebodyElsesByNow) {
    View view = with_a_ghost();
    answers(view, at_c, Probe::Answer::replica).same_cluster = false;  // parked, or refuses us
    EXPECT_EQ(spoken(ghosts(view, t0)), "the replica 10.0.0.3:6379");
    view.probes[at_c].following = at_a;  // a plain server, in earnest
    EXPECT_EQ(spoken(ghosts(view, t0)), "");
}

TEST(Ghosts, AreSentinelsThatWereAbsentForGhostTimeoutAndDoNotAnswer) {
    View view = with_a_lost_sentinel();
    EXPECT_EQ(spoken(ghosts(view, t0)), "the sentinel id3 at 10.0.1.3:26379");
    view.peers[sentinel_3].answer = PeerProbe::Answer::alive;
    view.peers[sentinel_3].id = "id3";
    EXPECT_EQ(spoken(ghosts(view, t0)), "");
    view.peers[sentinel_3] = {PeerProbe::Answer::refuses_us, "", t0};
    EXPECT_EQ(spoken(ghosts(view, t0)), "") << "it may be the very one";
    view.sentinel.others["id3"].absent_since = t0 - 5 * 60s + 1ms;
    EXPECT_EQ(spoken(ghosts(view, t0)), "");
    view.sentinel.others["id3"].absent_since = t0 - 5 * 60s;
    EXPECT_EQ(spoken(ghosts(view, t0)), "the sentinel id3 at 10.0.1.3:26379") << "a stranger's";
    view.peers[sentinel_3] = {PeerProbe::Answer::alive, "another", t0};
    EXPECT_EQ(spoken(ghosts(view, t0)), "the sentinel id3 at 10.0.1.3:26379");
    EXPECT_EQ(spoken(ghosts(view, t0 + 20s)), "the sentinel id3 at 10.0.1.3:26379");
    EXPECT_EQ(spoken(ghosts(view, t0 + 20s + 1ms)), "");  // an old answer proves nothing
    view.peers.clear();
    EXPECT_EQ(spoken(ghosts(view, t0)), "");
    view.sentinel.others["id3"].address.port = 0;  // Sentinel knows that it was replaced
    EXPECT_EQ(spoken(ghosts(view, t0)), "the sentinel id3 at 10.0.1.3:0");
}

TEST(Ghosts, AmongTheSentinelsAreAskedBeforeTheyAreCalledGone) {
    View view = with_a_lost_sentinel();
    view.peers.clear();
    EXPECT_EQ(the<AskPeer>(decide(view, t0))->sentinel, sentinel_3);
    EXPECT_FALSE(the<AskPeer>(decide(view, t0 - 1ms)));
    view.peers[sentinel_3].asked_until = t0 + 1s;
    EXPECT_FALSE(the<AskPeer>(decide(view, t0)));
    view.peers[sentinel_3] = {PeerProbe::Answer::dead, "", t0};
    EXPECT_FALSE(the<AskPeer>(decide(view, t0 + 9999ms)));
    EXPECT_TRUE(the<AskPeer>(decide(view, t0 + 10s)));
}

TEST(Ghosts, AmongTheSentinelsAreAskedMoreOftenWhileTheyAreSilent) {
    View view = with_a_lost_sentinel();
    view.peers[sentinel_3] = {PeerProbe::Answer::silent, "", t0, t0};
    EXPECT_FALSE(the<AskPeer>(decide(view, t0 + 999ms)));
    EXPECT_TRUE(the<AskPeer>(decide(view, t0 + 1s)));
    view.peers[sentinel_3].silent_since = t0 - 5s;
    EXPECT_FALSE(the<AskPeer>(decide(view, t0 + 9999ms))) << "it is gone";
}

TEST(Ghosts, AreForgottenUnderTheLock) {
    View view = with_a_ghost();
    EXPECT_TRUE(the<TakeLock>(decide(view, t0)));
    view.lock = Lock::requested;
    EXPECT_EQ(reason_to_wait(decide(view, t0)), "one sentinel at a time may forget");
    view.lock = Lock::held;
    view.lock_held_since = t0;
    EXPECT_TRUE(the<Reset>(decide(view, t0)));
}

TEST(Ghosts, AreForgottenOnlyRightAfterTheMasterHasAnswered) {
    View view = with_a_ghost();
    view.lock = Lock::held;
    view.lock_held_since = t0;
    EXPECT_TRUE(the<Reset>(decide(view, t0 + 500ms)));
    const auto later = decide(view, t0 + 501ms);
    EXPECT_FALSE(the<Reset>(later));
    EXPECT_EQ(the<AskNode>(later)->node, at_a);
    view.probes[at_a].asked_until = t0 + 2s;
    EXPECT_EQ(reason_to_wait(decide(view, t0 + 501ms)), "asking 10.0.0.1:6379 whether it is up");
}

TEST(Ghosts, WaitWhileTheMasterIsDown) {
    View view = with_a_ghost();
    view.sentinel.monitored->down = true;
    EXPECT_FALSE(the<TakeLock>(decide(view, t0)));
    view.sentinel.monitored->down = false;
    is_dead(view, at_a);
    EXPECT_FALSE(the<TakeLock>(decide(view, t0)));
    view.lock = Lock::held;
    EXPECT_TRUE(the<ReleaseLock>(decide(view, t0)));
}

TEST(Ghosts, WaitWhileAFailoverRuns) {
    View view = with_a_ghost();
    view.registered_sentinels.opinions[sentinel_2].failover_in_progress = true;
    EXPECT_FALSE(the<TakeLock>(decide(view, t0)));
    view = with_a_ghost();
    view.sentinel.monitored->failover_in_progress = true;
    EXPECT_FALSE(the<TakeLock>(decide(view, t0)));
}

// It goes on while its answer is lost.
TEST(Ghosts, WaitWhileASentinelIsSilentThatHasBegunAFailover) {
    View view = with_a_ghost();
    core::Opinion& leader = view.registered_sentinels.opinions[sentinel_2];
    leader.fail_over = core::FailOver{at_a, 1, t0 - 5s};
    leader.time_to_fail_over = 23s;
    core::observe_opinion(leader, {}, t0);
    EXPECT_FALSE(the<TakeLock>(decide(view, t0)));
    core::Opinion dead;
    dead.dead = true;
    View without = view;
    core::observe_opinion(without.registered_sentinels.opinions[sentinel_2], dead, t0);
    EXPECT_FALSE(is_failing_over(without, t0));
    EXPECT_TRUE(is_failing_over(view, t0 + 18s - 1ms));
    EXPECT_FALSE(is_failing_over(view, t0 + 18s)) << "it should have ended";
}

TEST(Ghosts, WaitUntilEverybodyLivingIsKnown) {
    View view = with_a_ghost();
    view.sentinel.others.erase("id3");
    EXPECT_FALSE(the<TakeLock>(decide(view, t0)));
    view = with_a_ghost();
    view.sentinel.replicas.erase(at_b);
    EXPECT_FALSE(the<TakeLock>(decide(view, t0)));
}

TEST(Ghosts, LockIsKeptUntilEverybodyLivingIsFoundAgain) {
    View view = with_a_ghost();
    view.sentinel.replicas.erase(at_c);
    view.lock = Lock::held;
    view.lock_held_since = view.reset_at = t0;
    view.sentinel.looked_at = t0 + 999ms;
    EXPECT_FALSE(the<ReleaseLock>(decide(view, t0 + 1s)));
    view.sentinel.looked_at = t0 + 1s;
    EXPECT_TRUE(the<ReleaseLock>(decide(view, t0 + 1s)));
    view.sentinel.others.erase("id2");
    const auto searching = the<Wait>(decide(view, t0 + 1s));
    ASSERT_TRUE(searching);
    EXPECT_EQ(searching->detail, "the sentinel 10.0.1.2:26379");
}

TEST(Ghosts, LockIsKeptForTheLivingHoweverLongItTakesAndNotForTheDead) {
    View view = with_a_ghost();
    view.lock = Lock::held;
    view.lock_held_since = view.reset_at = t0 - 10min;
    view.sentinel.replicas.erase(at_b);
    EXPECT_FALSE(the<ReleaseLock>(decide(view, t0)));
    is_dead(view, at_b);
    EXPECT_TRUE(the<ReleaseLock>(decide(view, t0)));
}

TEST(Ghosts, WhileTheyAreSearchedAreAskedWhetherTheyLive) {
    View view = with_a_ghost();
    view.sentinel.replicas.erase(at_b);
    view.probes.erase(at_b);
    EXPECT_FALSE(the<AskNode>(decide(view, t0)));
    view.lock = Lock::held;
    view.lock_held_since = view.reset_at = t0;
    EXPECT_EQ(the<AskNode>(decide(view, t0))->node, at_b);
}

TEST(Ghosts, AResetBeforeTheLockWasHeldIsNoReasonToReturnIt) {
    View view = with_a_ghost();
    view.lock = Lock::held;
    view.reset_at = t0 - 20s;
    view.lock_held_since = t0;
    EXPECT_TRUE(the<Reset>(decide(view, t0)));
}

TEST(Ghosts, LockIsReturnedWhenThereIsNoGhostAnyMore) {
    View view = monitoring();
    view.lock = Lock::requested;
    EXPECT_TRUE(the<ReleaseLock>(decide(view, t0)));
}

// It has been known for as long as it takes the news of its id to come.
View with_a_foreign_sentinel() {
    View view = monitoring();
    view.sentinel.others["foreign"] = {{"10.9.0.5", 26379}, false, t0 - 2s, t0 - 2s};
    return view;
}

// Our sentinel says that it knows these.
SentinelLook seen(const std::vector<std::string>& ids) {
    SentinelLook look;
    look.monitored = Monitored{at_a, 2};
    for (const std::string& id : ids) look.others.push_back({id, {"10.9.0.5", 26379}, false});
    return look;
}

TEST(ForeignSentinels, AreForgottenUnderTheLockAsWell) {
    View view = with_a_foreign_sentinel();
    const auto take = the<TakeLock>(decide(view, t0));
    ASSERT_TRUE(take);
    EXPECT_EQ(take->reason,
              "it knows the sentinel foreign at 10.9.0.5:26379, none of our other ones");
    view.lock = Lock::requested;
    EXPECT_FALSE(the<Reset>(decide(view, t0)));
    view.lock = Lock::held;
    view.lock_held_since = t0;
    const auto reset = the<Reset>(decide(view, t0));
    ASSERT_TRUE(reset);
    EXPECT_EQ(reset->sentinels, std::vector<std::string>{"foreign"});
}

TEST(ForeignSentinels, AreForgottenOnlyWhileEverythingElseIsCalm) {
    View view = with_a_foreign_sentinel();
    view.lock = Lock::held;
    view.lock_held_since = t0;
    view.sentinel.monitored->down = true;
    EXPECT_TRUE(the<ReleaseLock>(decide(view, t0)));
    view.sentinel.monitored->down = false;
    view.registered_sentinels.opinions[sentinel_2].failover_in_progress = true;
    EXPECT_TRUE(the<ReleaseLock>(decide(view, t0)));
    view.registered_sentinels.opinions[sentinel_2].failover_in_progress = false;
    view.sentinel.replicas.erase(at_b);
    EXPECT_TRUE(the<ReleaseLock>(decide(view, t0)));
}

TEST(ForeignSentinels, AreNotForgottenTooOftenInVain) {
    View view = with_a_foreign_sentinel();
    view.sentinel.others["foreign"].foreign_since = t0 - 1999ms;
    EXPECT_FALSE(the<TakeLock>(decide(view, t0)));
    EXPECT_TRUE(the<TakeLock>(decide(view, t0 + 1ms)));
    view.foreign_reset_at = t0 - 59s;
    EXPECT_FALSE(the<TakeLock>(decide(view, t0 + 1ms)));
}

// Who came with a strange node is heard once more right after the sentinel has let go of that.
TEST(ForeignSentinels, AreNotBorneBecauseSomebodyElseWasForgotten) {
    View view = with_a_foreign_sentinel();
    observe_performed(view, Reset{"why", {}}, t0 - 1s);
    observe_command_done(view);
    EXPECT_TRUE(the<TakeLock>(decide(view, t0)));
    observe_performed(view, Reset{"why", {"another"}, true}, t0 - 1s);
    observe_command_done(view);
    EXPECT_FALSE(the<TakeLock>(decide(view, t0)));
}

TEST(ForeignSentinels, AreLeftAloneForTwiceAsLongEachTimeTheyComeBack) {
    View view = with_a_foreign_sentinel();
    TimePoint now = t0;
    for (const milliseconds pause : {60s, 120s, 240s, 480s, 960s, 1920s, 3840s, 3840s}) {
        observe_performed(view, Reset{"why", {"foreign"}}, now);
        view.reset_at.reset();
        EXPECT_FALSE(foreign_sentinels(view, now).empty()) << "it may be gone";
        observe_sentinel(view, seen({"foreign"}), now + 1s);
        view.sentinel.others["foreign"].foreign_since = t0 - 2s;
        EXPECT_TRUE(foreign_sentinels(view, now + pause - 1ms).empty()) << pause.count();
        now += pause;
        EXPECT_FALSE(foreign_sentinels(view, now).empty()) << pause.count();
    }
}

TEST(ForeignSentinels, AreForgottenTogetherWithGhosts) {
    View view = with_a_foreign_sentinel();
    view.members.erase("c");
    is_dead(view, at_c);
    view.sentinel.replicas[at_c].absent_since = t0 - 60s;
    view.lock = Lock::held;
    view.lock_held_since = t0;
    const auto reset = the<Reset>(decide(view, t0));
    ASSERT_TRUE(reset);
    EXPECT_EQ(reset->reason,
              "these are gone for good: the replica 10.0.0.3:6379; it knows the sentinel foreign "
              "at 10.9.0.5:26379, none of our other ones");
    EXPECT_EQ(reset->sentinels, std::vector<std::string>{"foreign"});
}

}  // namespace
}  // namespace redis_zk::sentinel_wrapper
