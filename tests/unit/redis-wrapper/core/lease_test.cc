// How long an open master may count on being the only one, and what it does to stay in touch.
#include "redis-wrapper/core/lease.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "redis-wrapper/core/decide.h"
#include "redis-wrapper/core/observe.h"
#include "tests/unit/redis-wrapper/core/views.h"

namespace redis_zk::redis_wrapper {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

// Recorded and open, three sentinels name it, and it was in touch with each of them just now.
View watched_master() {
    View view = recorded_master();
    view.redis.open = true;
    sentinels_name(view, view.self.address);
    for (auto& [sentinel, opinion] : view.sentinels.opinions) {
        opinion.down_after = 3s;
        opinion.contact_at = t0;
        opinion.master_is_up = true;
    }
    return view;
}

TEST(Lease, NeedsNoSentinelsWhereThereAreNone) {
    EXPECT_EQ(lease_ends(recorded_master()), std::nullopt);
    EXPECT_EQ(why_out_of_touch(recorded_master(), t0 + 1h), std::nullopt);
}

TEST(Lease, EndsBeforeDownAfterHasPassedSinceTheLastContact) {
    EXPECT_EQ(lease_ends(watched_master()), t0 + 2400ms);
}

TEST(Lease, LastsWhileTheRestIsNoMajority) {
    View view = watched_master();
    view.sentinels.opinions[sentinel_1].contact_at = t0 - 1h;
    EXPECT_EQ(lease_ends(view), t0 + 2400ms) << "one of three cannot agree with anybody";
    view.sentinels.opinions[sentinel_2].contact_at = t0 - 1s;
    EXPECT_EQ(lease_ends(view), t0 + 1400ms) << "two can, once the second has missed us too";
}

TEST(Lease, OfFourNeedsContactWithTwo) {
    View view = watched_master();
    view.sentinels.opinions[{"10.0.1.4", 26379}] = view.sentinels.opinions[sentinel_3];
    view.sentinels.opinions[sentinel_1].contact_at = t0 - 1h;
    view.sentinels.opinions[sentinel_2].contact_at = t0 - 1h;
    EXPECT_EQ(lease_ends(view), t0 + 2400ms);
    view.sentinels.opinions[sentinel_3].contact_at = t0 - 1h;
    EXPECT_LT(lease_ends(view), t0);
}

// Their wrappers have lost ZooKeeper, and they vote all the same.
TEST(Lease, CountsSentinelsThatAreNotRegisteredAsLost) {
    View view = watched_master();
    view.sentinels.opinions.erase(sentinel_3);
    view.sentinels.opinions[sentinel_1].contact_at = t0 - 1s;
    EXPECT_EQ(lease_ends(view), t0 + 2400ms) << "one of two cannot agree with anybody";
    view.sentinels.opinions[sentinel_2].usable_sentinels = 3;
    EXPECT_EQ(lease_ends(view), t0 + 1400ms) << "one of three can, with the one that is unknown";
    view.sentinels.opinions[sentinel_2].usable_sentinels = 9;
    EXPECT_EQ(lease_ends(view), t0 + 1400ms) << "nobody can be in touch with more than those";
}

TEST(Lease, CountsByTheSentinelThatIsQuickest) {
    View view = watched_master();
    view.sentinels.opinions[sentinel_2].down_after = 1s;
    EXPECT_EQ(lease_ends(view), t0 + 800ms);
}

TEST(Lease, ClosesAMasterThatIsOutOfTouch) {
    const View view = watched_master();
    EXPECT_THAT(decide(view, t0 + 2399ms), Not(Contains(testing::VariantWith<Close>(testing::_))));
    const auto actions = decide(view, t0 + 2400ms);
    const auto* close = find<Close>(actions);
    ASSERT_NE(close, nullptr);
    EXPECT_THAT(close->reason, HasSubstr("most sentinels could not be reached"));
}

TEST(Lease, ClosesItWithoutZooKeeperTooAndWhileItStops) {
    View view = watched_master();
    view.zookeeper_connected = false;
    EXPECT_TRUE(has<Close>(decide(view, t0 + 3s)));
    view.stop_requested_at = t0;
    EXPECT_TRUE(has<Close>(decide(view, t0 + 3s)));
}

TEST(Lease, LeavesAMasterClosedUntilItIsInTouchAgain) {
    View view = watched_master();
    view.redis.open = false;
    EXPECT_FALSE(has<Open>(decide(view, t0 + 2400ms)));
    view.sentinels.asked_at = view.sentinels.as_of = t0 + 2400ms;
    EXPECT_FALSE(has<Open>(decide(view, t0 + 2400ms)));
    for (auto& [sentinel, opinion] : view.sentinels.opinions) opinion.contact_at = t0 + 2400ms;
    EXPECT_TRUE(has<Open>(decide(view, t0 + 2400ms)));
}

// A sentinel that has not reached it for nearly down-after begins a fail-over, and goes on with it
// when it reaches it again: what was written meanwhile would be lost.
TEST(Lease, LeavesAMasterClosedThatTheSentinelsHaveNotReachedForAWhile) {
    View view = watched_master();
    view.redis.open = false;
    EXPECT_TRUE(has<Open>(decide(view, t0)));
    for (auto& [sentinel, opinion] : view.sentinels.opinions) opinion.contact_at = t0 - 1400ms;
    EXPECT_EQ(spoken_actions(decide(view, t0)),
              "wait: most sentinels have not reached this node for a while, and may be about to "
              "replace it");
    view.sentinels.opinions[sentinel_1].contact_at = t0 - 1399ms;
    EXPECT_FALSE(has<Open>(decide(view, t0)));
    view.sentinels.opinions[sentinel_2].contact_at = t0 - 1399ms;
    view.sentinels.opinions[sentinel_3].answered = false;
    EXPECT_TRUE(has<Open>(decide(view, t0)));
    view.redis.open = true;
    view.sentinels.opinions[sentinel_2].contact_at = t0 - 1400ms;
    EXPECT_FALSE(has<Close>(decide(view, t0))) << "it takes writes, and its lease lasts";
}

TEST(Lease, WakesTheWrapperWhenItEnds) {
    View view = watched_master();
    EXPECT_EQ(next_deadline(view, t0), t0 + 1s);
    EXPECT_EQ(next_deadline(view, t0 + 2s), t0 + 2400ms);
    view.sentinels.opinions[sentinel_2].contact_at = t0 - 300ms;
    EXPECT_EQ(next_deadline(view, t0), t0 + 700ms) << "one is to be asked before";
    view.sentinels.opinions[sentinel_2].contact_at = t0;
    view.sentinels.opinions[sentinel_1].down_after = 900ms;
    EXPECT_EQ(next_deadline(view, t0), t0 + 300ms) << "as often as it has to ask";
}

TEST(KeepInTouch, AsksEachSentinelThreeTimesInDownAfter) {
    View view = watched_master();
    view.sentinels.opinions[sentinel_2].contact_at = t0 + 500ms;
    EXPECT_THAT(contacts_due(view, t0 + 999ms), IsEmpty());
    EXPECT_THAT(contacts_due(view, t0 + 1s), ElementsAre(sentinel_1, sentinel_3));
    observe_performed(view, KeepInTouch{sentinel_1}, t0 + 1s);
    EXPECT_THAT(contacts_due(view, t0 + 1s), ElementsAre(sentinel_3)) << "its answer may come";
    EXPECT_THAT(contacts_due(view, t0 + 2s), ElementsAre(sentinel_1, sentinel_2, sentinel_3));
}

TEST(KeepInTouch, IsNoMatterOfAReplica) {
    View view = watched_master();
    view.redis.role = Role::replica;
    EXPECT_THAT(contacts_due(view, t0 + 1h), IsEmpty());
}

TEST(KeepInTouch, CountsFromWhenItWasAsked) {
    View view = watched_master();
    const TimePoint& contact_at = view.sentinels.opinions[sentinel_1].contact_at;
    observe_contact(view, sentinel_1, t0 + 1s, Watch{at_b, true});
    EXPECT_EQ(contact_at, t0 + 1s);
    observe_contact(view, sentinel_1, t0 + 500ms, Watch{at_b, true});
    EXPECT_EQ(contact_at, t0 + 1s) << "an older answer";
    observe_contact(view, sentinel_1, t0 + 2s, Watch{at_b, false});
    EXPECT_EQ(contact_at, t0 + 1s) << "it takes this master for dead";
    observe_contact(view, sentinel_1, t0 + 3s, {});
    EXPECT_EQ(contact_at, t0 + 3s) << "nobody is there who could";
}

TEST(KeepInTouch, CountsFromThePingThatIsNotAnsweredYet) {
    View view = watched_master();
    const TimePoint& contact_at = view.sentinels.opinions[sentinel_1].contact_at;
    observe_contact(view, sentinel_1, t0 + 2s, Watch{at_b, true, false, 0, 800ms});
    EXPECT_EQ(contact_at, t0 + 1200ms) << "it will take this master for dead that much earlier";
    observe_contact(view, sentinel_1, t0 + 3s, Watch{at_a, true, false, 0, 800ms});
    EXPECT_EQ(contact_at, t0 + 3s) << "another master has not answered";
    Opinion heard = view.sentinels.opinions[sentinel_1];
    heard.answered = heard.master_is_up = true;
    heard.watched = heard.master = at_b;
    heard.asked_at = t0 + 4s;
    heard.unanswered_for = 300ms;
    observe_opinions(view, {{sentinel_1, heard}}, t0 + 4s);
    EXPECT_EQ(contact_at, t0 + 3700ms) << "when it was asked for everything, too";
}

TEST(KeepInTouch, AsksThemAllWhenOneExpectsAnotherMaster) {
    for (const Watch& watch : {Watch{at_a, true}, Watch{at_b, true, true}}) {
        View view = watched_master();
        observe_contact(view, sentinel_1, t0 + 1s, watch);
        EXPECT_TRUE(core::are_outdated(view.sentinels));
        EXPECT_TRUE(has<AskSentinels>(decide(view, t0 + 1s)));
    }
}

TEST(KeepInTouch, KnowsNobodyWhoIsNotRegistered) {
    View view = watched_master();
    observe_contact(view, {"10.0.1.9", 26379}, t0 + 1s, Watch{at_a, true});
    EXPECT_EQ(view.sentinels.opinions.size(), 3);
    EXPECT_FALSE(core::are_outdated(view.sentinels));
}

TEST(Contact, OfASentinelThatHasJustBeenRegisteredBeginsThen) {
    View view = watched_master();
    view.sentinels.opinions[{"10.0.1.4", 26379}] = {};
    observe_time(view, t0 + 1s);
    EXPECT_EQ((view.sentinels.opinions[{"10.0.1.4", 26379}].contact_at), t0 + 1s);
    EXPECT_EQ(view.sentinels.opinions[sentinel_1].contact_at, t0);
}

// As after all nodes were away: it is master, and the sentinels are about to replace it.
TEST(Contact, OfASentinelThatHasNotReachedAClosedMasterYetHasNotBegun) {
    View view = watched_master();
    view.redis.open = false;
    for (auto& [sentinel, opinion] : view.sentinels.opinions) opinion.contact_at = {};
    observe_time(view, t0 + 1s);
    EXPECT_TRUE(why_not_in_touch_yet(view, t0 + 1s));
    for (const auto& sentinel : {sentinel_1, sentinel_2, sentinel_3}) {
        EXPECT_TRUE(why_not_in_touch_yet(view, t0 + 2s));
        observe_contact(view, sentinel, t0 + 2s, Watch{at_b, true});
    }
    EXPECT_FALSE(why_not_in_touch_yet(view, t0 + 2s));
}

// Most of them reach it again, and the last one goes on with what it has heard of them before.
TEST(Lease, LeavesAMasterClosedWhileOneSentinelMayHaveAgreedWithOthers) {
    View view = watched_master();
    view.redis.open = false;
    observe_time(view, t0);
    EXPECT_FALSE(why_not_in_touch_yet(view, t0));
    view.sentinels.opinions[sentinel_3].contact_at = t0 - 1400ms;
    EXPECT_THAT(why_not_in_touch_yet(view, t0).value_or(""), HasSubstr("10.0.1.3:26379"));
    view.sentinels.opinions[sentinel_3].answered = false;
    EXPECT_FALSE(why_not_in_touch_yet(view, t0)) << "one that is lost does not delay a fail-over";
    view.sentinels.opinions[sentinel_3].answered = true;
    const auto in_touch_until = [&](TimePoint now) {
        for (const auto& sentinel : {sentinel_1, sentinel_2})
            view.sentinels.opinions[sentinel].contact_at = now;
        view.sentinels.opinions[sentinel_3].asked_at = now;
        observe_time(view, now);
        return why_not_in_touch_yet(view, now);
    };
    EXPECT_TRUE(in_touch_until(t0 + 2s));
    EXPECT_TRUE(in_touch_until(t0 + 4s));
    EXPECT_TRUE(in_touch_until(t0 + 5999ms));
    EXPECT_FALSE(in_touch_until(t0 + 6s)) << "what it has heard is too old by now";
}

// Its turns come in time for each contact, and a single late one begins nothing anew.
TEST(Lease, LetsAMasterOpenWhateverTheDownAfterIsAndThoughOneSentinelNeverReachesIt) {
    for (const milliseconds down_after : {500ms, 1000ms, 3000ms, 30000ms}) {
        View view = watched_master();
        view.redis.open = false;
        for (auto& [sentinel, opinion] : view.sentinels.opinions) opinion.down_after = down_after;
        view.sentinels.opinions[sentinel_3].contact_at = {};
        TimePoint now = t0;
        observe_time(view, now);
        while (why_not_in_touch_yet(view, now) && now < t0 + 1min) {
            for (const auto& sentinel : contacts_due(view, now)) {
                view.sentinels.opinions[sentinel].contact_asked_at = now;
                if (sentinel != sentinel_3) view.sentinels.opinions[sentinel].contact_at = now;
            }
            for (auto& [sentinel, opinion] : view.sentinels.opinions) opinion.asked_at = now;
            now = next_deadline(view, now) + 20ms;
            observe_time(view, now);
        }
        EXPECT_LT(now, t0 + 7s) << down_after.count();
    }
}

// While redis loads nobody asks them.
TEST(Lease, CountsTheTimeInTouchFromTheFirstWord) {
    View view = watched_master();
    for (auto& [sentinel, opinion] : view.sentinels.opinions) opinion.down_after.reset();
    observe_time(view, t0);
    EXPECT_FALSE(view.in_touch_since);
    for (auto& [sentinel, opinion] : view.sentinels.opinions) opinion.down_after = 3s;
    observe_time(view, t0 + 1s);
    EXPECT_EQ(view.in_touch_since, t0 + 1s);
    observe_time(view, t0 + 2s);
    EXPECT_EQ(view.in_touch_since, t0 + 1s) << "one late answer";
    observe_time(view, t0 + 3s);
    EXPECT_FALSE(view.in_touch_since) << "the lease has ended";
}

TEST(Contact, IsNoneOfASentinelThatFailsOver) {
    View view = watched_master();
    observe_contact(view, sentinel_1, t0 + 1s, Watch{at_b, true, true});
    EXPECT_EQ(view.sentinels.opinions[sentinel_1].contact_at, t0);
}

TEST(Contact, IsAnAnswerThatTheSentinelReachesThisMaster) {
    const auto contact_after = [](const Opinion& answer) {
        View view = watched_master();
        observe_opinions(view, {{sentinel_1, answer}}, t0 + 2s);
        return view.sentinels.opinions[sentinel_1].contact_at;
    };
    Opinion answer;
    answer.asked_at = t0 + 1s;
    EXPECT_EQ(contact_after(answer), t0) << "silence says nothing";
    answer.answered = answer.master_is_up = true;
    answer.watched = at_b;
    EXPECT_EQ(contact_after(answer), t0 + 1s) << "from when it was asked";
    answer.master_is_up = false;
    EXPECT_EQ(contact_after(answer), t0);
    answer.master_is_up = true;
    answer.watched = at_a;
    EXPECT_EQ(contact_after(answer), t0 + 1s) << "it has not heard of this master yet";
    answer.config_epoch = 1;
    EXPECT_EQ(contact_after(answer), t0) << "it has replaced this master";
    Opinion dead;
    dead.asked_at = t0 + 1s;
    dead.dead = true;
    EXPECT_EQ(contact_after(dead), t0 + 1s) << "it decides nothing";
}

}  // namespace
}  // namespace redis_zk::redis_wrapper
