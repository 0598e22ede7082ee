// Coming and going. How a node becomes master: become_master_test.cc; what a master does:
// remain_master_test.cc; without ZooKeeper: without_zookeeper_test.cc.
#include "redis-wrapper/core/decide.h"

#include <gtest/gtest.h>

#include "tests/unit/redis-wrapper/core/views.h"

namespace redis_zk::redis_wrapper {
namespace {

std::string decided(const View& view, TimePoint now = t0) {
    return spoken_actions(decide(view, now));
}

View not_registered() {
    View view = parked_beside_a_master();
    view.registered = false;
    return view;
}

View asked_to_stop() {
    View view = recorded_master();
    view.stop_requested_at = t0;
    view.stop_requests = 1;
    return view;
}

TEST(Decide, WaitsWhileRedisIsStarting) {
    View view = first_node();
    view.redis.role = Role::stopped;
    EXPECT_EQ(decided(view), "wait: redis-server is starting");
}

TEST(Decide, WaitsUntilZooKeeperHasAnswered) {
    View view = first_node();
    view.zookeeper_connected = view.record.known = false;
    EXPECT_EQ(decided(view), "wait: ZooKeeper has not answered yet");
}

TEST(Decide, WaitsUntilRecordMembersAndSentinelsAreRead) {
    for (int part = 0; part < 3; ++part) {
        View view = first_node();
        (part == 0   ? view.record.known
         : part == 1 ? view.members_known
                     : view.sentinels.known) = false;
        EXPECT_EQ(decided(view),
                  "wait: reading the record, the members and the sentinels from ZooKeeper");
    }
}

TEST(Decide, RegistersBeforeItDecidesAnything) {
    EXPECT_EQ(decided(not_registered()), "register in ZooKeeper");
}

TEST(Decide, RegistersWhileRedisIsLoading) {
    View view = not_registered();
    view.redis.role = Role::loading;
    EXPECT_EQ(decided(view), "register in ZooKeeper");
}

TEST(Decide, TellsHowFarTheLoadingIs) {
    View view = first_node();
    view.redis.role = Role::loading;
    view.redis.loading_percent = 12.7;
    view.redis.loading_seconds_left = 90;
    const auto actions = decide(view, t0);
    ASSERT_TRUE(has<Wait>(actions));
    EXPECT_EQ(find<Wait>(actions)->reason, "redis is loading");
    EXPECT_EQ(find<Wait>(actions)->detail, "12 %, about 90 s left");
}

TEST(Decide, AsksAMemberWithItsOwnAddressWhoItIs) {
    View view = not_registered();
    registered(view, "x", at_b, std::nullopt);
    const auto actions = decide(view, t0);
    ASSERT_TRUE(has<AskNode>(actions));
    EXPECT_EQ(find<AskNode>(actions)->node, at_b);
    view.probes[at_b].asked_until = t0 + 1s;
    EXPECT_EQ(decided(view), "wait: asking 10.0.0.2:6379 whether it is somebody else");
}

TEST(Decide, RefusesToRunWhenAnotherNodeAnswersAtItsAddress) {
    View view = not_registered();
    registered(view, "x", at_b, std::nullopt);
    is_master(view, at_b);
    EXPECT_EQ(decided(view),
              "refuse to run: another member, x, announces 10.0.0.2:6379 and answers there; "
              "announce another address");
}

TEST(Decide, DoesNotMindALeftoverOfItsOwnFormerLife) {
    View view = not_registered();
    registered(view, "b", at_b, Lineage{7, 99}, Role::master);
    EXPECT_EQ(decided(view), "register in ZooKeeper");
}

TEST(Decide, DoesNotMindAMemberWithItsAddressWhenItIsItselfThatAnswers) {
    View view = not_registered();
    registered(view, "b before its data were wiped", at_b, Lineage{7, 99});
    is_replica(view, at_b, nowhere);
    view.probes[at_b].run_id = view.redis.run_id;
    EXPECT_EQ(decided(view), "register in ZooKeeper");
}

TEST(Decide, DoesNotMindAMemberWithItsAddressThatIsDeadOrSilent) {
    for (const auto answer : {Probe::Answer::dead, Probe::Answer::silent}) {
        View view = not_registered();
        registered(view, "x", at_b, std::nullopt);
        answers(view, at_b, answer);
        EXPECT_EQ(decided(view), "register in ZooKeeper");
    }
}

TEST(Decide, RefusesToRunOnACopyOfALivingNodesDataDirectory) {
    View view = not_registered();
    registered(view, "b", at_c, Lineage{7, 99});
    is_replica(view, at_c, at_a);
    EXPECT_EQ(decided(view),
              "refuse to run: a living node at 10.0.0.3:6379 has the identity b of this data "
              "directory; was the directory copied? Remove its state file to give the copy an "
              "identity of its own");
}

// The address of its former life was given to another node, which has an identity of its own.
TEST(Decide, TakesItsIdentityToAnotherAddressWhenSomebodyElseAnswersAtTheOldOne) {
    View view = not_registered();
    registered(view, "b", at_c, Lineage{7, 99});
    is_replica(view, at_c, at_a);
    view.probes[at_c].run_id = "run of somebody else";
    EXPECT_EQ(decided(view), "register in ZooKeeper");
}

TEST(Decide, TakesItsIdentityToAnotherAddressWhenNobodyAnswersAtTheOldOne) {
    View view = not_registered();
    registered(view, "b", at_c, Lineage{7, 99});
    is_dead(view, at_c);
    EXPECT_EQ(decided(view), "register in ZooKeeper");
}

TEST(Decide, RefusesToRunWithTheDataOfAnotherCluster) {
    View view = not_registered();
    view.self.claimed_cluster = "c2";
    EXPECT_EQ(decided(view),
              "refuse to run: the data directory belongs to the cluster c2, and ZooKeeper holds "
              "the cluster c1; give this node another data directory or another ZK_ROOT");
}

TEST(Decide, StopsRedisWhenItIsAsked) {
    EXPECT_EQ(decided(asked_to_stop()), "stop redis, because this node was asked to stop");
}

TEST(Decide, AsksRedisOnlyOnceToStop) {
    View view = asked_to_stop();
    view.shutdown_sent = true;
    EXPECT_EQ(decided(view), "wait: redis is stopping");
}

// While redis waits for its replicas and saves, it takes writes.
TEST(Decide, FencesAMasterThatStoodStillBeforeItIsStopped) {
    View view = recorded_master();
    view.stop_requested_at = t0;
    view.lease_is_lost = true;
    EXPECT_EQ(decided(view),
              "fence, because this process stood still, and another node may have been made master "
              "meanwhile\nstop redis, because this node was asked to stop");
    view.in_flight.redis_command = t0 + 1s;
    EXPECT_EQ(decided(view), "stop redis, because this node was asked to stop");
}

TEST(Decide, ExitsWhenRedisHasStopped) {
    View view = asked_to_stop();
    view.shutdown_sent = true;
    view.redis.role = Role::stopped;
    EXPECT_EQ(decided(view), "exit");
}

TEST(Decide, KillsRedisWhenItIsAskedASecondTime) {
    View view = asked_to_stop();
    view.shutdown_sent = true;
    view.stop_requests = 2;
    EXPECT_EQ(decided(view), "kill redis, because this node was asked to stop a second time");
}

TEST(Decide, KillsRedisAfterTheStopTimeout) {
    View view = asked_to_stop();
    view.shutdown_sent = true;
    EXPECT_EQ(decided(view, t0 + 10s - 1ms), "wait: redis is stopping");
    EXPECT_EQ(decided(view, t0 + 10s), "kill redis, because it did not stop in time");
}

TEST(Decide, StopsAlsoWithoutZooKeeperAndWhileLoading) {
    View view = asked_to_stop();
    view.zookeeper_connected = false;
    view.redis.role = Role::loading;
    EXPECT_EQ(decided(view), "stop redis, because this node was asked to stop");
}

TEST(Decide, GivesNoSecondCommandWhileOneIsUnderWay) {
    View view = first_node();
    view.lock = Lock::held;
    view.in_flight.redis_command = t0 + 2s;
    EXPECT_EQ(decided(view), "");
    EXPECT_EQ(decided(view, t0 + 2s), "promote, because the cluster has never had a master");
}

TEST(NextDeadline, IsInTheFutureAndFartherWhenNothingIsExpected) {
    EXPECT_EQ(next_deadline(first_node(), t0), t0 + 150ms);
    EXPECT_EQ(next_deadline(recorded_master(), t0), t0 + 1s);
    EXPECT_EQ(next_deadline(asked_to_stop(), t0), t0 + 100ms);
}

// Its data are worth more than the order in ZooKeeper.
TEST(Decide, GoesOnServingWhenTheRecordIsOfAnotherCluster) {
    for (View view : {recorded_master(), replica_in_sync()}) {
        view.self.claimed_cluster = "c1";
        view.record.written->cluster = "c2";
        const auto actions = decide(view, t0);
        EXPECT_EQ(find<Refuse>(actions), nullptr);
        EXPECT_NE(spoken_actions(actions).find("keeps its role and takes no other"),
                  std::string::npos);
    }
}

// Safety does not wait for the registration in a new session.
TEST(Decide, FencesAReplacedMasterBeforeItRegistersAgain) {
    View view = recorded_master();
    recorded(view, 8, "c", at_c);
    view.registered = false;
    EXPECT_NE(find<Close>(decide(view, t0)), nullptr);
}

// Whoever is made master must never hear from it again.
TEST(Decide, KillsAHangingMasterOnlyWhenAnotherIsRecordedOrHasItsData) {
    View view = recorded_master();
    view.redis.hangs = true;
    EXPECT_EQ(decided(view),
              "kill redis, because it does not answer, and 10.0.0.3:6379 can take over");
    view.members["c"].lineage = Lineage{6, 99};
    EXPECT_EQ(decided(view), "wait: redis does not answer, and no other node has its data");
    recorded(view, 8, "c", at_c);
    EXPECT_EQ(decided(view),
              "kill redis, because it does not answer, and the record names another master");
}

// What its clients have sent it while it was frozen would be written before any word of ours.
TEST(Decide, KillsAReplacedMasterThatDoesNotAnswer) {
    View view = recorded_master();
    view.redis.open = true;
    recorded(view, 8, "c", at_c);
    view.redis.looked_at = t0;
    view.in_flight.redis_command = t0 + 10s;  // to close it
    EXPECT_FALSE(has<Kill>(decide(view, t0 + 2s - 1ms)));
    EXPECT_EQ(decided(view, t0 + 2s),
              "kill redis, because it does not answer, and the record names another master in the "
              "larger term 8");
    recorded(view, 7, "b", at_b);
    EXPECT_FALSE(has<Kill>(decide(view, t0 + 2s))) << "nobody has replaced it";
}

// P4: nobody else could decide for as long as its wrapper lives.
TEST(Decide, KillsAMasterThatHangsBeforeItWasRecorded) {
    View view = promoted_under_the_lock();
    view.record.named.reset();
    view.redis.hangs = true;
    EXPECT_EQ(decided(view),
              "kill redis, because it does not answer, has taken no write, and keeps others from "
              "deciding");
}

TEST(Decide, KeepsTheLockFromNobodyWhileItCanDoNothingWithIt) {
    View hangs = replica_in_sync();
    hangs.redis.hangs = true;
    View is_of_another_cluster = replica_in_sync();
    is_of_another_cluster.record.written->cluster = "c2";
    for (View view : {hangs, is_of_another_cluster}) {
        EXPECT_FALSE(has<ReleaseLock>(decide(view, t0)));
        for (const Lock lock : {Lock::requested, Lock::held}) {
            view.lock = lock;
            EXPECT_TRUE(has<ReleaseLock>(decide(view, t0)));
        }
    }
}

TEST(Decide, KillsNoReplicaThatHangs) {
    View view = replica_in_sync();
    view.redis.hangs = true;
    EXPECT_EQ(decided(view), "wait: redis does not answer");
}

// Without sentinels: they could not choose a node that has let go.
TEST(Decide, LetsGoOfADeadMastersAddressUnlessSentinelsMayPromoteThisNode) {
    View view = after_the_death_of_the_master();
    view.redis.role = Role::replica;
    view.redis.following = at_a;
    EXPECT_NE(find<Park>(decide(view, t0)), nullptr);
    sentinels_name(view, at_a);
    EXPECT_EQ(find<Park>(decide(view, t0)), nullptr);
}

}  // namespace
}  // namespace redis_zk::redis_wrapper
