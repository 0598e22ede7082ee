#include "common/core/wait.h"

#include <gtest/gtest.h>

namespace redis_zk::core {
namespace {

TEST(Wait, SaysItsDetailInBracketsIfItHasOne) {
    EXPECT_EQ(spoken(Wait{"redis is loading", ""}), "wait: redis is loading");
    EXPECT_EQ(spoken(Wait{"redis is loading", "40 %"}), "wait: redis is loading (40 %)");
}

}  // namespace
}  // namespace redis_zk::core
