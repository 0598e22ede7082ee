// What a node does that somebody else has made master, the sentinels or a person. It is closed, and
// takes no write before everybody agrees that it is the one.
#include <gtest/gtest.h>

#include "redis-wrapper/core/decide.h"
#include "tests/unit/redis-wrapper/core/views.h"

namespace redis_zk::redis_wrapper {
namespace {

const std::string publication =
    "publish 10.0.0.2:6379 as master of term 8, because the majority of the sentinels names it";
const std::string former_is_open = "wait: 10.0.0.1:6379 still takes writes, and has to stop first";

std::string decided(const View& view, TimePoint now = t0) {
    return spoken_actions(decide(view, now));
}

// Somebody said REPLICAOF NO ONE to b while a was dead; there are no sentinels.
View promoted_by_hand() {
    View view = promoted_by_sentinels();
    view.sentinels.opinions.clear();
    return view;
}

TEST(Decide, PublishesWithoutTheLockWhatTheSentinelsDecided) {
    EXPECT_EQ(decided(promoted_by_sentinels()), publication);
}

TEST(Decide, TellsTheHistoryWhatIsKnownOfTheChange) {
    View view = promoted_by_sentinels();
    view.redis.heard_master_at = t0 - 5s;
    view.roster = {7, 90, {"a", "b"}};
    registered(view, "c", at_c, Lineage{7, 120});

    const core::Change change = find<Publish>(decide(view, t0))->change;

    EXPECT_EQ(change, (core::Change{Lineage{7, 99}, Lineage{7, 120}, 4s, 1s}));
    EXPECT_EQ(change.lost_bytes(), 21);
    view.members.erase("c");
    EXPECT_EQ(find<Publish>(decide(view, t0))->change.freshest_known, (Lineage{7, 90}));
}

TEST(Decide, TellsTheHistoryNothingThatItDoesNotKnow) {
    View view = promoted_by_sentinels();
    view.redis.heard_master_at = view.redis.became_master_at = {};
    view.members.clear();

    const core::Change change = find<Publish>(decide(view, t0))->change;

    EXPECT_EQ(change, (core::Change{Lineage{7, 99}, {}, {}, {}}));
}

TEST(Decide, TakesNoWritesBeforeTheRecordNamesItWhoeverPromotedIt) {
    for (View view : {promoted_by_sentinels(), promoted_by_hand(), promoted_under_the_lock()})
        for (const Lock lock : {Lock::none, Lock::requested, Lock::held}) {
            view.lock = lock;
            EXPECT_FALSE(has<Open>(decide(view, t0)));
        }
}

// A former master, frozen while the nodes elected another one: the sentinels name it still, since
// they have not heard of that, and not because they have chosen it.
TEST(Decide, StepsBackBehindALivingNodeOfANewerTermWhomeverTheSentinelsName) {
    View view = promoted_by_sentinels();
    recorded(view, 8, "c", at_c);
    registered(view, "c", at_c, Lineage{8, 10}, Role::replica).following = at_b;
    is_replica(view, at_c, at_b);
    EXPECT_EQ(decided(view),
              "park, because 10.0.0.3:6379 has newer data (term 8, offset 10; here term 7, offset "
              "99)");
    view.redis.lineage = Lineage{8, 9};
    EXPECT_TRUE(has<Publish>(decide(view, t0))) << "it was a replica of that term";
    view.redis.lineage = Lineage{7, 99};
    view.self.accept_data_loss = true;
    EXPECT_TRUE(has<Publish>(decide(view, t0)));
    view.self.accept_data_loss = false;
    view.members["c"].priority = 0;
    EXPECT_TRUE(has<Publish>(decide(view, t0))) << "it can never be master";
    view.members["c"].priority = 100;
    is_dead(view, at_c);
    EXPECT_TRUE(has<Publish>(decide(view, t0))) << "nobody can have it now";
}

TEST(Decide, TakesTheLockWhenItIsMasterByAnybodyElsesDoing) {
    View view = promoted_by_hand();
    EXPECT_EQ(decided(view),
              "take the lock, because this node is master and the record does not say so");
    view.lock = Lock::requested;
    EXPECT_EQ(decided(view), "wait: whoever holds the lock decides first");
    view.lock = Lock::held;
    EXPECT_EQ(decided(view),
              "park, because the recorded master, 10.0.0.1:6379, is missing with its data")
        << "by hand or not, it is not its turn";
    view.probes[at_a].answered_at = t0 + 30s;
    EXPECT_TRUE(has<Publish>(decide(view, t0 + 30s)));
    view.redis.open = true;
    EXPECT_EQ(decided(view),
              "publish 10.0.0.2:6379 as master of term 8, because it is master, and nobody else "
              "is");
}

TEST(Decide, LooksWhetherSomebodyElseIsMasterBeforeItPublishes) {
    View view = promoted_by_hand();
    view.probes.clear();
    view.lock = Lock::held;
    EXPECT_EQ(decided(view), "wait: looking whether somebody else is master");
}

TEST(Decide, LooksAtTheFormerMasterBeforeItPublishesWhatTheSentinelsDecided) {
    View view = promoted_by_sentinels();
    view.probes.clear();
    const auto actions = decide(view, t0);
    ASSERT_TRUE(has<AskNode>(actions));
    EXPECT_EQ(find<AskNode>(actions)->node, at_a);
    EXPECT_EQ(spoken_actions(actions), "wait: looking whether somebody else is master");
}

// P1: the former master was closed when it was asked, and may have opened until the record got its
// new term.
TEST(Decide, OpensOnlyOnAnAnswerOfTheFormerMasterFromAfterTheRecordNamedThisNode) {
    View view = promoted_by_sentinels();
    recorded(view, 8, "b", at_b);
    view.record.written->run_id = view.redis.run_id;
    is_master(view, at_a);
    view.probes[at_a].closed = true;
    view.redis.followed_last.reset();
    EXPECT_TRUE(has<Open>(decide(view, t0)));

    view.sentinels.outdated_at = view.sentinels.as_of = t0 + 1ms;
    EXPECT_FALSE(has<Open>(decide(view, t0 + 1ms)));
    ASSERT_TRUE(has<AskNode>(decide(view, t0 + 1ms)));
    EXPECT_EQ(find<AskNode>(decide(view, t0 + 1ms))->node, at_a);

    view.probes[at_a].asked_until = t0 + 3s;
    EXPECT_FALSE(has<AskNode>(decide(view, t0 + 1ms))) << "the question is under way";
    EXPECT_FALSE(has<Open>(decide(view, t0 + 1ms)));

    view.probes[at_a].asked_until.reset();
    view.probes[at_a].asked_at = t0 + 1ms;
    EXPECT_TRUE(has<Open>(decide(view, t0 + 2ms)));
}

TEST(Decide, DoesNotPublishTwice) {
    View view = promoted_by_sentinels();
    view.in_flight.publication = t0 + 3s;
    EXPECT_EQ(decided(view), "wait: the record is being written");
}

TEST(Decide, ParksAPromotedNodeWithoutDataWhoeverPromotedIt) {
    for (View view : {promoted_by_sentinels(), promoted_by_hand()}) {
        view.redis.lineage.reset();
        EXPECT_EQ(decided(view),
                  "park, because the data of this node do not continue the cluster's");
    }
}

TEST(Decide, WaitsUntilTheFormerMasterTakesNoWrites) {
    View view = promoted_by_sentinels();
    is_master(view, at_a);
    EXPECT_EQ(decided(view), former_is_open);
    view.probes[at_a].closed = true;
    EXPECT_EQ(decided(view), publication);
    is_replica(view, at_a, at_b);
    view.probes[at_a].closed = false;
    EXPECT_EQ(decided(view), publication);
}

TEST(Decide, DoesNotWaitForAStrangerAtTheAddressOfTheFormerMaster) {
    View view = promoted_by_sentinels();
    is_master(view, at_a);
    view.probes[at_a].same_cluster = false;
    EXPECT_NE(decided(view), publication) << "the recorded process, which has lost its listener";
    view.probes[at_a].run_id = "of a stranger";
    EXPECT_EQ(decided(view), publication);
}

TEST(Decide, DoesNotWaitForAFormerMasterThatWasSilentBeforeThePromotion) {
    View view = promoted_by_sentinels();
    answers(view, at_a, Probe::Answer::silent);
    view.probes[at_a].silent_since = t0;
    view.probes[at_a].took_writes_at = t0 - 5s;
    view.redis.heard_master_at = t0 - 5s;
    EXPECT_EQ(decided(view), publication);
}

// Its silence proves nothing: it was replaced by somebody's wish, and may only be out of our reach.
TEST(Decide, GivesTheSentinelsTimeToDemoteAFormerMasterThatWasWellAndIsSilent) {
    View took_writes = promoted_by_sentinels();
    answers(took_writes, at_a, Probe::Answer::silent);
    took_writes.probes[at_a].silent_since = t0;
    View was_heard = took_writes;
    took_writes.probes[at_a].took_writes_at = t0 - 1s;
    was_heard.redis.heard_master_at = t0 - 1900ms;
    for (View view : {took_writes, was_heard}) {
        EXPECT_EQ(decided(view), former_is_open);
        view.probes[at_a].answered_at = view.sentinels.asked_at = t0 + 15s;
        EXPECT_EQ(decided(view, t0 + 15s - 1ms), former_is_open);
        EXPECT_EQ(decided(view, t0 + 15s), publication);
    }
    was_heard.redis.heard_master_at = t0 - 2s;
    EXPECT_EQ(decided(was_heard), publication) << "Sentinel may have found it dead meanwhile";
}

TEST(Decide, FollowsTheRivalThatTheRecordNames) {
    View view = promoted_by_hand();
    is_master(view, at_a);
    EXPECT_EQ(decided(view), "follow 10.0.0.1:6379, because it is master and the record names it");
}

TEST(Decide, FollowsTheRivalThatTheSentinelsNameWhenItIsNotRecordedItself) {
    View view = promoted_by_sentinels();
    sentinels_name(view, at_c);
    is_master(view, at_c);
    registered(view, "c", at_c, Lineage{7, 99}, Role::master);
    EXPECT_EQ(decided(view),
              "follow 10.0.0.3:6379, because it is master and the majority of the sentinels names "
              "it");
    view.members["c"].lineage = Lineage{7, 98};
    EXPECT_TRUE(decided(view).starts_with("wait: 10.0.0.3:6379 is master, and neither the record"));
}

// A sentinel promotes first, and names its choice when it has seen that.
TEST(Decide, DoesNotUndoAFailOverThatIsUnderWay) {
    View view = promoted_by_sentinels();
    sentinels_name(view, at_a);
    view.sentinels.opinions[sentinel_2].failover_in_progress = true;
    const std::string reason = "wait: a sentinel is failing over, perhaps to this node";
    EXPECT_EQ(decided(view), reason);
    is_master(view, at_a);
    EXPECT_EQ(decided(view), reason + ", and 10.0.0.1:6379 is still master");
    // It is stuck at another node, then, which is gone.
    view.sentinels.opinions[sentinel_2].fail_over = core::FailOver{at_a, 1, t0 - 23s};
    view.sentinels.opinions[sentinel_2].time_to_fail_over = 23s;
    EXPECT_TRUE(has<Follow>(decide(view, t0)));
}

TEST(Decide, AsksTheSentinelsAgainBeforeItBelievesThatTheyDidNotPromoteIt) {
    View view = promoted_by_sentinels();
    sentinels_name(view, at_a);
    is_master(view, at_a);
    EXPECT_TRUE(has<Follow>(decide(view, t0)));
    const std::string reason =
        "wait: asking the sentinels whether they made this node master, and 10.0.0.1:6379 is "
        "still master";
    View later = view;
    later.redis.became_master_at = t0 + 1ms;
    EXPECT_EQ(decided(later), reason);
    view.sentinels.outdated_at = t0 + 1ms;
    EXPECT_EQ(decided(view),
              "wait: asking the sentinels whether they made this node master, and 10.0.0.1:6379 "
              "is still master");
}

TEST(Decide, WaitsTenSecondsForASentinelThatMayHavePromotedItAndDoesNotAnswer) {
    View view = promoted_by_sentinels();
    sentinels_name(view, at_a);
    is_master(view, at_a);
    view.redis.became_master_at = t0;
    view.sentinels.opinions[sentinel_3].answered = false;
    const std::string reason =
        "wait: a sentinel that does not answer may have made this node master, ";
    view.sentinels.asked_at = view.probes[at_a].answered_at = t0 + 10s;
    EXPECT_TRUE(decided(view, t0 + 10s - 1ms).starts_with(reason));
    EXPECT_TRUE(has<Follow>(decide(view, t0 + 10s)));
}

// The leader of a fail-over is done with it up to a second before the other sentinels hear of it,
// and until then they are the majority.
TEST(Decide, DoesNotUndoAFailOverOfWhichTheOtherSentinelsHaveNotHeardYet) {
    View dead = promoted_by_sentinels();
    sentinels_name(dead, at_a);
    dead.redis.became_master_at = t0;
    dead.sentinels.opinions[sentinel_2] = {
        .answered = true, .master = at_b, .config_epoch = 2, .can_act = true, .time_to_act = 0ms};
    View alive = dead;
    is_master(alive, at_a);
    const std::string reason =
        "wait: a sentinel has chosen this node, and the others do not know it yet";
    EXPECT_EQ(decided(dead), reason);
    EXPECT_EQ(decided(alive), reason + ", and 10.0.0.1:6379 is still master");
    alive.sentinels.asked_at = alive.probes[at_a].answered_at = t0 + 10s;
    EXPECT_TRUE(has<Follow>(decide(alive, t0 + 10s))) << "they have had the time to hear of it";
    for (View view : {dead, alive}) {
        view.sentinels.opinions[sentinel_2].config_epoch = 1;
        EXPECT_NE(decided(view), reason) << "that opinion is no newer than the others";
    }
}

// Under the lock it was decided when no sentinel could act; else whoever decides is asked first.
TEST(Decide, AsksTheSentinelsAboutAPromotionThatIsNotItsOwn) {
    View view = promoted_under_the_lock();
    sentinels_name(view, {"10.9.0.9", 6379}, false);
    is_dead(view, {"10.9.0.9", 6379});
    view.redis.became_master_at = t0 + 1ms;
    view.probes[at_a].answered_at = view.sentinels.asked_at = t0 + 30s;
    view.probes[{"10.9.0.9", 6379}].answered_at = t0 + 30s;
    EXPECT_TRUE(has<Publish>(decide(view, t0 + 30s)));
    view.lock = Lock::none;
    EXPECT_EQ(decided(view, t0 + 30s), "wait: looking whether somebody else is master");
    EXPECT_TRUE(has<AskSentinels>(decide(view, t0 + 30s))) << "what they said is from before it";
    view.sentinels.as_of = t0 + 1ms;
    EXPECT_TRUE(has<TakeLock>(decide(view, t0 + 30s)));
}

// P3: its own record may be on its way, and the old one names the rival.
TEST(Decide, FollowsNoRivalWhileItsPublicationIsUnderWay) {
    View view = promoted_under_the_lock();
    is_master(view, at_a);
    EXPECT_TRUE(has<ReleaseLock>(decide(view, t0))) << "two masters, and one keeps the lock";
    EXPECT_TRUE(has<Follow>(decide(view, t0)));
    view.in_flight.publication = t0 + 3s;
    EXPECT_FALSE(has<Follow>(decide(view, t0)));
}

}  // namespace
}  // namespace redis_zk::redis_wrapper
