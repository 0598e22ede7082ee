#include "common/zk/random_digits.h"

#include <set>

#include <gtest/gtest.h>

#include "common/core/sentinel_identity.h"

namespace redis_zk::zk {
namespace {

TEST(RandomDigits, AreAsManyAsWanted) {
    for (const std::size_t count : {0U, 1U, 7U, 8U, 9U, 40U})
        EXPECT_EQ(random_digits(count).size(), count);
    EXPECT_TRUE(core::is_sentinel_id(random_digits(40)));
}

TEST(RandomDigits, AreNeverTheSameTwice) {
    std::set<std::string> seen;
    for (int i = 0; i < 1000; ++i) seen.insert(random_digits(32));
    EXPECT_EQ(seen.size(), 1000u);
}

}  // namespace
}  // namespace redis_zk::zk
