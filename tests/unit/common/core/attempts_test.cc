#include "common/core/attempts.h"

#include <gtest/gtest.h>

namespace redis_zk::core {
namespace {

const TimePoint t0 = TimePoint{} + std::chrono::hours{1};

TEST(Attempts, ComeLaterAfterEachFailureUpToALongestPause) {
    Attempts attempts;
    EXPECT_FALSE(is_too_soon(attempts, t0));
    milliseconds last{0};
    for (int failure = 1; failure <= 7; ++failure) {
        observe_failure(attempts, 0, t0);
        EXPECT_TRUE(is_too_soon(attempts, *attempts.next - milliseconds{1}));
        EXPECT_FALSE(is_too_soon(attempts, *attempts.next));
        EXPECT_EQ(*attempts.next - t0, failure == 1 ? milliseconds{100} : 2 * last);
        last = std::chrono::duration_cast<milliseconds>(*attempts.next - t0);
    }
    for (int failure = 8; failure <= 1000; ++failure) observe_failure(attempts, 0, t0);
    EXPECT_EQ(*attempts.next - t0, last);
}

TEST(Attempts, ArePartlyByChance) {
    EXPECT_EQ(pause_after(1, 0), milliseconds{100});
    EXPECT_EQ(pause_after(1, 199), milliseconds{299});
    EXPECT_EQ(pause_after(1, 200), milliseconds{100});
}

}  // namespace
}  // namespace redis_zk::core
