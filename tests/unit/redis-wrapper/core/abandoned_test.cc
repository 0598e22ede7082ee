// A master that the sentinels have chosen and whose wrapper is gone: nobody is there who could
// write the record and open it.
#include <gtest/gtest.h>

#include "redis-wrapper/core/decide.h"
#include "redis-wrapper/core/find_master.h"
#include "redis-wrapper/core/observe.h"
#include "tests/unit/redis-wrapper/core/views.h"

namespace redis_zk::redis_wrapper {
namespace {

const std::string gone = "10.0.0.3:6379 takes no writes, and its wrapper is gone";

std::string decided(const View& view, TimePoint now = t0) {
    return spoken_actions(decide(view, now));
}

// The recorded a is dead, the sentinels have made c master, and b is in sync with it; the wrapper
// of c is frozen since before it could publish, and its session has ended.
View beside_an_abandoned_master() {
    View view = replica_in_sync();
    view.members.erase("a");
    is_dead(view, at_a);
    is_master(view, at_c);
    view.probes[at_c].closed = true;
    view.redis.following = at_c;
    sentinels_name(view, at_c);
    view.abandoned_since[at_c] = t0 - 5s;
    return view;
}

TEST(Decide, AsksASentinelUnderTheLockToReplaceAMasterWhoseWrapperIsGone) {
    View view = beside_an_abandoned_master();
    EXPECT_EQ(decided(view), "take the lock, because " + gone);
    view.lock = Lock::requested;
    EXPECT_EQ(decided(view), "wait: whoever holds the lock decides first");
    view.lock = Lock::held;
    const std::string wait = "wait: " + gone + "; waiting for a sentinel to choose another master";
    EXPECT_EQ(decided(view),
              "ask sentinel 10.0.1.1:26379 for a fail-over, because " + gone + '\n' + wait);
    view.in_flight.failover_request = t0 + 1s;
    EXPECT_EQ(decided(view), wait) << "it was asked just now";
}

TEST(Decide, WaitsForTheWrapperOfAMasterThatMayComeBack) {
    View view = beside_an_abandoned_master();
    view.abandoned_since[at_c] = t0 - 4s;
    EXPECT_EQ(decided(view), "wait: " + gone + "; it may come back");
    view.lock = Lock::held;
    EXPECT_TRUE(has<ReleaseLock>(decide(view, t0)));
}

TEST(Decide, DoesNotAskForAFailOverWhileOneIsUnderWay) {
    View view = beside_an_abandoned_master();
    view.lock = Lock::held;
    view.sentinels.opinions[sentinel_2].failover_in_progress = true;
    EXPECT_EQ(decided(view), "wait: " + gone + "; a sentinel is failing over");
    view.sentinels.opinions[sentinel_2].fail_over = core::FailOver{at_c, 1, t0 - 23s};
    view.sentinels.opinions[sentinel_2].time_to_fail_over = 23s;
    EXPECT_TRUE(has<RequestFailover>(decide(view, t0))) << "of another one: it may never end";
}

TEST(Decide, SaysWhyNobodyCanReplaceAMasterWhoseWrapperIsGone) {
    View view = beside_an_abandoned_master();
    view.self.priority = 0;
    EXPECT_EQ(decided(view),
              "wait: " + gone + "; replica-priority 0 keeps this node from taking its place");
    view = beside_an_abandoned_master();
    view.sentinels.opinions.clear();
    view.record.named = view.record.written->master = at_c;
    EXPECT_EQ(decided(view), "wait: " + gone +
                                 "; no majority of the sentinels names it, so none is asked for "
                                 "another");
}

TEST(Decide, AsksOnlyASentinelThatNamesTheMasterThatIsToBeReplaced) {
    View view = beside_an_abandoned_master();
    view.lock = Lock::held;
    view.sentinels.opinions[sentinel_1].master = at_a;
    const Actions actions = decide(view, t0);
    ASSERT_TRUE(has<RequestFailover>(actions));
    EXPECT_EQ(find<RequestFailover>(actions)->sentinel, sentinel_2);
}

TEST(Decide, DoesNotAskToBeChosenWhileItGetsTheData) {
    View view = beside_an_abandoned_master();
    view.redis.link_up = false;
    view.redis.synchronising = true;
    view.lock = Lock::held;
    EXPECT_EQ(
        decided(view),
        "release the lock, because there is a master\nwait: synchronising with 10.0.0.3:6379");
}

const std::string empty =
    "10.0.0.3:6379 takes no writes, its wrapper is gone, and nobody says that it has the data of "
    "the cluster";

// The recorded master has come back at c without its data and was promoted by hand, and its wrapper
// is gone; b has the data and knocks in vain.
View beside_an_empty_master() {
    View view = beside_an_abandoned_master();
    view.redis.link_up = false;
    view.self.cold_start_wait = time_to_come_back;
    return view;
}

TEST(Decide, TakesThePlaceOfAnEmptyMasterWhoseWrapperIsGone) {
    View view = beside_an_empty_master();
    EXPECT_EQ(decided(view), "park, because " + empty);
    view.redis.role = Role::parked;
    view.redis.following.reset();
    view.redis.offered = false;
    EXPECT_EQ(decided(view), "offer this node for fail-over, because " + empty +
                                 ", and the data of this node are the freshest of the living");
    view.redis.offered = true;
    view.redis.offered_since = t0 - 1999ms;
    EXPECT_EQ(decided(view),
              "wait: " + empty + "; the sentinels have to hear of this node's offer");
    view.redis.offered_since = t0 - 2s;
    EXPECT_EQ(decided(view), "take the lock, because " + empty);
    view.lock = Lock::held;
    EXPECT_EQ(decided(view), "ask sentinel 10.0.1.1:26379 for a fail-over, because " + empty +
                                 "\nwait: " + empty +
                                 "; waiting for a sentinel to choose another master");
}

// P2: a node that is restarted at this moment may have more.
TEST(Decide, WaitsForMissingNodesBeforeItTakesThePlaceOfAnEmptyMaster) {
    View view = beside_an_empty_master();
    const TimePoint since = view.abandoned_since.begin()->second;
    view.self.cold_start_wait = std::chrono::duration_cast<milliseconds>(t0 + 1ms - since);
    EXPECT_EQ(decided(view),
              "wait: " + empty + "; the recorded master, 10.0.0.1:6379, is missing with its data");
    view.self.cold_start_wait = std::chrono::duration_cast<milliseconds>(t0 - since);
    EXPECT_EQ(decided(view), "park, because " + empty);
}

TEST(Decide, LeavesThePlaceOfAnEmptyMasterToWhomItStepsBackFor) {
    View view = beside_an_empty_master();
    registered(view, "e", {"10.0.0.5", 6379}, view.redis.lineage);
    EXPECT_EQ(decided(view), "park, because " + empty);
    view.early_crashes.count = 3;
    EXPECT_EQ(decided(view), "wait: " + empty +
                                 "; redis has crashed 3 times within a minute of its promotion, "
                                 "and another node can lead");
}

TEST(Decide, LeavesThePlaceOfAnEmptyMasterToAFresherNode) {
    View view = beside_an_empty_master();
    registered(view, "d", {"10.0.0.4", 6379}, Lineage{7, 100});
    const std::string before = empty + "; member 10.0.0.4:6379 ranks before this node";
    EXPECT_EQ(decided(view), "fence, because " + before) << "it is not to be chosen";
    view.redis.offered = false;
    EXPECT_EQ(decided(view), "wait: " + before);
    view.members["d"].lineage = Lineage{7, 98};
    EXPECT_TRUE(has<Park>(decide(view, t0)));
}

TEST(Decide, TakesNoPlaceThatAnotherNodeHasTakenAlready) {
    View view = beside_an_empty_master();
    registered(view, "d", {"10.0.0.4", 6379}, Lineage{7, 99}, Role::master);
    EXPECT_EQ(decided(view), "wait: " + empty +
                                 "; member 10.0.0.4:6379 says that it is master, and is not "
                                 "published yet");
}

TEST(Decide, LeavesThePlaceOfAMasterToWhoeverGetsItsData) {
    View view = beside_an_empty_master();
    Member& other = registered(view, "d", {"10.0.0.4", 6379}, Lineage{7, 98}, Role::replica);
    other.following = at_c;
    other.link_up = true;
    EXPECT_EQ(decided(view), "wait: synchronising with 10.0.0.3:6379");
}

TEST(Decide, WaitsForAMasterOfWhoseDataSomebodyKnows) {
    View view = beside_an_empty_master();
    recorded(view, 7, "c", at_c);
    EXPECT_EQ(decided(view), "wait: synchronising with 10.0.0.3:6379");
    view = beside_an_empty_master();
    view.redis.lineage.reset();
    EXPECT_EQ(decided(view), "wait: synchronising with 10.0.0.3:6379") << "here are no data";
}

TEST(Decide, WaitsForTheWrapperOfAnEmptyMasterToComeBack) {
    View view = beside_an_empty_master();
    view.abandoned_since[at_c] = t0 - 4s;
    EXPECT_EQ(decided(view), "wait: synchronising with 10.0.0.3:6379");
    view.abandoned_since[at_c] = t0 - 5s;
    EXPECT_TRUE(has<Park>(decide(view, t0)));
}

TEST(Decide, SaysWhyItDoesNotTakeThePlaceOfAMasterWhoseDataNobodyVouchesFor) {
    View view = beside_an_abandoned_master();
    view.redis.lineage.reset();
    view.redis.offered = false;
    EXPECT_EQ(decided(view), "wait: " + gone +
                                 "; whether its data are the cluster's is not known, so nobody "
                                 "takes its place");
}

TEST(Decide, LooksOftenAtAMasterWhoseWrapperIsGone) {
    View view = beside_an_abandoned_master();
    EXPECT_FALSE(is_settled(view));
    view.abandoned_since.clear();
    EXPECT_TRUE(is_settled(view));
}

TEST(Decide, SaysOfAMasterThatWasReplacedByOneWhoseWrapperIsGoneWhatItWaitsFor) {
    View view = recorded_master();
    view.redis.open = false;
    is_master(view, at_c);
    view.probes[at_c].closed = true;
    sentinels_name(view, at_c);
    view.members.clear();
    view.abandoned_since[at_c] = t0;
    EXPECT_EQ(decided(view),
              "wait: 10.0.0.3:6379 was chosen in place of this node and takes no writes, and its "
              "wrapper is gone; waiting for it, or for another choice");
}

// It was a replica of the abandoned one, is chosen again, and the record still names it: the other
// one's wrapper may come back in this instant.
TEST(Decide, TakesNoWritesAgainBesideOneThatItHasFollowedMeanwhile) {
    View view = recorded_master();
    view.redis.open = false;
    view.redis.followed_last = at_c;
    is_master(view, at_c);
    EXPECT_EQ(decided(view), "wait: 10.0.0.3:6379 still takes writes, and has to stop first");
    view.probes[at_c].closed = true;
    EXPECT_EQ(decided(view), "wait: 10.0.0.3:6379 is or was named as master, and may be it");
    is_replica(view, at_c, view.self.address);
    EXPECT_TRUE(has<Open>(decide(view, t0)));
    view.probes.erase(at_c);
    EXPECT_EQ(decided(view), "wait: looking whether somebody else is master");
}

TEST(ObserveRedis, KnowsSinceWhenTheNodeIsOffered) {
    core::LineageTracker tracker;
    View view = first_node();
    RedisLook look;
    look.following = nowhere;
    look.priority = view.self.priority;
    observe_redis(view, tracker, look, t0 + 1s);
    observe_redis(view, tracker, look, t0 + 2s);
    EXPECT_EQ(view.redis.offered_since, t0 + 1s);
    look.priority = 0;
    observe_redis(view, tracker, look, t0 + 3s);
    look.priority = view.self.priority;
    observe_redis(view, tracker, look, t0 + 4s);
    EXPECT_EQ(view.redis.offered_since, t0 + 4s);
}

TEST(ObserveTime, KnowsSinceWhenAClosedMasterHasNoWrapper) {
    View view = beside_an_abandoned_master();
    view.abandoned_since.clear();
    const auto observed_at = [&view](TimePoint now) {
        observe_time(view, now);
        return view.abandoned_since.contains(at_c) ? std::optional{view.abandoned_since[at_c]}
                                                   : std::nullopt;
    };
    EXPECT_EQ(observed_at(t0), t0);
    EXPECT_EQ(observed_at(t0 + 3s), t0);
    registered(view, "c", at_c, Lineage{7, 99}, Role::master);
    EXPECT_EQ(observed_at(t0 + 4s), std::nullopt) << "its wrapper is back";
    view.members.erase("c");
    EXPECT_EQ(observed_at(t0 + 5s), t0 + 5s);
    view.probes[at_c].closed = false;
    EXPECT_EQ(observed_at(t0 + 6s), std::nullopt) << "it takes writes, with a wrapper or without";
    view.probes[at_c].closed = true;
    view.zookeeper_connected = false;
    EXPECT_EQ(observed_at(t0 + 7s), std::nullopt) << "who is registered is not known";
    view.zookeeper_connected = true;
    EXPECT_EQ(observed_at(t0 + 8s), t0 + 8s);
    view.zookeeper_connected = false;
    EXPECT_EQ(observed_at(t0 + 9s), t0 + 8s);
}

}  // namespace
}  // namespace redis_zk::redis_wrapper
