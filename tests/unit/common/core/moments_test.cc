#include "common/core/moments.h"

#include <gtest/gtest.h>

namespace redis_zk::core {
namespace {

using namespace std::chrono_literals;

constexpr TimePoint t0 = TimePoint{} + 1000s;

TEST(IsPending, EndsWithTheAnswerOrAtTheDeadline) {
    EXPECT_FALSE(is_pending(std::nullopt, t0));
    EXPECT_TRUE(is_pending(t0 + 1ms, t0));
    EXPECT_FALSE(is_pending(t0, t0));
}

TEST(CountFrom, KeepsTheFirstTimeUntilThereIsABreak) {
    std::optional<TimePoint> since;
    count_from(since, true, t0);
    count_from(since, true, t0 + 1s);
    EXPECT_EQ(since, t0);
    count_from(since, false, t0 + 2s);
    EXPECT_FALSE(since);
    count_from(since, true, t0 + 3s);
    EXPECT_EQ(since, t0 + 3s);
}

TEST(StoodStill, IsWhoComesLaterThanIsTolerated) {
    EXPECT_FALSE(stood_still(t0, t0 + 2s, 2s));
    EXPECT_TRUE(stood_still(t0, t0 + 2001ms, 2s));
    EXPECT_FALSE(stood_still(t0, t0 - 1s, 2s)) << "something has happened before";
    EXPECT_FALSE(stood_still(TimePoint{}, t0 + 1h, 2s)) << "the first turn";
}

}  // namespace
}  // namespace redis_zk::core
