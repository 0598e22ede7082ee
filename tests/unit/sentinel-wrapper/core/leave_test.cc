// From a registered sentinel to nothing, asked or not.
#include <gtest/gtest.h>

#include "sentinel-wrapper/core/decide.h"
#include "tests/unit/sentinel-wrapper/core/views.h"

namespace redis_zk::sentinel_wrapper {
namespace {

View asked_to_stop() {
    View view = monitoring();
    view.self.drain = 5s;
    view.stop_requested_at = t0;
    view.stop_requests = 1;
    return view;
}

View stopped() {
    View view = asked_to_stop();
    view.registered = false;
    view.sentinel = {};
    return view;
}

TEST(Leave, LeavesTheListBeforeAnythingElse) {
    View view = asked_to_stop();
    EXPECT_EQ(deeds(decide(view, t0)),
              "leave the list of sentinels, because this sentinel was asked to stop");
    view.in_flight.registration = t0 + 1s;
    EXPECT_EQ(deeds(decide(view, t0)), "wait: leaving the list of sentinels");
}

TEST(Leave, GoesOnWhenZooKeeperDoesNotAnswerForThreeSeconds) {
    View view = asked_to_stop();
    view.self.drain = 0ms;
    EXPECT_FALSE(the<ShutDown>(decide(view, t0 + 2999ms)));
    EXPECT_TRUE(the<ShutDown>(decide(view, t0 + 3s)));
}

TEST(Leave, DrainsFromTheMomentClientsCanKnow) {
    View view = asked_to_stop();
    view.registered = false;
    view.deregistered_at = t0 + 1s;
    EXPECT_TRUE(the<Wait>(decide(view, t0 + 5999ms)));
    EXPECT_TRUE(the<ShutDown>(decide(view, t0 + 6s)));
}

TEST(Leave, KillsWhatDoesNotStopInTime) {
    View view = asked_to_stop();
    view.registered = false;
    view.sentinel.asked_to_stop = true;
    view.sentinel.may_stop_until = t0 + 10s;
    EXPECT_EQ(deeds(decide(view, t0 + 9999ms)), "wait: the sentinel is stopping");
    EXPECT_TRUE(the<Kill>(decide(view, t0 + 10s)));
}

TEST(Leave, HurriesWhenAskedTwice) {
    View view = asked_to_stop();
    view.stop_requests = 2;
    EXPECT_TRUE(the<ShutDown>(decide(view, t0)));
    view.sentinel.asked_to_stop = true;
    view.sentinel.may_stop_until = t0 + 10s;
    EXPECT_TRUE(the<Kill>(decide(view, t0)));
}

TEST(Leave, GivesTheIdBackOnlyWhenTheSentinelIsGone) {
    View view = asked_to_stop();
    view.registered = false;
    view.sentinel.asked_to_stop = true;
    view.sentinel.may_stop_until = t0 + 10s;
    EXPECT_FALSE(the<ReleaseIdentity>(decide(view, t0)));
    view = stopped();
    EXPECT_EQ(deeds(decide(view, t0)), "give the id back to the pool");
    view.identity.state = Identity::State::releasing;
    EXPECT_EQ(deeds(decide(view, t0)), "wait: the id goes back to the pool");
    view.identity = {};
    EXPECT_EQ(deeds(decide(view, t0)), "exit");
}

TEST(Leave, DoesNotWaitForEverForTheEndOfTheId) {
    View view = stopped();
    EXPECT_FALSE(the<Exit>(decide(view, t0 + 14999ms)));
    EXPECT_TRUE(the<Exit>(decide(view, t0 + 15s)));  // DRAIN and STOP_TIMEOUT
    view.zookeeper_connected = false;
    EXPECT_TRUE(the<Exit>(decide(view, t0)));
}

TEST(Leave, KillsASentinelWhoseIdIsSomebodyElses) {
    View view = monitoring();
    view.identity = {};
    auto actions = decide(view, t0);
    EXPECT_TRUE(the<Kill>(actions));
    EXPECT_TRUE(the<Deregister>(actions));
    view.sentinel.asked_to_stop = true;
    EXPECT_FALSE(the<Kill>(decide(view, t0)));
    EXPECT_FALSE(the<ClaimIdentity>(decide(view, t0)));  // not before it is gone
    view.sentinel = {};
    EXPECT_TRUE(the<ClaimIdentity>(decide(view, t0)));
}

TEST(Leave, KeepsASentinelWhoseIdIsOnlyUnconfirmed) {
    View view = monitoring();
    view.identity.confirmed = false;
    view.zookeeper_connected = false;
    view.informed_since.reset();
    EXPECT_EQ(deeds(decide(view, t0)), "wait: ZooKeeper is unreachable; the sentinel goes on");
}

TEST(Leave, TakesASentinelThatHangsOutOfTheList) {
    View view = monitoring();
    view.sentinel.hangs = true;
    EXPECT_TRUE(the<Deregister>(decide(view, t0)));
    view.registered = false;
    EXPECT_EQ(deeds(decide(view, t0)), "wait: the sentinel does not answer");
}

}  // namespace
}  // namespace redis_zk::sentinel_wrapper
