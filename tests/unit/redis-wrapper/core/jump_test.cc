// What this process believes after it stood still: frozen, or on a machine that was suspended.
#include <gtest/gtest.h>

#include "redis-wrapper/core/decide.h"
#include "redis-wrapper/core/find_master.h"
#include "redis-wrapper/core/observe.h"
#include "tests/unit/redis-wrapper/core/views.h"

namespace redis_zk::redis_wrapper {
namespace {

TEST(ObserveJump, DistrustsEverythingWhenATurnComesLate) {
    View view = recorded_master();
    view.redis.looked_at = t0 - 1s;
    is_master(view, at_a);
    sentinels_name(view, at_b);
    view.next_turn_at = t0;
    EXPECT_TRUE(observe_jump(view, t0 + 2001ms, 6s));
    EXPECT_EQ(recent_answer(view, at_a, t0 + 2001ms), Probe::Answer::none);
    EXPECT_EQ(majority_of_sentinels(view), std::nullopt);
    EXPECT_FALSE(core::is_majority_heard(view.sentinels));
}

TEST(ObserveJump, ToleratesATurnThatIsALittleLate) {
    View view = recorded_master();
    is_master(view, at_a);
    EXPECT_FALSE(observe_jump(view, t0 + 1h, 6s)) << "it is the first turn";
    view.next_turn_at = t0;
    EXPECT_FALSE(observe_jump(view, t0 - 1s, 6s)) << "something has happened";
    EXPECT_FALSE(observe_jump(view, t0 + 2s, 6s));
    EXPECT_FALSE(view.probes.empty());
}

View master_since_the_last_turn() {
    View view = recorded_master();
    view.turned_at = t0;
    view.next_turn_at = t0 + 1s;
    return view;
}

// Its server has last heard of it up to a third of the timeout before.
TEST(ObserveJump, LosesTheLeaseAfterTwoThirdsOfTheSessionTimeout) {
    View view = master_since_the_last_turn();
    EXPECT_TRUE(observe_jump(view, t0 + 4s, 6s));
    EXPECT_FALSE(view.lease_is_lost);
    view = master_since_the_last_turn();
    view.in_flight.redis_command = t0 + 1h;
    EXPECT_TRUE(observe_jump(view, t0 + 4001ms, 6s));
    EXPECT_TRUE(view.lease_is_lost);
    EXPECT_FALSE(view.in_flight.redis_command);
    view = master_since_the_last_turn();
    observe_time(view, t0 + 1s);
    view.next_turn_at = t0 + 2s;
    observe_jump(view, t0 + 5s, 6s);
    EXPECT_FALSE(view.lease_is_lost) << "since the last turn";
}

TEST(ObserveJump, TakesTheLeaseFromNobodyButAMasterThatTakesWrites) {
    View closed = master_since_the_last_turn();
    closed.redis.open = false;
    View replica = replica_in_sync();
    replica.turned_at = replica.next_turn_at = t0;
    for (View* view : {&closed, &replica}) {
        EXPECT_TRUE(observe_jump(*view, t0 + 1h, 6s));
        EXPECT_FALSE(view->lease_is_lost);
    }
    closed = master_since_the_last_turn();
    closed.redis.open = false;
    closed.in_flight.redis_command = t0 + 1s;
    EXPECT_TRUE(observe_jump(closed, t0 + 1h, 6s));
    EXPECT_TRUE(closed.lease_is_lost) << "it was just being opened";
    EXPECT_TRUE(has<Close>(decide(closed, t0 + 1h)));
}

TEST(ObserveJump, IsOverForAMasterThatWasSeenClosed) {
    View view = recorded_master();
    core::LineageTracker tracker{std::nullopt};
    RedisLook look;
    look.is_master = look.open = true;
    view.lease_is_lost = true;
    observe_redis(view, tracker, look, t0);
    EXPECT_TRUE(view.lease_is_lost);
    look.open = false;
    observe_redis(view, tracker, look, t0);
    EXPECT_FALSE(view.lease_is_lost);
    view.lease_is_lost = true;
    observe_redis_gone(view);
    EXPECT_FALSE(view.lease_is_lost);
}

TEST(ObserveJump, DoesNotTakeItsOwnSilenceForThatOfRedis) {
    View view = recorded_master();
    view.redis.looked_at = t0 - 4s;
    view.next_turn_at = t0;
    observe_jump(view, t0 + 60s, 6s);
    observe_time(view, t0 + 60s);
    EXPECT_FALSE(view.redis.hangs);
    observe_time(view, t0 + 66s);
    EXPECT_TRUE(view.redis.hangs) << "4 s before and 6 s since";
}

}  // namespace
}  // namespace redis_zk::redis_wrapper
