#include "sentinel-wrapper/config.h"

#include <gmock/gmock.h>

#include "tests/support/cluster_options.h"
#include "tests/support/temporary_directory.h"
#include "tests/unit/sentinel-wrapper/invocation.h"

namespace redis_zk::sentinel_wrapper {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

TEST(Config, NeedsNothingButAnInterface) {
    const auto [config, settings] = read({});
    EXPECT_THAT(settings.mistakes, IsEmpty());
    test::expect_defaults_of_the_cluster(config);
    EXPECT_EQ(config.listen, (core::Endpoint{"127.0.0.1", 26379}));
    EXPECT_EQ(config.announce, config.listen);
    EXPECT_THAT(config.sentinel_server, HasSubstr("/redis-sentinel"));
    EXPECT_EQ(config.quorum, 2);
    EXPECT_EQ(config.down_after, 3s);
    EXPECT_EQ(config.failover_timeout, 10s);
    EXPECT_EQ(config.parallel_syncs, 1);
    EXPECT_EQ(config.master_timeout, 30s);
    EXPECT_EQ(config.ghost_timeout, 60s);
    EXPECT_EQ(config.drain, 0s);
}

TEST(Config, SaysAllMistakesAtOnceAndWritesNothing) {
    const test::TemporaryDirectory directory;
    const auto [config, settings] = read({{"DOWN_AFTER", "499ms"},
                                          {"SENTINEL_QUORUM", "most"},
                                          {"SENTINEL_SERVER", "nosuch-sentinel"},
                                          {"SENTINEL_CONF", directory.path() + "/missing.conf"},
                                          {"PARALLEL_SYNCS", "0"},
                                          {"FAILOVER_TIMEOUT", "0"},
                                          {"GHOST_TIMEOUT", "0"},
                                          {"DRAIN", "5"},
                                          {"ZK_ROOT", "redis"},
                                          {"RUN_DIR", directory.path() + "/run"}});
    EXPECT_EQ(settings.mistakes.size(), 9U) << testing::PrintToString(settings.mistakes);
    EXPECT_TRUE(directory.is_empty());
}

TEST(Config, RefusesADownAfterThatMakesSentinelFailOverAgainAndAgain) {
    EXPECT_THAT(read({{"DOWN_AFTER", "499ms"}}).settings.mistakes,
                ElementsAre("DOWN_AFTER: 499ms is too short: Sentinel then takes each new master "
                            "for dead before it is connected to it, and fails over again and "
                            "again; allowed is 500ms and more"));
    EXPECT_THAT(read({{"DOWN_AFTER", "500ms"}}).settings.mistakes, IsEmpty());
}

TEST(Config, FollowsTheMajorityWhenToldSo) {
    EXPECT_EQ(read({{"SENTINEL_QUORUM", "majority"}}).config.quorum, std::nullopt);
    EXPECT_EQ(read({{"SENTINEL_QUORUM", "3"}}).config.quorum, 3);
    for (const char* wrong : {"0", "-1", "2x", "1.5"})
        EXPECT_EQ(read({{"SENTINEL_QUORUM", wrong}}).settings.mistakes.size(), 1U) << wrong;
}

TEST(Config, AnOptionThatIsGivenWinsOverTheUsersFileAndThatOverTheDefault) {
    const test::TemporaryDirectory directory;
    const std::string file = directory.write("sentinel.conf",
                                             "sentinel down-after-milliseconds mymaster 700\n"
                                             "sentinel failover-timeout mymaster 800\n"
                                             "sentinel parallel-syncs mymaster 2\n");
    const auto of_file = read({{"SENTINEL_CONF", file}}).config;
    EXPECT_EQ(of_file.down_after, 700ms);
    EXPECT_EQ(of_file.failover_timeout, 800ms);
    EXPECT_EQ(of_file.parallel_syncs, 2);
    const auto of_options = read({{"SENTINEL_CONF", file},
                                  {"DOWN_AFTER", "3s"},
                                  {"FAILOVER_TIMEOUT", "10s"},
                                  {"PARALLEL_SYNCS", "1"}})
                                .config;
    EXPECT_EQ(of_options.down_after, 3s);
    EXPECT_EQ(of_options.failover_timeout, 10s);
    EXPECT_EQ(of_options.parallel_syncs, 1);
}

TEST(Config, ADownAfterOfTheUsersFileIsCheckedToo) {
    const test::TemporaryDirectory directory;
    const std::string file =
        directory.write("sentinel.conf", "sentinel down-after-milliseconds mymaster 100\n");
    EXPECT_THAT(read({{"SENTINEL_CONF", file}}).settings.mistakes,
                ElementsAre(HasSubstr("100ms is too short")));
}

TEST(Config, UsesThePasswordsOfTheUsersFileWhenNoOthersAreGiven) {
    const test::TemporaryDirectory directory;
    const std::string file = directory.write("sentinel.conf",
                                             "requirepass own\n"
                                             "sentinel auth-user mymaster joe\n"
                                             "sentinel auth-pass mymaster nodes\n");
    const auto of_file = read({{"SENTINEL_CONF", file}}).config;
    EXPECT_EQ(of_file.sentinel_credentials.password, "own");
    EXPECT_EQ(of_file.credentials.username, "joe");
    EXPECT_EQ(of_file.credentials.password, "nodes");
    const auto of_options =
        read({{"SENTINEL_CONF", file}, {"SENTINEL_PASSWORD", "a"}, {"REDIS_PASSWORD", "b"}}).config;
    EXPECT_EQ(of_options.sentinel_credentials.password, "a");
    EXPECT_EQ(of_options.credentials.username, "");
    EXPECT_EQ(of_options.credentials.password, "b");
}

TEST(Config, WantsAUserOfTheSentinelsThatTheUsersFileDefines) {
    const test::TemporaryDirectory directory;
    const auto mistakes = [&](const std::string& text, const Environment& more) {
        Environment environment = more;
        environment["SENTINEL_CONF"] = directory.write("sentinel.conf", text);
        environment["SENTINEL_USERNAME"] = "joe";
        return read(environment).settings.mistakes;
    };
    const Environment password{{"SENTINEL_PASSWORD", "x"}};
    EXPECT_THAT(mistakes("user joe on >x ~* &* +@all\n", password), testing::IsEmpty());
    EXPECT_THAT(mistakes("aclfile /some/file\n", password), testing::IsEmpty());
    EXPECT_THAT(mistakes("user ann on >x ~* &* +@all\n", password),
                ElementsAre(HasSubstr("\"joe\" is defined neither")));
    EXPECT_THAT(mistakes("user joe on >x ~* &* +@all\n", {}),
                ElementsAre(HasSubstr("is given without a SENTINEL_PASSWORD")));
}

TEST(Config, TakesAnyServerOfTheFamily) {
    const test::TemporaryDirectory directory;
    const std::string server = directory.write("valkey-server", "#!/bin/sh\n");
    std::filesystem::permissions(server, std::filesystem::perms::owner_all);
    EXPECT_EQ(read({{"PATH", directory.path()}}).config.sentinel_server, server);
}

TEST(Config, ShowsEveryOptionInItsHelp) {
    const std::string help = options().help();
    test::expect_options_of_a_parent(help);
    for (const char* name :
         {"SENTINEL_SERVER", "SENTINEL_CONF", "SENTINEL_QUORUM", "DOWN_AFTER", "FAILOVER_TIMEOUT",
          "PARALLEL_SYNCS", "MASTER_TIMEOUT", "GHOST_TIMEOUT", "DRAIN"})
        EXPECT_THAT(help, HasSubstr(name));
    EXPECT_THAT(help, Not(HasSubstr("redis-server, as others")));
}

}  // namespace
}  // namespace redis_zk::sentinel_wrapper
