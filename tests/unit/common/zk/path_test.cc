#include "common/zk/path.h"

#include <gtest/gtest.h>

namespace redis_zk::zk {
namespace {

TEST(Path, IsWhatTheServerWouldAccept) {
    EXPECT_EQ(mistake_in_path("/"), std::nullopt);
    EXPECT_EQ(mistake_in_path("/redis"), std::nullopt);
    EXPECT_EQ(mistake_in_path("/redis/.hidden/a..b"), std::nullopt);

    EXPECT_EQ(mistake_in_path(""), "does not start with a slash");
    EXPECT_EQ(mistake_in_path("redis"), "does not start with a slash");
    EXPECT_EQ(mistake_in_path("/redis/"), "ends in a slash");
    EXPECT_EQ(mistake_in_path("//redis"), "has an empty part between two slashes");
    EXPECT_EQ(mistake_in_path("/a/../b"), "contains a relative part (..)");
    EXPECT_EQ(mistake_in_path("/a/."), "contains a relative part (.)");
    EXPECT_EQ(mistake_in_path("/a\nb"), "contains a control character");
}

TEST(Path, HasAParent) {
    EXPECT_EQ(parent_of("/redis/members/a"), "/redis/members");
    EXPECT_EQ(parent_of("/redis"), "/");
    EXPECT_EQ(joined("/redis", "a"), "/redis/a");
    EXPECT_EQ(joined("/", "a"), "/a");
}

}  // namespace
}  // namespace redis_zk::zk
