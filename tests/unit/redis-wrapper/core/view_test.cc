#include "redis-wrapper/core/view.h"

#include <gtest/gtest.h>

#include "redis-wrapper/core/observe.h"
#include "tests/unit/redis-wrapper/core/views.h"

namespace redis_zk::redis_wrapper {
namespace {

TEST(View, TellsOthersAboutThisNode) {
    View view = replica_in_sync();
    view.self.priority = 50;
    const Member self = self_as_member(view);
    EXPECT_EQ(self.id, "b");
    EXPECT_EQ(self.address, at_b);
    EXPECT_EQ(self.role, Role::replica);
    EXPECT_EQ(self.following, at_a);
    EXPECT_TRUE(self.link_up);
    EXPECT_EQ(self.lineage, (Lineage{7, 99}));
    EXPECT_EQ(self.priority, 50);
    EXPECT_EQ(self.run_id, "run of b");
}

TEST(View, IsInSyncWithLineageOrWhereTheRecordHasNone) {
    View view = replica_in_sync();
    EXPECT_TRUE(is_in_sync(view));
    view.redis.lineage.reset();
    EXPECT_FALSE(is_in_sync(view));
    view.record.written.reset();  // redis-zk's record: a name without a term
    EXPECT_TRUE(is_in_sync(view));
    view.redis.link_up = false;
    EXPECT_FALSE(is_in_sync(view));
}

// A link can stay up to a parked node. Its stream stands still, so what this node has is final.
TEST(View, TellsOthersThatItsLinkIsUpOnlyWhileItLeadsToAMaster) {
    View view = replica_in_sync();
    ASSERT_TRUE(view.redis.following);
    is_master(view, *view.redis.following);
    EXPECT_TRUE(self_as_member(view).link_up);
    is_replica(view, *view.redis.following, nowhere);
    EXPECT_FALSE(self_as_member(view).link_up);
}

// It may take writes again at any moment, so nobody may be elected in its place.
TEST(View, TellsOthersThatAHangingMasterIsMasterAndAHangingReplicaIsNothing) {
    View master = recorded_master();
    master.redis.hangs = true;
    EXPECT_EQ(self_as_member(master).role, Role::master);
    View replica = replica_in_sync();
    replica.redis.hangs = true;
    EXPECT_EQ(self_as_member(replica).role, Role::stopped);
}

TEST(View, MayBeCopiedOnlyWithDataOfTheCluster) {
    View view = promoted_under_the_lock();
    EXPECT_TRUE(may_be_copied(view));
    view.redis.lineage.reset();
    EXPECT_FALSE(may_be_copied(view));
    view.redis.lineage = Lineage{7, 90};
    view.redis.role = Role::loading;
    EXPECT_FALSE(may_be_copied(view)) << "its files may turn out to hold nothing";
}

TEST(View, IsRecordedOnlyWhenBothHalvesNameThisProcess) {
    EXPECT_TRUE(is_recorded(recorded_master()));
    View renamed = recorded_master();
    renamed.record.named = at_c;
    EXPECT_FALSE(is_recorded(renamed));
    View moved = recorded_master();
    moved.record.written->master = at_c;
    EXPECT_FALSE(is_recorded(moved));
    View restarted = recorded_master();
    restarted.redis.run_id = "another run";
    EXPECT_FALSE(is_recorded(restarted));
    View unnamed = recorded_master();
    unnamed.redis.run_id = unnamed.record.written->run_id = "";
    EXPECT_FALSE(is_recorded(unnamed));
}

TEST(View, JoinsTheTermAsTheRecordedMasterOnly) {
    EXPECT_EQ(joined_term(recorded_master()), 7U);
    EXPECT_EQ(joined_term(promoted_under_the_lock()), std::nullopt);
    EXPECT_EQ(joined_term(first_node()), std::nullopt);
}

TEST(View, JoinsTheTermAsAReplicaWhenTheLinkToTheRecordedMasterIsUp) {
    EXPECT_EQ(joined_term(replica_in_sync()), 7U);
    View unlinked = replica_in_sync();
    unlinked.redis.link_up = false;
    EXPECT_EQ(joined_term(unlinked), std::nullopt);
    View elsewhere = replica_in_sync();
    elsewhere.redis.following = at_c;
    EXPECT_EQ(joined_term(elsewhere), std::nullopt);
    View renamed = replica_in_sync();
    renamed.record.named = at_c;
    EXPECT_EQ(joined_term(renamed), std::nullopt);
}

// It synchronised while it could not read the record, and the master was gone when it could.
TEST(View, JoinsTheTermWhenItsDataAreOfTheRecordedHistory) {
    View view = replica_in_sync();
    view.redis.link_up = false;
    view.record.written->replication_id = "history 7";
    EXPECT_EQ(joined_term(view), std::nullopt);
    view.redis.replication_id = "history 7";
    EXPECT_EQ(joined_term(view), 7u);
}

TEST(View, KnowsTheClusterFromTheRecordThenFromItsDataThenFoundsOne) {
    View view = recorded_master();
    view.self.claimed_cluster = "of the data";
    EXPECT_EQ(cluster_of(view), "c1");
    view.record.written.reset();
    EXPECT_EQ(cluster_of(view), "of the data");
    view.self.claimed_cluster.clear();
    EXPECT_EQ(cluster_of(view), "founded by b");
}

TEST(View, DoesNotWriteAnEntryAnewForAnOffsetThatMerelyMoves) {
    const Member entry = self_as_member(replica_in_sync());
    Member now = entry;
    now.lineage->offset += 1000;
    EXPECT_FALSE(is_entry_outdated(entry, now));
    now.lineage->term += 1;
    EXPECT_TRUE(is_entry_outdated(entry, now));
}

TEST(View, WritesTheFinalOffsetWhenTheLinkIsDown) {
    Member entry = self_as_member(replica_in_sync());
    entry.link_up = false;
    Member now = entry;
    now.lineage->offset += 1000;
    EXPECT_TRUE(is_entry_outdated(entry, now));
}

TEST(View, ForgetsTheAnswersOfThoseWhoAreNamedNoMore) {
    View view = replica_in_sync();
    is_dead(view, at_c);
    view.probes[at_c].asked_until = t0 + 70s;
    observe_time(view, t0 + 60s);
    EXPECT_EQ(view.probes.size(), 2U);
    observe_time(view, t0 + 61s);
    EXPECT_FALSE(view.probes.contains(at_a));
    EXPECT_TRUE(view.probes.contains(at_c)) << "its answer may still come";
    observe_time(view, t0 + 71s);
    EXPECT_TRUE(view.probes.empty());
}

// The record came when Redis was still in its history, and the next look after the promotion.
TEST(JoinedTerm, IsTheRecordedOneForWhoeverWasPromotedOutOfItsHistory) {
    View view = promoted_by_sentinels();
    view.record.written->replication_id = "history of term 7";
    view.redis.replication_id = "its own";
    view.redis.former_replication_id = "history of term 7";
    EXPECT_EQ(joined_term(view), 7U);
    view.redis.former_replication_id = "history of term 6";
    EXPECT_EQ(joined_term(view), std::nullopt);
    view.redis.replication_id = "history of term 7";
    EXPECT_EQ(joined_term(view), std::nullopt) << "it is somebody else's";
    view.redis.role = Role::replica;
    view.redis.replication_id = "history of term 6";
    view.redis.former_replication_id = "history of term 7";
    EXPECT_EQ(joined_term(view), std::nullopt) << "it has left that one";
}

}  // namespace
}  // namespace redis_zk::redis_wrapper
