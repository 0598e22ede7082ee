#include "common/server/config.h"

#include <gmock/gmock.h>

namespace redis_zk::server {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;

TEST(ClusterConfig, SaysWhereTheClusterIsAndHowToGetThere) {
    ClusterConfig config;
    config.hosts = {{{"zk1", 2181}, {"zk2", 2182}}, "/prod"};
    config.root = "/redis";
    config.session_timeout = 6s;
    config.zk_credentials = "me:secret";
    EXPECT_EQ(config.layout().master(), "/prod/redis/master");
    EXPECT_EQ(config.session_options().servers, config.hosts.servers);
    EXPECT_EQ(config.session_options().session_timeout, 6s);
    EXPECT_EQ(config.session_options().credentials, "me:secret");
    EXPECT_EQ(config.spoken_zookeeper(),
              "ZooKeeper at " + zk::spoken(config.hosts.servers) + ", /prod/redis");
}

TEST(ClusterConfig, AsksNodesAndSentinelsWithTheirOwnPasswords) {
    ClusterConfig config;
    config.credentials = {"me", "of the nodes"};
    config.sentinel_credentials = {"joe", "of the sentinels"};
    config.master_name = "mymaster";
    const auto options = config.question_options();
    EXPECT_EQ(options.of_nodes.username, "me");
    EXPECT_EQ(options.of_nodes.password, "of the nodes");
    EXPECT_EQ(options.of_sentinels.username, "joe");
    EXPECT_EQ(options.of_sentinels.password, "of the sentinels");
    EXPECT_EQ(options.master_name, "mymaster");
}

TEST(TakeWarnings, PutsThoseOfTheSettingsFirst) {
    ClusterConfig config;
    config.warnings = {"b"};
    app::Settings settings;
    settings.warnings = {"a"};
    take_warnings(config, settings);
    EXPECT_THAT(config.warnings, ElementsAre("a", "b"));
}

TEST(Joined, KeepsTheOrderOfTheParts) {
    const auto table = joined({{{.name = "a"}, {.name = "b"}}, {{.name = "c"}}});
    ASSERT_EQ(table.size(), 3U);
    EXPECT_EQ(table[0].name + table[1].name + table[2].name, "abc");
}

}  // namespace
}  // namespace redis_zk::server
