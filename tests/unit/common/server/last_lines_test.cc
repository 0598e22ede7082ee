#include "common/server/last_lines.h"

#include <gmock/gmock.h>

namespace redis_zk::server {
namespace {

TEST(LastLines, AreTwentyAndWithoutSecrets) {
    LastLines lines{"redis-server"};
    for (int number = 0; number < 30; ++number) lines.add(std::to_string(number));
    lines.add(">>> 'requirepass hunter2'");
    EXPECT_EQ(lines.lines().size(), 20U);
    EXPECT_EQ(lines.lines().front(), "11");
    EXPECT_THAT(lines.lines().back(), testing::Not(testing::HasSubstr("hunter2")));
}

}  // namespace
}  // namespace redis_zk::server
