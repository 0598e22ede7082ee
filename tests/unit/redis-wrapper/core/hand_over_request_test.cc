// Who asks for a hand-over, and a node that is asked to stop.
#include <gtest/gtest.h>

#include "tests/unit/redis-wrapper/core/handing_over.h"

namespace redis_zk::redis_wrapper {
namespace {

View asked_to_stop(View view) {
    observe_stop(view, t0);
    return view;
}

TEST(HandOverRequest, BeginsWhenAMasterIsAskedToStop) {
    const View view = asked_to_stop(master_with_an_heir());
    ASSERT_TRUE(view.hand_over);
    EXPECT_EQ(view.hand_over->asked_at, t0);
    EXPECT_TRUE(has<Pause>(decide(view, t0)));
}

TEST(HandOverRequest, IsNotBegunByWhoeverTakesNoWritesWhenItIsAskedToStop) {
    View closed = master_with_an_heir();
    closed.redis.open = false;
    View demoted = master_with_an_heir();
    demoted.redis.role = Role::replica;
    for (const View& view : {closed, demoted}) {
        EXPECT_FALSE(asked_to_stop(view).hand_over);
        EXPECT_TRUE(has<ShutDown>(decide(asked_to_stop(view), t0)));
    }
}

TEST(HandOverRequest, IsNotBegunByAStopWithoutATimeForIt) {
    View view = master_with_an_heir();
    view.hand_over_timeout = 0ms;
    EXPECT_EQ(decided(asked_to_stop(view)), "stop redis, because this node was asked to stop");
}

TEST(HandOverRequest, OfAPersonEndsAtOnceWithoutATimeForIt) {
    View view = master_with_an_heir();
    view.hand_over_timeout = 0ms;
    observe_hand_over_request(view, t0);
    EXPECT_EQ(decided(view, t0),
              "no hand-over: no replica has taken over in time (HANDOVER_TIMEOUT)");
}

TEST(HandOverRequest, ChangesNothingWhileOneIsUnderWay) {
    View view = closed();
    observe_hand_over_request(view, t0 + 1s);
    EXPECT_EQ(view.hand_over->asked_at, t0);
    EXPECT_TRUE(view.hand_over->paused_at);
    observe_stop(view, t0 + 2s);
    EXPECT_EQ(view.hand_over->asked_at, t0);
    EXPECT_TRUE(has<RequestFailover>(decide(view, t0 + 2s))) << "it goes on, and then it stops";
}

TEST(HandOverRequest, BeginsAnewWhenTheLastOneIsOver) {
    View view = failover_requested();
    observe_failover_answer(view, sentinel_2, false);
    observe_performed(view, RequestFailover{sentinel_1, {}}, t0);
    observe_performed(view, EndHandOver{false, "why"}, t0);
    view.redis.open = true;
    observe_stop(view, t0 + 1s);
    EXPECT_EQ(view.hand_over->asked_at, t0 + 1s);
    EXPECT_FALSE(view.hand_over->paused_at || view.hand_over->is_over);
    EXPECT_TRUE(view.hand_over->refused_by.empty());
    EXPECT_EQ(view.in_flight.failover_request, std::nullopt) << "that was for the last one";
}

TEST(HandOverRequest, IsAnsweredOnceAndItsOutcomeIsKept) {
    View view = asked_to_hand_over();
    observe_performed(view, EndHandOver{true, "c is master"}, t0);
    EXPECT_TRUE(view.hand_over->is_over && view.hand_over->is_done);
    EXPECT_EQ(view.hand_over->outcome, "c is master");
    observe_performed(view, EndHandOver{false, "another"}, t0);
    EXPECT_TRUE(view.hand_over->is_done) << "it was over";
    EXPECT_EQ(hand_over(view, t0), std::nullopt);
    EXPECT_EQ(hand_over(master_with_an_heir(), t0), std::nullopt);
}

TEST(HandOverRequest, IsRememberedWithWhatWasDoneForIt) {
    View view = asked_to_hand_over();
    observe_performed(view, Pause{}, t0 + 1ms);
    observe_performed(view, Park{}, t0 + 2ms);
    EXPECT_EQ(view.hand_over->paused_at, t0 + 1ms);
    EXPECT_EQ(view.hand_over->stepped_down_at, t0 + 2ms);
}

// Before this node could park.
TEST(HandOverRequest, IsRememberedWithWhenASentinelMadeAReplicaOfTheMaster) {
    core::LineageTracker tracker;
    View view = failover_requested();
    RedisLook look;
    look.is_master = true;
    observe_redis(view, tracker, look, t0 + 1s);
    EXPECT_EQ(view.hand_over->stepped_down_at, std::nullopt);
    look.is_master = false;
    look.following = at_c;
    observe_redis(view, tracker, look, t0 + 2s);
    observe_redis(view, tracker, look, t0 + 3s);
    EXPECT_EQ(view.hand_over->stepped_down_at, t0 + 2s);
    View parked = stepped_down();
    parked.redis.role = Role::master;
    observe_redis(parked, tracker, look, t0 + 2s);
    EXPECT_EQ(parked.hand_over->stepped_down_at, t0 + 8ms) << "it has parked before";
}

TEST(HandOverRequest, IsFollowedByTheStop) {
    View failed = asked_to_stop(master_with_an_heir());
    observe_performed(failed, EndHandOver{false, "why"}, t0);
    View done = failed;
    done.redis.role = Role::parked;
    for (const View& view : {failed, done})
        EXPECT_EQ(decided(view), "stop redis, because this node was asked to stop");
}

TEST(HandOverRequest, OfAPersonIsFollowedByTheServiceOfAMasterThatStaysOne) {
    View view = closed();
    observe_performed(view, EndHandOver{false, "why"}, t0);
    EXPECT_EQ(decided(view), "open for writes, because the record names this node");
}

// A person's "at once", or a scheduler that is about to kill.
TEST(HandOverRequest, IsGivenUpForWhoeverAsksASecondTimeToStop) {
    for (View view : {master_with_an_heir(), closed(), stepped_down()}) {
        observe_stop(view, t0);
        EXPECT_FALSE(has<ShutDown>(decide(view, soon)));
        observe_stop(view, t0 + 1ms);
        EXPECT_EQ(decided(view),
                  "no hand-over: this node was asked to stop a second time\n"
                  "stop redis, because this node was asked to stop");
        for (const Action& action : decide(view, soon)) observe_performed(view, action, soon);
        EXPECT_FALSE(has<Kill>(decide(view, soon))) << "it was in a hurry, and has got its stop";
        observe_stop(view, t0 + 2ms);
        EXPECT_TRUE(has<Kill>(decide(view, soon)));
    }
}

TEST(HandOverRequest, GoesOnWithoutZooKeeperAndWhileTheClusterIsUnknown) {
    View view = closed();
    view.zookeeper_connected = view.members_known = false;
    EXPECT_TRUE(has<RequestFailover>(decide(view, soon)));
}

TEST(HandOverRequest, MakesTheNextTurnsFollowQuickly) {
    View view = asked_to_stop(master_with_an_heir());
    EXPECT_EQ(next_deadline(view, t0), t0 + 20ms);
    observe_performed(view, EndHandOver{}, t0);
    EXPECT_EQ(next_deadline(view, t0), t0 + 100ms);
}

TEST(FailoverAnswer, IsOfNoInterestToWhoeverHasNotAskedForIt) {
    View view = master_with_an_heir();
    view.in_flight.failover_request = t0 + 3s;
    observe_failover_answer(view, sentinel_1, false);
    EXPECT_EQ(view.in_flight.failover_request, t0 + 3s) << "a replica asks again at its own pace";
    EXPECT_FALSE(view.hand_over);
    View over = failover_requested();
    observe_performed(over, EndHandOver{}, t0);
    observe_failover_answer(over, sentinel_1, false);
    EXPECT_TRUE(over.hand_over->refused_by.empty());
}

// SIGTERM to all nodes at once: whoever takes over would hand over to the next.
TEST(Leaving, WithdrawsTheOfferOfAReplica) {
    View view = asked_to_stop(replica_in_sync());
    EXPECT_EQ(decided(view, t0),
              "fence, because nobody shall choose a node that stops\n"
              "stop redis, because this node was asked to stop");
    view.redis.offered = false;
    EXPECT_EQ(decided(view, t0), "stop redis, because this node was asked to stop");
}

TEST(Leaving, TellsOthersNotToChooseThisNode) {
    View view = replica_in_sync();
    view.self.priority = 50;
    EXPECT_EQ(self_as_member(view).priority, 50);
    const Member before = self_as_member(view);
    observe_stop(view, t0);
    EXPECT_EQ(self_as_member(view).priority, 0);
    EXPECT_TRUE(is_entry_outdated(before, self_as_member(view)));
}

TEST(Leaving, CountsHowOftenItWasAskedAndItsTimeFromTheFirst) {
    View view = replica_in_sync();
    observe_stop(view, t0);
    observe_stop(view, t0 + 1s);
    EXPECT_EQ(view.stop_requested_at, t0);
    EXPECT_EQ(view.stop_requests, 2);
}

}  // namespace
}  // namespace redis_zk::redis_wrapper
