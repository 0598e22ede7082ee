#include "common/app/suggestion.h"

#include <gtest/gtest.h>

namespace redis_zk::app {
namespace {

const std::vector<std::string> known{"zk-hosts", "zk-root", "port0", "redis-password-file"};

TEST(Suggestion, FindsTheNameThatWasMistyped) {
    EXPECT_EQ(nearest("zk-host", known), "zk-hosts");
    EXPECT_EQ(nearest("zk-rot", known), "zk-root");
    EXPECT_EQ(nearest("port", known), "port0");
}

TEST(Suggestion, TakesTheNameOfTheEnvironmentForTheFlag) {
    EXPECT_EQ(nearest("ZK_HOSTS", known), "zk-hosts");
}

TEST(Suggestion, SaysNothingRatherThanAWildGuess) {
    EXPECT_EQ(nearest("verbose", known), std::nullopt);
    EXPECT_EQ(nearest("x", known), std::nullopt);
    EXPECT_EQ(spoken_suggestion("verbose", known, "--"), "");
}

}  // namespace
}  // namespace redis_zk::app
