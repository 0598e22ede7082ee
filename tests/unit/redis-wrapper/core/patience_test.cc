// From when the time counts that absent nodes are given, and what a gap in what is known does to
// it.
#include <gtest/gtest.h>

#include "redis-wrapper/core/observe.h"
#include "tests/unit/redis-wrapper/core/views.h"

namespace redis_zk::redis_wrapper {
namespace {

TEST(ObserveTime, KnowsSinceWhenItKnowsEverything) {
    View view = first_node();
    view.informed_since.reset();
    observe_time(view, t0);
    observe_time(view, t0 + 5s);
    EXPECT_EQ(view.informed_since, t0);
    view.zookeeper_connected = false;
    observe_time(view, t0 + 6s);
    EXPECT_EQ(view.informed_since, std::nullopt);
    EXPECT_EQ(view.patience_began, t0);
}

// The connection to ZooKeeper is lost at one time and back at the other, in the same session.
void lose_connection(View& view, TimePoint from, TimePoint until) {
    view.zookeeper_connected = false;
    observe_time(view, from);
    observe_time(view, from + (until - from) / 2);
    view.zookeeper_connected = true;
    observe_time(view, until);
}

TEST(Patience, GoesOnAfterAGapWithWhatWasLeft) {
    View view = first_node();
    lose_connection(view, t0 + 4s, t0 + 5s);
    EXPECT_EQ(view.informed_since, t0 + 5s);
    EXPECT_EQ(view.patience_began, t0 + 1s) << "4 s were over";
    lose_connection(view, t0 + 9s, t0 + 10s);
    EXPECT_EQ(view.patience_began, t0 + 2s) << "8 s were over";
}

TEST(Patience, CountsFromWhenAMasterWasSeen) {
    View view = first_node();
    view.master_seen_at = t0 + 3s;
    lose_connection(view, t0 + 4s, t0 + 6s);
    EXPECT_EQ(view.patience_began, t0 + 5s) << "1 s was over";
}

// They may have been away too.
TEST(Patience, LeavesTheOthersSomeTimeAfterAGap) {
    View view = first_node();
    lose_connection(view, t0 + 29s, t0 + 32s);
    EXPECT_EQ(view.patience_began, t0 + 5s) << "3 s are left of 30 s";
    lose_connection(view, t0 + 34s, t0 + 1h);
    EXPECT_EQ(view.patience_began, t0 + 1h - 25s) << "and never more than 5 s";
    view.self.cold_start_wait = 2s;
    lose_connection(view, t0 + 2h, t0 + 3h);
    EXPECT_EQ(view.patience_began, t0 + 3h);
}

TEST(Patience, BeginsAnewWithANewSession) {
    View view = first_node();
    observe_session(view, false, true);
    observe_time(view, t0 + 20s);
    observe_session(view, true, false);
    view.registered = true;
    observe_time(view, t0 + 21s);
    EXPECT_EQ(view.patience_began, t0 + 21s);
}

TEST(Patience, DoesNotCountTheTimeInWhichThisProcessStoodStill) {
    View view = first_node();
    view.turned_at = t0 + 10s;
    view.next_turn_at = t0 + 11s;
    ASSERT_TRUE(observe_jump(view, t0 + 14s, 6s));
    view.zookeeper_connected = false;
    observe_time(view, t0 + 14s);
    view.zookeeper_connected = true;
    observe_time(view, t0 + 15s);
    EXPECT_EQ(view.patience_began, t0 + 5s) << "10 s were over";
}

TEST(Patience, KnowsAfterAGapForHowLongAMasterHasHadNoWrapper) {
    View view = first_node();
    is_master(view, at_a);
    view.probes[at_a].closed = true;
    view.abandoned_since[at_a] = t0;
    lose_connection(view, t0 + 2s, t0 + 3s);
    EXPECT_EQ(view.abandoned_since[at_a], t0 + 1s) << "2 s were over";
    observe_session(view, true, true);
    EXPECT_TRUE(view.abandoned_since.empty());
}

}  // namespace
}  // namespace redis_zk::redis_wrapper
