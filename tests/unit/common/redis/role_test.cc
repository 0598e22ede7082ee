#include "common/redis/role.h"

#include <gtest/gtest.h>

#include "tests/unit/common/redis/replies.h"

namespace redis_zk::redis {
namespace {

TEST(ParseRole, ReadsAMasterWithItsReplicas) {
    const auto role = parse_role(list(
        {text("master"), integer(3129659),
         list({texts({"127.0.0.1", "9001", "3129242"}), texts({"fd00::7", "9002", "3129"})})}));
    ASSERT_TRUE(role);
    EXPECT_EQ(*role, Role(MasterRole{3129659,
                                     {{{"127.0.0.1", 9001}, 3129242}, {{"fd00::7", 9002}, 3129}}}));
}

TEST(ParseRole, ReadsAReplicaInEachStateOfItsLink) {
    const auto link = [](const char* state) {
        const auto role =
            parse_role(list({text("slave"), text("h"), integer(1), text(state), integer(-1)}));
        return std::get<ReplicaRole>(*role).link;
    };
    EXPECT_EQ(link("connect"), Link::waiting);
    EXPECT_EQ(link("none"), Link::waiting);
    EXPECT_EQ(link("connecting"), Link::connecting);
    EXPECT_EQ(link("handshake"), Link::connecting);
    EXPECT_EQ(link("sync"), Link::syncing);
    EXPECT_EQ(link("connected"), Link::connected);
    EXPECT_EQ(link("some word of the future"), Link::waiting);
}

TEST(ParseRole, ReadsWhomAReplicaFollowsAndHowFarItIs) {
    const auto role =
        parse_role(list({text("slave"), text("h"), integer(0), text("sync"), integer(42)}));
    EXPECT_EQ(*role, Role(ReplicaRole{{"h", 0}, Link::syncing, 42}));
}

TEST(ParseRole, ReadsASentinel) {
    const auto role = parse_role(list({text("sentinel"), texts({"mymaster", "other"})}));
    EXPECT_EQ(*role, Role(SentinelRole{{"mymaster", "other"}}));
}

TEST(ParseRole, RefusesGarbage) {
    for (const Reply& reply : garbage()) EXPECT_FALSE(parse_role(reply));
    EXPECT_FALSE(parse_role(list({text("king"), integer(1), list({})})));
}

}  // namespace
}  // namespace redis_zk::redis
