#include "common/core/repetition.h"

#include <vector>

#include <gtest/gtest.h>

namespace redis_zk::core {
namespace {

using namespace std::chrono_literals;

constexpr TimePoint t0 = TimePoint{} + 1000s;

// How often it is said when somebody asks every 100 ms from `begin` until before `end`.
int said(Repetition& repetition, std::string_view sentence, TimePoint begin, TimePoint end) {
    int count = 0;
    for (TimePoint now = begin; now < end; now += 100ms)
        count += repetition.should_say(sentence, now) ? 1 : 0;
    return count;
}

TEST(Repetition, SaysANewSentenceAtOnce) {
    Repetition repetition;
    EXPECT_TRUE(repetition.should_say("a", t0));
    EXPECT_TRUE(repetition.should_say("b", t0));
}

TEST(Repetition, SaysTheSameSentenceWithAGrowingInterval) {
    Repetition repetition;
    std::vector<long> at;
    for (TimePoint now = t0; now < t0 + 300s; now += 100ms)
        if (repetition.should_say("a", now)) at.push_back((now - t0) / 1s);
    EXPECT_EQ(at, (std::vector<long>{0, 1, 3, 7, 15, 31, 63, 123, 183, 243}));
}

TEST(Repetition, IsNoFloodWhenTwoSentencesTakeTurns) {
    Repetition repetition;
    int count = 0;
    for (TimePoint now = t0; now < t0 + 60s; now += 200ms) {
        count += said(repetition, "a", now, now + 100ms);
        count += said(repetition, "b", now + 100ms, now + 200ms);
    }
    EXPECT_EQ(count, 2 * 6);
}

TEST(Repetition, SaysASentenceThatReturnsAfterAnotherAtOnce) {
    Repetition repetition;
    said(repetition, "a", t0, t0 + 300s);
    said(repetition, "b", t0 + 300s, t0 + 305s);
    EXPECT_TRUE(repetition.should_say("a", t0 + 305s));
    EXPECT_TRUE(repetition.should_say("a", t0 + 306s));
}

TEST(Repetition, StartsAnewWhenTheWaitWasOver) {
    Repetition repetition;
    EXPECT_TRUE(repetition.should_say("a", t0));
    repetition.forget();
    EXPECT_TRUE(repetition.should_say("a", t0));
}

}  // namespace
}  // namespace redis_zk::core
