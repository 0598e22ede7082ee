#include "common/core/ranking.h"

#include <algorithm>

#include <gtest/gtest.h>

namespace redis_zk::core {
namespace {

Member member(const std::string& id, std::optional<Lineage> lineage, int priority = 100) {
    Member member;
    member.id = id;
    member.lineage = lineage;
    member.priority = priority;
    return member;
}

TEST(Ranking, PutsTheLargerTermFirstWhateverTheOffsets) {
    EXPECT_TRUE(is_strictly_better(member("b", Lineage{8, 1}), member("a", Lineage{7, 9999})));
}

TEST(Ranking, PutsTheLargerOffsetOfOneTermFirst) {
    EXPECT_TRUE(is_strictly_better(member("b", Lineage{7, 10}), member("a", Lineage{7, 9})));
    EXPECT_FALSE(is_strictly_better(member("a", Lineage{7, 9}), member("b", Lineage{7, 10})));
}

TEST(Ranking, PutsAnyDataOfTheClusterBeforeNone) {
    EXPECT_TRUE(is_strictly_better(member("b", Lineage{0, 0}), member("a", std::nullopt)));
}

TEST(Ranking, PutsDataOfAPlainServerBeforeNone) {
    Member brings = member("b", std::nullopt);
    brings.brings_data = true;
    EXPECT_TRUE(is_strictly_better(brings, member("a", std::nullopt, 1)));
    EXPECT_FALSE(is_strictly_better(brings, member("a", Lineage{0, 0})));
}

TEST(Ranking, AsksThePriorityOnlyWhereDataAreLevel) {
    EXPECT_TRUE(is_strictly_better(member("b", Lineage{7, 9}, 50), member("a", Lineage{7, 9})));
    EXPECT_FALSE(is_strictly_better(member("b", Lineage{7, 8}, 50), member("a", Lineage{7, 9})));
}

TEST(Ranking, AsksTheIdentityLastAndNotForAReasonThatMatters) {
    const Member a = member("a", Lineage{7, 9});
    const Member b = member("b", Lineage{7, 9});
    EXPECT_FALSE(is_strictly_better(a, b));
    EXPECT_FALSE(is_strictly_better(b, a));
    EXPECT_TRUE(ranks_before(a, b));
    EXPECT_FALSE(ranks_before(b, a));
}

TEST(Ranking, IsTheSameForEverybody) {
    const std::vector<Member> best_first{member("d", Lineage{8, 0}), member("a", Lineage{7, 9}, 10),
                                         member("b", Lineage{7, 9}), member("c", Lineage{7, 9}),
                                         member("e", std::nullopt, 1)};
    std::vector<std::size_t> order{0, 1, 2, 3, 4};
    do {
        std::vector<Member> members;
        for (const std::size_t i : order) members.push_back(best_first[i]);
        std::ranges::sort(members, ranks_before);
        ASSERT_EQ(members, best_first);
    } while (std::ranges::next_permutation(order).found);
}

}  // namespace
}  // namespace redis_zk::core
