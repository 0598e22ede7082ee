#include "common/core/lineage_tracker.h"

#include <gtest/gtest.h>

namespace redis_zk::core {
namespace {

using Look = LineageTracker::Observation;

Look parked(std::int64_t keys = 40) {
    Look look;
    look.role = Role::parked;
    look.replication_id = "random id";
    look.keys = keys;
    return look;
}

Look master_of(std::uint64_t term, std::int64_t offset, const std::string& id = "id 1") {
    Look look;
    look.role = Role::master;
    look.replication_id = id;
    look.offset = offset;
    look.keys = 40;
    look.joined_term = term;
    return look;
}

Look replica_in_sync(std::uint64_t term, std::int64_t offset, const std::string& id = "id 1") {
    Look look = master_of(term, offset, id);
    look.role = Role::replica;
    look.link_up = true;
    return look;
}

Look replica_being_synchronised() {
    Look look = parked(17);
    look.role = Role::replica;
    look.sync_in_progress = true;
    return look;
}

Look with_link_down(Look look) {
    look.link_up = false;
    look.joined_term.reset();
    return look;
}

Look while_the_disk_is_behind(Look look) {
    look.disk_settled = false;
    return look;
}

Claim stored(Lineage lineage, const std::string& id = "id 1") {
    return {"n", "c", lineage, id, 40, {}};
}

LineageTracker restarted_with(const Claim& claim) {
    LineageTracker tracker{claim};
    tracker.loaded({true, "random id", 0, claim.keys});
    tracker.observed(parked(claim.keys));
    return tracker;
}

LineageTracker empty_node() {
    LineageTracker tracker;
    tracker.loaded({true, "random id", 0, 0});
    return tracker;
}

std::optional<Lineage> on_disk(const LineageTracker& tracker) {
    return tracker.claim("n", "c").lineage;
}

TEST(LineageTracker, SaysBeforeLoadingWhatTheFilesMayHold) {
    const LineageTracker tracker{stored({7, 99})};
    EXPECT_EQ(tracker.current(), (Lineage{7, 99}));
    EXPECT_EQ(LineageTracker{}.current(), std::nullopt);
}

TEST(LineageTracker, IgnoresWhatALoadingRedisShows) {
    LineageTracker tracker{stored({7, 99})};
    Look look = parked(3);
    look.role = Role::loading;
    tracker.observed(look);
    EXPECT_EQ(tracker.current(), (Lineage{7, 99}));
    EXPECT_EQ(on_disk(tracker), (Lineage{7, 99}));
}

TEST(LineageTracker, LowersTheClaimToWhatWasLoaded) {
    LineageTracker tracker{stored({7, 99})};
    tracker.loaded({false, "id 1", 60, 40});
    EXPECT_EQ(tracker.current(), (Lineage{7, 60}));
    EXPECT_EQ(on_disk(tracker), (Lineage{7, 60}));
}

// Redis has restored the id of the term's history: what the snapshot holds is proven.
TEST(LineageTracker, BelievesASnapshotOfTheRecordedHistoryBeyondTheClaim) {
    LineageTracker tracker{stored({6, 99}, "id 7")};
    tracker.loaded({false, "id 7", 120, 40});
    Look look = parked();
    look.replication_id = "id 7";
    look.offset = 120;
    look.joined_term = 7;
    tracker.observed(look);
    EXPECT_EQ(tracker.current(), (Lineage{7, 120}));
}

TEST(LineageTracker, DoesNotClaimWhatAKillWouldLose) {
    LineageTracker tracker = empty_node();
    Look look = master_of(1, 250);
    look.unwritten = 40;
    tracker.observed(look);
    EXPECT_EQ(tracker.current(), (Lineage{1, 250}));
    EXPECT_EQ(on_disk(tracker), (Lineage{1, 210}));
}

TEST(LineageTracker, ForgetsItsLineageWhenItFollowsAStranger) {
    LineageTracker tracker = empty_node();
    tracker.observed(replica_in_sync(1, 250));
    Look look = replica_in_sync(1, 900, "id of a stranger");
    look.joined_term.reset();
    look.stranger = true;
    tracker.observed(look);
    EXPECT_EQ(tracker.current(), std::nullopt);
    EXPECT_EQ(on_disk(tracker), std::nullopt);
}

TEST(LineageTracker, HasNoLineageWhenTheFilesWereLost) {
    LineageTracker tracker{stored({7, 99})};
    tracker.loaded({true, "random id", 0, 0});
    EXPECT_EQ(tracker.current(), std::nullopt);
    EXPECT_EQ(on_disk(tracker), std::nullopt);
}

TEST(LineageTracker, FollowsTheOffsetOfAMasterInItsTerm) {
    LineageTracker tracker = empty_node();
    tracker.observed(master_of(1, 0));
    EXPECT_EQ(tracker.current(), (Lineage{1, 0}));
    tracker.observed(master_of(1, 250));
    EXPECT_EQ(tracker.current(), (Lineage{1, 250}));
    EXPECT_EQ(on_disk(tracker), (Lineage{1, 250}));
}

// A master between its promotion and its record is in no term yet.
TEST(LineageTracker, ClaimsNothingForAMasterThatIsNotRecorded) {
    LineageTracker tracker = empty_node();
    Look look = master_of(1, 0);
    look.joined_term.reset();
    tracker.observed(look);
    EXPECT_EQ(tracker.current(), std::nullopt);
}

// Redis counts from 0 again after an append-only file: within the old term the offset would go
// back.
TEST(LineageTracker, KeepsTheOldClaimOfARestartedMasterUntilItHasANewTerm) {
    LineageTracker tracker = restarted_with(stored({7, 99}));
    Look promoted = master_of(7, 0, "new id");
    promoted.joined_term.reset();
    tracker.observed(promoted);
    EXPECT_EQ(tracker.current(), (Lineage{7, 99}));
    tracker.observed(master_of(8, 5, "new id"));
    EXPECT_EQ(tracker.current(), (Lineage{8, 5}));
    EXPECT_EQ(on_disk(tracker), (Lineage{8, 5}));
}

TEST(LineageTracker, TakesTheMastersLineageWhenTheLinkIsUp) {
    LineageTracker tracker = empty_node();
    tracker.observed(replica_in_sync(3, 70));
    EXPECT_EQ(tracker.current(), (Lineage{3, 70}));
}

TEST(LineageTracker, KeepsTheLastOffsetWhenTheLinkBreaks) {
    LineageTracker tracker = empty_node();
    tracker.observed(replica_in_sync(3, 70));
    tracker.observed(with_link_down(replica_in_sync(3, 75)));
    EXPECT_EQ(tracker.current(), (Lineage{3, 75}));
    EXPECT_EQ(on_disk(tracker), (Lineage{3, 75}));
}

TEST(LineageTracker, HasNoLineageWhileAFullSynchronisationReplacesTheData) {
    LineageTracker tracker = restarted_with(stored({2, 99}));
    tracker.observed(replica_being_synchronised());
    EXPECT_EQ(tracker.current(), std::nullopt);
}

// A kill before the append-only file is rewritten brings the old dataset back.
TEST(LineageTracker, ClaimsTheOldDataUntilTheAppendOnlyFileIsRewritten) {
    LineageTracker tracker = restarted_with(stored({2, 99}));
    tracker.observed(replica_being_synchronised());
    EXPECT_EQ(on_disk(tracker), (Lineage{2, 99}));
    tracker.observed(while_the_disk_is_behind(replica_in_sync(3, 70)));
    EXPECT_EQ(tracker.current(), (Lineage{3, 70}));
    EXPECT_EQ(on_disk(tracker), (Lineage{2, 99}));
    tracker.observed(replica_in_sync(3, 71));
    EXPECT_EQ(on_disk(tracker), (Lineage{3, 71}));
}

TEST(LineageTracker, ClaimsTheOldDataWhenTheLinkBreaksDuringTheRewrite) {
    LineageTracker tracker = restarted_with(stored({2, 99}));
    tracker.observed(replica_being_synchronised());
    tracker.observed(while_the_disk_is_behind(replica_in_sync(3, 70)));
    tracker.observed(with_link_down(while_the_disk_is_behind(replica_in_sync(3, 70))));
    EXPECT_EQ(on_disk(tracker), (Lineage{2, 99}));
}

TEST(LineageTracker, HasItsOldDataAfterASynchronisationThatBrokeOffBeforeTheyWereDropped) {
    LineageTracker tracker = restarted_with(stored({2, 99}));
    tracker.observed(replica_being_synchronised());
    Look broken_off = parked(40);
    broken_off.role = Role::replica;
    tracker.observed(broken_off);
    EXPECT_EQ(tracker.current(), (Lineage{2, 99}));
}

TEST(LineageTracker, HasNoLineageAfterASynchronisationThatBrokeOffInTheMiddle) {
    LineageTracker tracker = restarted_with(stored({2, 99}));
    tracker.observed(replica_being_synchronised());
    Look broken_off = parked(17);
    broken_off.role = Role::replica;
    tracker.observed(broken_off);
    EXPECT_EQ(tracker.current(), std::nullopt);
    EXPECT_EQ(on_disk(tracker), (Lineage{2, 99})) << "the file on disk is still the old one";
}

// After it Redis may count in the other history already.
TEST(LineageTracker, ClaimsNothingNewAfterASynchronisationThatBrokeOffUntilItIsInSyncAgain) {
    LineageTracker tracker = empty_node();
    tracker.observed(replica_in_sync(3, 70));
    tracker.observed(replica_being_synchronised());
    tracker.observed(with_link_down(replica_in_sync(3, 999)));
    EXPECT_EQ(on_disk(tracker), (Lineage{3, 70}));
    tracker.observed(replica_in_sync(3, 80));
    EXPECT_EQ(on_disk(tracker), (Lineage{3, 80}));
}

// A synchronisation can begin and end between two looks.
TEST(LineageTracker, ClaimsNothingOfANewTermBeforeTheDiskWasSettledWhileTheLinkWasUp) {
    LineageTracker tracker = restarted_with(stored({2, 99}));
    tracker.observed(while_the_disk_is_behind(replica_in_sync(3, 70)));
    tracker.observed(with_link_down(replica_in_sync(3, 70)));
    EXPECT_EQ(on_disk(tracker), (Lineage{2, 99}));
    tracker.observed(replica_in_sync(3, 71));
    EXPECT_EQ(on_disk(tracker), (Lineage{3, 71}));
}

TEST(LineageTracker, RemembersUnderWhichIdsItsDataOnceWere) {
    LineageTracker tracker = empty_node();
    tracker.observed(replica_in_sync(1, 10, "id 1"));
    tracker.observed(replica_in_sync(2, 20, "id 2"));
    tracker.observed(replica_in_sync(2, 21, "id 2"));
    tracker.observed(replica_in_sync(3, 30, "id 3"));
    const Claim claim = tracker.claim("n", "c");
    EXPECT_EQ(claim.replication_id, "id 3");
    EXPECT_EQ(claim.past, (std::vector<PastId>{{"id 1", 1}, {"id 2", 2}}));
}

TEST(LineageTracker, ForgetsTheOldestOfManyIds) {
    LineageTracker tracker = empty_node();
    for (std::uint64_t term = 1; term <= 20; ++term)
        tracker.observed(replica_in_sync(term, 1, "id " + std::to_string(term)));
    const Claim claim = tracker.claim("n", "c");
    EXPECT_EQ(claim.past.size(), 8U);
    EXPECT_EQ(claim.past.back(), (PastId{"id 19", 19}));
}

TEST(LineageTracker, KeepsNumberOfKeysAndIdInTheClaim) {
    LineageTracker tracker = empty_node();
    tracker.observed(replica_in_sync(3, 70, "id 3"));
    EXPECT_EQ(tracker.claim("n9", "c9"), (Claim{"n9", "c9", Lineage{3, 70}, "id 3", 40, {}}));
}

}  // namespace
}  // namespace redis_zk::core
