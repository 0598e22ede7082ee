#include "common/core/sentinel_identity.h"

#include <gtest/gtest.h>

namespace redis_zk::core {
namespace {

TEST(SentinelIdentity, IsFortyHexadecimalDigits) {
    EXPECT_TRUE(is_sentinel_id("0123456789abcdef0123456789abcdef01234567"));
    EXPECT_FALSE(is_sentinel_id(""));
    EXPECT_FALSE(is_sentinel_id("0123456789abcdef0123456789abcdef0123456"));
    EXPECT_FALSE(is_sentinel_id("0123456789abcdef0123456789abcdef012345678"));
    EXPECT_FALSE(is_sentinel_id("0123456789ABCDEF0123456789ABCDEF01234567"));
    EXPECT_FALSE(is_sentinel_id("0123456789abcdef0123456789abcdef0123456\n"));
}

TEST(SentinelIdentity, HasAWordForEachState) {
    using State = SentinelIdentity::State;
    for (const auto state : {State::owned, State::released, State::abandoned})
        EXPECT_EQ(parse_identity_state(name_of(state)), state);
    EXPECT_FALSE(parse_identity_state("dead"));
    EXPECT_FALSE(parse_identity_state(""));
}

}  // namespace
}  // namespace redis_zk::core
