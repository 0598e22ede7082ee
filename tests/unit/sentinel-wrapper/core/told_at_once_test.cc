// A sentinel sees the master that another one has promoted up to a second later, with its next
// INFO. It is told at once when the record and the promotion agree.
#include <algorithm>

#include <gtest/gtest.h>

#include "sentinel-wrapper/core/decide.h"
#include "sentinel-wrapper/core/find_master.h"
#include "tests/unit/sentinel-wrapper/core/views.h"

namespace redis_zk::sentinel_wrapper {
namespace {

// Sentinel 2 has replaced a by b, and b has written the record; that fail-over runs still.
View promoted_and_recorded() {
    View view = left_behind();
    view.calm_since.reset();
    view.verified_since = t0;
    Opinion& leader = view.registered_sentinels.opinions[sentinel_2];
    leader.failover_in_progress = true;
    leader.time_to_fail_over = 23s;
    leader.promoted = at_b;
    leader.asked_at = t0;
    view.registered_sentinels.outdated_at = t0 - 1ms;
    view.registered_sentinels.as_of = t0;
    return view;
}

const std::string fail_over_runs =
    "10.0.0.2:6379 is master, the sentinel holds on to 10.0.0.1:6379, and a fail-over runs";

TEST(ToldAtOnce, OfAMasterThatIsPromotedAndRecorded) {
    const auto monitor = the<Monitor>(decide(promoted_and_recorded(), t0));
    ASSERT_TRUE(monitor && monitor->news);
    EXPECT_EQ(monitor->master, at_b);
    EXPECT_EQ(monitor->quorum, 2);
    EXPECT_EQ(monitor->reason, "the record names it, and a sentinel has promoted it");
    EXPECT_FALSE(monitor->afresh);
}

TEST(ToldAtOnce, AlsoWhenTheFormerMasterIsAReplicaOrHasParked) {
    View view = promoted_and_recorded();
    is_replica(view, at_a, at_b);
    EXPECT_TRUE(the<Monitor>(decide(view, t0)));
    answers(view, at_a, Probe::Answer::replica);
    EXPECT_TRUE(the<Monitor>(decide(view, t0))) << "it has parked, and hands over";
}

TEST(ToldAtOnce, NotOfAMasterThatTheRecordDoesNotName) {
    View by_nobody = promoted_and_recorded();
    recorded(by_nobody, 1, at_a);
    is_replica(by_nobody, at_a, at_b);
    EXPECT_EQ(reason_to_wait(decide(by_nobody, t0)),
              "10.0.0.2:6379 is master, the sentinel holds on to 10.0.0.1:6379, and the record is "
              "about to name the master");
    View by_sentinels = by_nobody;
    for (const Endpoint& sentinel : {sentinel_2, sentinel_3})
        by_sentinels.registered_sentinels.opinions[sentinel].master = at_b;
    EXPECT_EQ(reason_to_wait(decide(by_sentinels, t0)), fail_over_runs);
}

TEST(ToldAtOnce, NotWithoutASentinelThatHasPromotedIt) {
    View of_another = promoted_and_recorded();
    of_another.registered_sentinels.opinions[sentinel_2].promoted = at_c;
    View of_nobody = promoted_and_recorded();
    of_nobody.registered_sentinels.opinions[sentinel_2].promoted.reset();
    for (const View& view : {of_another, of_nobody})
        EXPECT_EQ(reason_to_wait(decide(view, t0)), fail_over_runs);
}

// The record is newer than that fail-over: the nodes may have elected this master since.
TEST(ToldAtOnce, NotByAnAnswerFromBeforeTheTerm) {
    View view = promoted_and_recorded();
    view.registered_sentinels.opinions[sentinel_2].asked_at = t0 - 2ms;
    EXPECT_EQ(reason_to_wait(decide(view, t0)), fail_over_runs);
}

TEST(ToldAtOnce, NotWhileTheFormerMasterIsOneOfOurs) {
    View view = promoted_and_recorded();
    is_master(view, at_a);
    view.registered_sentinels.opinions[sentinel_1].master = at_b;
    view.registered_sentinels.opinions[sentinel_2].master = at_b;
    EXPECT_EQ(reason_to_wait(decide(view, t0)),
              "10.0.0.2:6379 is master, the sentinel holds on to 10.0.0.1:6379, which is master "
              "too: the nodes decide");
}

// Its sentinel would forget whom it knows, in the middle of a fail-over.
TEST(ToldAtOnce, NotWithoutASentinelInWhoseNameItCanBeTold) {
    View view = promoted_and_recorded();
    view.sentinel.others.clear();
    EXPECT_EQ(reason_to_wait(decide(view, t0)), fail_over_runs);
}

TEST(ToldAtOnce, NotTwiceInARow) {
    View view = promoted_and_recorded();
    view.order = Order{at_b, t0, 1};
    EXPECT_EQ(reason_to_wait(decide(view, t0)),
              "the sentinel was told to monitor 10.0.0.2:6379 and has not obeyed yet");
}

// It hangs, and a question to it takes a second.
TEST(ToldAtOnce, WithoutAnAnswerOfAFormerMasterThatTheSentinelHasLost) {
    View view = promoted_and_recorded();
    view.probes.erase(at_a);
    EXPECT_FALSE(the<Monitor>(decide(view, t0)));
    view.sentinel.monitored->down = true;
    const auto monitor = the<Monitor>(decide(view, t0));
    ASSERT_TRUE(monitor);
    EXPECT_EQ(monitor->master, at_b);
    view.record.named = at_a;
    EXPECT_FALSE(the<Monitor>(decide(view, t0))) << "half of a record";
    recorded(view, 1, at_b);
    view.registered_sentinels.opinions[sentinel_2].promoted = at_c;
    EXPECT_FALSE(the<Monitor>(decide(view, t0))) << "nobody has promoted it";
}

// The former master parks some milliseconds after the record was written, and clients wait for it.
TEST(ToldAtOnce, AsksTheFormerMasterInAHurry) {
    View view = promoted_and_recorded();
    is_master(view, at_a);
    EXPECT_TRUE(is_about_to_turn(view, t0));
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
    recorded(view, 1, at_a);
    EXPECT_FALSE(is_about_to_turn(view, t0)) << "nobody says that it shall";
}

}  // namespace
}  // namespace redis_zk::sentinel_wrapper
