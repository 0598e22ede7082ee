#include "redis-wrapper/core/service.h"

#include <functional>

#include <gmock/gmock.h>

#include "redis-wrapper/core/observe.h"
#include "tests/unit/redis-wrapper/core/views.h"

namespace redis_zk::redis_wrapper {
namespace {

using testing::HasSubstr;

std::string why_no_master(const View& view, TimePoint now = t0) {
    return why_no_master(view, now, 2s);
}

TEST(WhyNoMaster, TheRecordedMasterThatIsOpenIsOne) {
    EXPECT_EQ(why_no_master(recorded_master()), "");
}

TEST(WhyNoMaster, AReplicaAClosedMasterAndOneThatHangsAreNone) {
    View closed = recorded_master();
    closed.redis.open = false;
    View hanging = recorded_master();
    hanging.redis.hangs = true;
    for (const View& view : {replica_in_sync(), first_node(), closed, hanging})
        EXPECT_EQ(why_no_master(view), "this node is not a master that takes writes");
}

TEST(WhyNoMaster, AMasterThatWasNotSeenForThreeSecondsIsNone) {
    const View view = recorded_master();
    EXPECT_EQ(why_no_master(view, t0 + 3s), "");
    EXPECT_THAT(why_no_master(view, t0 + 3001ms), HasSubstr("has not been seen as a master"));
}

TEST(WhyNoMaster, WhoStoodStillIsNoneBeforeTheNextTurnHasNoticed) {
    View view = recorded_master();
    view.redis.seen_at = t0 + 2s;
    view.next_turn_at = t0;
    EXPECT_EQ(why_no_master(view, t0 + 2s), "");
    EXPECT_THAT(why_no_master(view, t0 + 2001ms), HasSubstr("stood still"));
}

TEST(WhyNoMaster, WhoStoodStillIsNoneBeforeRedisWasSeenAndTheRecordWasRead) {
    View view = recorded_master();
    view.next_turn_at = t0;
    const TimePoint now = t0 + 60s;
    ASSERT_TRUE(observe_jump(view, now, 6s));
    view.next_turn_at = now + 1s;
    view.zookeeper_connected = false;  // distrusted
    observe_time(view, now);
    EXPECT_NE(why_no_master(view, now), "");
    view.redis.looked_at = view.redis.seen_at = now;
    observe_time(view, now);
    EXPECT_NE(why_no_master(view, now), "") << "somebody may have been elected meanwhile";
    view.zookeeper_connected = true;
    observe_time(view, now);
    EXPECT_EQ(why_no_master(view, now), "");
    view.redis.seen_at = {};
    EXPECT_NE(why_no_master(view, now), "") << "it may have been made a replica meanwhile";
}

TEST(WhyNoMaster, WhoStoodStillBelievesTheMajorityOfTheSentinelsWhileZooKeeperIsAway) {
    View view = recorded_master();
    view.stood_still = true;
    view.zookeeper_connected = false;
    sentinels_name(view, at_b);
    observe_time(view, t0);
    EXPECT_EQ(why_no_master(view), "");
}

TEST(WhyNoMaster, WhoIsNotNamedIsNoneAlthoughItIsOpen) {
    View view = recorded_master();
    recorded(view, 8, "c", at_c);
    EXPECT_THAT(why_no_master(view), HasSubstr("10.0.0.3:6379 is named as master"));
    sentinels_name(view, at_b);
    EXPECT_EQ(why_no_master(view), "") << "the record is about to follow";
}

TEST(WhyNoMaster, TheSentinelsStandForTheRecordOnlyWhileZooKeeperIsAway) {
    View view = recorded_master();
    sentinels_name(view, at_c);
    EXPECT_EQ(why_no_master(view), "") << "they have not heard of it yet";
    view.zookeeper_connected = false;
    EXPECT_THAT(why_no_master(view), HasSubstr("10.0.0.3:6379 is named as master"));
}

TEST(WhyNoReads, AParkedNodeAReplicaWithoutALinkAndAMasterServeReads) {
    View cut = replica_in_sync();
    cut.redis.link_up = false;
    for (const View& view : {recorded_master(), first_node(), replica_in_sync(), cut})
        EXPECT_EQ(why_no_reads(view), "");
}

TEST(WhyNoReads, WhoLoadsRefusesThemAndTellsHowFarItIs) {
    View view = replica_in_sync();
    view.redis.loads = true;
    view.redis.loading_percent = 42.7;
    view.redis.loading_seconds_left = 3;
    EXPECT_EQ(why_no_reads(view), "redis is loading, 42 %, about 3 s left");
}

TEST(WhyNoReads, WhoServesNoStaleDataRefusesThemWhileItsLinkIsDown) {
    View parked = first_node();
    View cut = replica_in_sync();
    cut.redis.link_up = false;
    for (View& view : std::initializer_list<std::reference_wrapper<View>>{parked, cut}) {
        view.redis.serves_stale_data = false;
        EXPECT_THAT(why_no_reads(view), HasSubstr("the link to a master is down"));
    }
    View synced = replica_in_sync();
    View master = recorded_master();
    synced.redis.serves_stale_data = master.redis.serves_stale_data = false;
    EXPECT_EQ(why_no_reads(synced) + why_no_reads(master), "");
}

View behind_by(std::optional<std::int64_t> lag) {
    View view = replica_in_sync();
    view.redis.lag = lag;
    return view;
}

TEST(WhyNoReplica, AReplicaMayBeAsFarBehindAsTheReaderBears) {
    EXPECT_EQ(why_no_replica(behind_by(0), 0), "");
    EXPECT_EQ(why_no_replica(behind_by(100), 100), "");
    EXPECT_EQ(why_no_replica(behind_by(101), 100), "this replica is too far behind");
    EXPECT_EQ(why_no_replica(behind_by(1), 0), "this replica is too far behind");
    EXPECT_EQ(why_no_replica(behind_by(101), {}), "");
}

TEST(WhyNoReplica, WhoAsksForALimitGetsNoReplicaThatDoesNotKnowItsLag) {
    EXPECT_THAT(why_no_replica(behind_by({}), 1 << 30), HasSubstr("not known yet"));
    EXPECT_EQ(why_no_replica(behind_by({}), {}), "");
}

TEST(WhyNoReplica, AMasterAParkedNodeAndABrokenLinkAreNone) {
    View cut = replica_in_sync();
    cut.redis.link_up = false;
    for (const View& view : {recorded_master(), first_node(), cut})
        EXPECT_EQ(why_no_replica(view, 100), "this node is not a replica in sync");
}

View master_with(std::optional<std::int64_t> replicas) {
    View view = recorded_master();
    view.redis.replicas = {at_a, at_c};
    view.redis.replicas_that_count = replicas;
    return view;
}

TEST(WhyNoWrites, AMasterNeedsAsManyReplicasAsTheUserDemandsThatWereHeardOfInTime) {
    EXPECT_EQ(why_no_writes(master_with(2), 2), "");
    EXPECT_THAT(why_no_writes(master_with(1), 2),
                HasSubstr("NOREPLICAS: min-replicas-to-write is 2 and 1 replicas"));
    EXPECT_THAT(why_no_writes(master_with(0), 1), HasSubstr("and 0 replicas"));
}

TEST(WhyNoWrites, RedisThatDemandsNoneRefusesNothing) {
    EXPECT_EQ(why_no_writes(master_with({}), 1), "");
    EXPECT_EQ(why_no_writes(master_with({}), 0), "");
}

TEST(WhyNoWrites, IsNoQuestionToAReplicaOrAClosedMaster) {
    View closed = master_with(0);
    closed.redis.open = false;
    View replica = replica_in_sync();
    replica.redis.replicas_that_count = 0;
    EXPECT_EQ(why_no_writes(closed, 1), "");
    EXPECT_EQ(why_no_writes(replica, 1), "");
}

}  // namespace
}  // namespace redis_zk::redis_wrapper
