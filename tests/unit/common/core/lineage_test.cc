// What a restarted Redis may claim. The facts behind each case were measured, see
// tests/integration/test_restart_facts.py.
#include "common/core/lineage.h"

#include <gtest/gtest.h>

namespace redis_zk::core {
namespace {

// A node of term 7 with 40 keys, which before was in the histories "id 5" and "id 6".
Claim claim_of_term_7() {
    return {"n1", "c1", Lineage{7, 3003}, "id 7", 40, {{"id 5", 5}, {"id 6", 6}}};
}

LoadedDataset append_only_file(std::int64_t keys) { return {true, "random id", 0, keys}; }

LoadedDataset snapshot(const std::string& id, std::int64_t offset, std::int64_t keys = 40) {
    return {false, id, offset, keys};
}

TEST(Lineage, IsComparedByTermAndThenByOffset) {
    EXPECT_LT((Lineage{6, 9999}), (Lineage{7, 0}));
    EXPECT_LT((Lineage{7, 8}), (Lineage{7, 9}));
    EXPECT_LT(std::optional<Lineage>{}, (std::optional{Lineage{0, 0}}));
}

TEST(Lineage, IsSpokenInWords) {
    EXPECT_EQ(spoken(Lineage{7, 99}), "term 7, offset 99");
    EXPECT_EQ(spoken(std::nullopt), "no data of this cluster");
}

TEST(RestoredLineage, IsNoneWithoutAClaim) {
    EXPECT_EQ(restored_lineage(std::nullopt, append_only_file(40)), std::nullopt);
    EXPECT_EQ(restored_lineage(std::nullopt, snapshot("id 7", 3003)), std::nullopt);
}

TEST(RestoredLineage, IsNoneWhenTheNodeNeverHadDataOfTheCluster) {
    const Claim claim{"n1", "c1", std::nullopt, "", 0, {}};
    EXPECT_EQ(restored_lineage(claim, append_only_file(40)), std::nullopt);
}

TEST(RestoredLineage, IsNoneWhenKeysWereHeldAndNoneIsLoaded) {
    EXPECT_EQ(restored_lineage(claim_of_term_7(), append_only_file(0)), std::nullopt);
    EXPECT_EQ(restored_lineage(claim_of_term_7(), snapshot("id 7", 3003, 0)), std::nullopt);
    EXPECT_EQ(restored_lineage(claim_of_term_7(), snapshot("new", 0, 0)), std::nullopt);
}

TEST(RestoredLineage, IsTheClaimAfterAnAppendOnlyFileAlthoughIdAndOffsetAreNew) {
    EXPECT_EQ(restored_lineage(claim_of_term_7(), append_only_file(40)), (Lineage{7, 3003}));
}

TEST(RestoredLineage, IsTheClaimOfADatasetThatWasEmptyOnPurpose) {
    Claim claim = claim_of_term_7();
    claim.keys = 0;
    EXPECT_EQ(restored_lineage(claim, append_only_file(0)), (Lineage{7, 3003}));
}

TEST(RestoredLineage, IsTheSmallerOffsetAfterASnapshotOfTheSameHistory) {
    EXPECT_EQ(restored_lineage(claim_of_term_7(), snapshot("id 7", 2000)), (Lineage{7, 2000}));
    EXPECT_EQ(restored_lineage(claim_of_term_7(), snapshot("id 7", 4000)), (Lineage{7, 3003}));
}

TEST(RestoredLineage, IsThePastTermAfterASnapshotOfAPastHistory) {
    EXPECT_EQ(restored_lineage(claim_of_term_7(), snapshot("id 5", 812)), (Lineage{5, 812}));
    EXPECT_EQ(restored_lineage(claim_of_term_7(), snapshot("id 6", 813)), (Lineage{6, 813}));
}

TEST(RestoredLineage, IsOlderThanEveryTermAfterASnapshotOfAnUnknownHistory) {
    EXPECT_EQ(restored_lineage(claim_of_term_7(), snapshot("other", 5)), (Lineage{0, 5}));
}

// The master that never had a replica stores no id, so its snapshot cannot be told from a strange
// one, and holds the data nevertheless.
TEST(RestoredLineage, IsOfTermZeroForAMasterThatNeverHadAReplica) {
    const Claim claim{"n1", "c1", Lineage{1, 0}, "id 1", 40, {}};
    EXPECT_EQ(restored_lineage(claim, snapshot("new random id", 0)), (Lineage{0, 0}));
}

TEST(RestoredLineage, IsNoneForAnUnknownHistoryWithoutAKey) {
    Claim claim = claim_of_term_7();
    claim.keys = 0;
    EXPECT_EQ(restored_lineage(claim, snapshot("other", 5, 0)), std::nullopt);
}

}  // namespace
}  // namespace redis_zk::core
