#include "redis-wrapper/core/action.h"

#include <gtest/gtest.h>

namespace redis_zk::redis_wrapper {
namespace {

using namespace std::chrono_literals;

const core::Endpoint a{"10.0.0.1", 6379};

TEST(Action, IsSpokenWithItsReason) {
    EXPECT_EQ(describe(Promote{"so it is"}), "promote, because so it is");
    EXPECT_EQ(describe(Follow{a, "so it is"}), "follow 10.0.0.1:6379, because so it is");
    EXPECT_EQ(describe(Park{"so it is"}), "park, because so it is");
    EXPECT_EQ(describe(Open{"so it is"}), "open for writes, because so it is");
    EXPECT_EQ(describe(Offer{"so it is"}), "offer this node for fail-over, because so it is");
    EXPECT_EQ(describe(Close{"so it is"}), "fence, because so it is");
    EXPECT_EQ(describe(Pause{3000ms, "so it is"}), "let the clients wait, because so it is");
    EXPECT_EQ(describe(ShutDown{"so it is"}), "stop redis, because so it is");
    EXPECT_EQ(describe(Kill{"so it is"}), "kill redis, because so it is");
    EXPECT_EQ(describe(TakeLock{"so it is"}), "take the lock, because so it is");
    EXPECT_EQ(describe(ReleaseLock{"so it is"}), "release the lock, because so it is");
    EXPECT_EQ(describe(RequestFailover{a, "so it is"}),
              "ask sentinel 10.0.0.1:6379 for a fail-over, because so it is");
    EXPECT_EQ(describe(Refuse{"so it is"}), "refuse to run: so it is");
}

TEST(Action, IsSpokenWithWhatIsPublished) {
    EXPECT_EQ(describe(Publish{{7, a, "c1", "a", "run", "id", "somebody", "so it is"}}),
              "publish 10.0.0.1:6379 as master of term 7, because so it is");
}

TEST(Action, IsSpokenWithTheOutcomeOfAHandOver) {
    EXPECT_EQ(describe(EndHandOver{true, "so it is"}), "handed over: so it is");
    EXPECT_EQ(describe(EndHandOver{false, "so it is"}), "no hand-over: so it is");
}

TEST(Action, SpeaksADetailOfAWaitInBrackets) {
    EXPECT_EQ(describe(Wait{"redis is loading", "12 %"}), "wait: redis is loading (12 %)");
    EXPECT_EQ(describe(Wait{"redis is stopping", {}}), "wait: redis is stopping");
}

TEST(Action, IsNotSpokenWhenItIsAQuestion) {
    EXPECT_EQ(describe(AskNode{a}), "");
    EXPECT_EQ(describe(AskSentinels{}), "");
    EXPECT_EQ(describe(WriteRoster{}), "");
}

}  // namespace
}  // namespace redis_zk::redis_wrapper
