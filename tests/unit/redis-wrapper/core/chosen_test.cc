// A node that a sentinel has chosen and promoted: that sentinel sees it up to a second later, and
// until then all of them name the former master. The node needs not wait for that.
#include <algorithm>

#include <gtest/gtest.h>

#include "redis-wrapper/core/decide.h"
#include "redis-wrapper/core/find_master.h"
#include "redis-wrapper/core/observe.h"
#include "tests/unit/redis-wrapper/core/views.h"

namespace redis_zk::redis_wrapper {
namespace {

const std::string early_publication =
    "publish 10.0.0.2:6379 as master of term 8, because a sentinel has chosen it in a fail-over";

std::string decided(const View& view, TimePoint now = t0) {
    return spoken_actions(decide(view, now));
}

// b was promoted a moment ago, by sentinel 2; a is dead.
View chosen() {
    View view = promoted_by_sentinels();
    sentinels_name(view, at_a);
    view.redis.became_master_at = t0 - 10ms;
    core::Opinion& leader = view.sentinels.opinions[sentinel_2];
    leader.failover_in_progress = true;
    leader.time_to_fail_over = 23s;
    leader.promoted = at_b;
    leader.asked_at = t0 - 10ms;
    view.sentinels.as_of = t0 - 10ms;
    return view;
}

// a is master still, and takes no writes.
View chosen_beside_a_closed_master() {
    View view = chosen();
    registered(view, "a", at_a, Lineage{7, 99}, Role::master);
    is_master(view, at_a);
    view.probes[at_a].closed = true;
    return view;
}

TEST(Chosen, PublishesBeforeTheSentinelsNameIt) { EXPECT_EQ(decided(chosen()), early_publication); }

// Else a sentinel that was left behind, with an epoch no smaller, could take the record back.
TEST(Chosen, RecordsTheEpochOfTheFailOverInWhichItWasChosen) {
    View view = chosen();
    core::Opinion& leader = view.sentinels.opinions[sentinel_2];
    leader.id = leader.voted_for = "id of the leader";
    leader.config_epoch = 4;
    leader.last_vote = 6;
    EXPECT_EQ(find<Publish>(decide(view, t0))->record.config_epoch, 6u);
    leader.voted_for = "somebody else";
    EXPECT_EQ(find<Publish>(decide(view, t0))->record.config_epoch, 4u) << "that was another one";
}

TEST(Chosen, BelievesOnlyTheLeaderOfAFailOverThatRuns) {
    View ended = chosen();
    ended.sentinels.opinions[sentinel_2].failover_in_progress = false;
    View stuck = chosen();
    stuck.sentinels.opinions[sentinel_2].fail_over = core::FailOver{at_a, 1, t0 - 23s};
    View silent = chosen();
    silent.sentinels.opinions[sentinel_2].answered = false;
    View of_another = chosen();
    of_another.sentinels.opinions[sentinel_2].promoted = at_c;
    View of_nobody = chosen();
    of_nobody.sentinels.opinions[sentinel_2].promoted.reset();
    for (const View& view : {ended, stuck, silent, of_another, of_nobody})
        EXPECT_FALSE(has<Publish>(decide(view, t0)));
}

// A choice from before is the choice of another fail-over, which may have come to nothing.
TEST(Chosen, BelievesNoAnswerFromBeforeItsPromotion) {
    View view = chosen();
    view.sentinels.opinions[sentinel_2].asked_at = view.redis.became_master_at - 1ms;
    EXPECT_FALSE(has<Publish>(decide(view, t0)));
}

TEST(Chosen, AsksTheSentinelsAtOnceAfterItsPromotion) {
    View view = chosen();
    view.sentinels.as_of = view.redis.became_master_at - 1ms;
    EXPECT_TRUE(has<AskSentinels>(decide(view, t0)));
    EXPECT_EQ(decided(view), "wait: looking whether somebody else is master");
    view.sentinels.asked_until = t0 + 1s;
    EXPECT_FALSE(has<AskSentinels>(decide(view, t0))) << "they are being asked";
    EXPECT_FALSE(has<AskSentinels>(decide(chosen(), t0)));
}

TEST(Chosen, AsksNobodyForItsOwnDecision) {
    View view = chosen();
    view.sentinels.as_of = view.redis.became_master_at - 1ms;
    view.lock = Lock::held;
    EXPECT_FALSE(has<AskSentinels>(decide(view, t0)));
}

// P1: the former master has to stop first, whoever was chosen.
TEST(Chosen, PublishesNothingWhileTheFormerMasterTakesWrites) {
    View view = chosen_beside_a_closed_master();
    view.probes[at_a].closed = false;
    EXPECT_FALSE(has<Publish>(decide(view, t0)));
    view.probes[at_a].closed.reset();
    EXPECT_FALSE(has<Publish>(decide(view, t0))) << "it does not tell";
}

TEST(Chosen, TakesAnOpenMasterForARival) {
    View view = chosen_beside_a_closed_master();
    view.redis.open = true;
    EXPECT_FALSE(has<Close>(decide(view, t0)));
    view.probes[at_a].closed = false;
    EXPECT_TRUE(has<Close>(decide(view, t0)));
    view.probes[at_a].closed.reset();
    EXPECT_TRUE(has<Close>(decide(view, t0))) << "it does not tell";
}

// It hands over, or was closed by its wrapper: it waits for the record, which shall name this node.
TEST(Chosen, PublishesBesideAFormerMasterThatIsClosed) {
    const View view = chosen_beside_a_closed_master();
    EXPECT_EQ(decided(view), early_publication);
}

// As when somebody asks for a fail-over by hand, and the nodes cannot reach the former master.
TEST(Chosen, PublishesNothingBesideASilentMasterThatASentinelHasReached) {
    View view = chosen();
    view.redis.heard_master_at = t0 - 1h;
    Probe& former = view.probes[at_a];
    former.answer = Probe::Answer::silent;
    former.answered_at = t0;
    former.silent_since = t0 - 5s;
    EXPECT_EQ(decided(view), early_publication) << "they have taken it for dead";
    core::Opinion leader = view.sentinels.opinions[sentinel_2];
    leader.watched = at_a;
    leader.master_is_up = true;
    view.sentinels.question_asked_at = t0 - 10ms;
    observe_opinions(view, {{sentinel_2, leader}}, t0);
    EXPECT_EQ(decided(view), "wait: 10.0.0.1:6379 still takes writes, and has to stop first");
    core::LineageTracker tracker;
    RedisLook demoted;
    observe_redis(view, tracker, demoted, t0);
    EXPECT_FALSE(view.redis.former_was_up) << "that was another promotion";
}

TEST(Chosen, GivesWayToAClosedMasterWhenNoSentinelHasChosenThisNode) {
    View view = chosen_beside_a_closed_master();
    view.sentinels.opinions[sentinel_2].failover_in_progress = false;
    EXPECT_EQ(decided(view),
              "follow 10.0.0.1:6379, because it is master and the majority of the "
              "sentinels names it");
}

TEST(Chosen, PublishesNothingTwice) {
    View view = chosen();
    view.in_flight.publication = t0 + 3s;
    EXPECT_EQ(decided(view), "wait: the record is being written");
}

TEST(Chosen, ParksWithoutTheDataOfTheCluster) {
    View view = chosen();
    view.redis.lineage.reset();
    EXPECT_EQ(decided(view), "park, because the data of this node do not continue the cluster's");
}

TEST(Chosen, TakesNoWritesBeforeTheRecordNamesIt) {
    for (const View& view : {chosen(), chosen_beside_a_closed_master()})
        EXPECT_FALSE(has<Open>(decide(view, t0)));
}

// Clients wait until the former master has stepped down.
TEST(Chosen, AsksTheFormerMasterInAHurry) {
    View view = chosen_beside_a_closed_master();
    recorded(view, 8, "b", at_b);
    view.record.written->run_id = view.redis.run_id;
    EXPECT_TRUE(is_taking_over(view, t0));
    EXPECT_EQ(next_deadline(view, t0), t0 + 50ms);
    const auto asks_again_at = [&view](TimePoint now) {
        const auto actions = decide(view, now);
        return std::ranges::any_of(actions, [](const Action& action) {
            const auto* ask = std::get_if<AskNode>(&action);
            return ask != nullptr && ask->node == at_a;
        });
    };
    EXPECT_FALSE(asks_again_at(t0 + 49ms));
    EXPECT_TRUE(asks_again_at(t0 + 50ms));
    view.sentinels.opinions[sentinel_2].failover_in_progress = false;
    EXPECT_FALSE(asks_again_at(t0 + 50ms)) << "no fail-over runs";
    view.redis.open = true;
    EXPECT_FALSE(is_taking_over(view, t0));
}

// And nobody has asked that one yet.
View chosen_in_place_of_a_lost_master() {
    View view = chosen();
    for (auto& [sentinel, opinion] : view.sentinels.opinions) opinion.watched = at_a;
    view.probes.erase(at_a);
    return view;
}

// It hangs, and a question to it takes a second. Its lease has ended before they could replace it.
TEST(Chosen, NeedsNoAnswerOfAFormerMasterThatMostSentinelsHaveLost) {
    View view = chosen_in_place_of_a_lost_master();
    EXPECT_TRUE(has<Publish>(decide(view, t0)));
    recorded(view, 8, "b", at_b);
    view.record.written->run_id = view.redis.run_id;
    view.redis.followed_last = at_a;
    EXPECT_TRUE(has<Open>(decide(view, t0)));
    answers(view, at_a, Probe::Answer::silent);
    EXPECT_TRUE(has<Open>(decide(view, t0)));
    is_master(view, at_a);
    EXPECT_FALSE(has<Open>(decide(view, t0))) << "it answers, and says something else";
}

TEST(Chosen, WaitsForAFormerMasterThatMayBeInTouchWithTheSentinels) {
    const auto waits_when = [](const auto& change, std::vector<Endpoint> sentinels) {
        View view = chosen_in_place_of_a_lost_master();
        for (const auto& sentinel : sentinels) change(view.sentinels.opinions[sentinel]);
        return !has<Publish>(decide(view, t0));
    };
    const auto reaches_it = [](core::Opinion& it) { it.master_is_up = true; };
    EXPECT_FALSE(waits_when(reaches_it, {sentinel_1}));
    EXPECT_TRUE(waits_when(reaches_it, {sentinel_1, sentinel_3}));
    EXPECT_TRUE(waits_when(reaches_it, {sentinel_2})) << "the leader itself";
    const auto has_turned = [](core::Opinion& it) { it.watched = at_b; };
    EXPECT_TRUE(waits_when(has_turned, {sentinel_1, sentinel_3})) << "it reached it just before";
    const auto is_dead = [](core::Opinion& it) {
        it = {};
        it.dead = true;
    };
    EXPECT_TRUE(waits_when(is_dead, {sentinel_1, sentinel_3})) << "it cannot miss it";
    const auto knows_others = [](core::Opinion& it) { it.usable_sentinels = 6; };
    EXPECT_TRUE(waits_when(knows_others, {sentinel_1})) << "that are not registered";
    const auto promotes_another = [](core::Opinion& it) { it.promoted = at_c; };
    EXPECT_TRUE(waits_when(promotes_another, {sentinel_2}));
}

TEST(Chosen, WaitsForAFormerMasterThatWasHeardJustBefore) {
    View view = chosen_in_place_of_a_lost_master();
    view.redis.former_was_up = true;
    EXPECT_FALSE(has<Publish>(decide(view, t0)));
    view.redis.former_was_up = false;
    view.redis.heard_master_at = view.redis.became_master_at - 999ms;
    EXPECT_FALSE(has<Publish>(decide(view, t0)));
}

// Elected by the nodes, and the sentinels look after an older one still.
TEST(Chosen, WaitsForARecordedMasterThatNoSentinelWatches) {
    View view = chosen_in_place_of_a_lost_master();
    recorded(view, 8, "c", at_c);
    EXPECT_FALSE(has<Publish>(decide(view, t0)));
}

// b is recorded, and sentinel 2 fails over from it.
View being_replaced() {
    View view = recorded_master();
    sentinels_name(view, at_b);
    core::Opinion& leader = view.sentinels.opinions[sentinel_2];
    leader.watched = at_b;
    leader.failover_in_progress = true;
    leader.time_to_fail_over = 23s;
    return view;
}

TEST(BeingReplaced, TakesNoWritesFromThenOn) {
    View view = being_replaced();
    EXPECT_EQ(decided(view),
              "fence, because a sentinel is failing over from this node, and what is written from "
              "now on would be lost");
    view.redis.open = false;
    EXPECT_EQ(decided(view), "wait: a sentinel is failing over from this node");
    EXPECT_FALSE(is_taking_over(view, t0));
    core::Opinion& leader = view.sentinels.opinions[sentinel_2];
    View silent = view;
    core::Opinion& lost = silent.sentinels.opinions[sentinel_2] = {};
    lost.time_to_fail_over = 23s;
    lost.fail_over = core::FailOver{at_b, 1, t0};
    EXPECT_EQ(decided(silent), "wait: a sentinel is failing over from this node");
    EXPECT_TRUE(is_being_replaced(silent, t0 + 22999ms));
    EXPECT_FALSE(is_being_replaced(silent, t0 + 23s));
    leader.failover_in_progress = false;
    EXPECT_EQ(decided(view), "open for writes, because the record names this node");
}

// The chosen one is recorded by now, and both would write the record in turns.
TEST(BeingReplaced, DoesNotTakeTheRecordBack) {
    View view = being_replaced();
    view.redis.open = false;
    recorded(view, 8, "a", at_a);
    registered(view, "a", at_a, Lineage{7, 99}, Role::master);
    is_master(view, at_a);
    view.probes[at_a].closed = true;
    EXPECT_EQ(decided(view), "wait: a sentinel is failing over from this node");
}

}  // namespace
}  // namespace redis_zk::redis_wrapper
