#include "redis-wrapper/config.h"

#include <gmock/gmock.h>

#include "tests/support/cluster_options.h"
#include "tests/support/temporary_directory.h"
#include "tests/unit/redis-wrapper/invocation.h"

namespace redis_zk::redis_wrapper {
namespace {

using namespace std::chrono_literals;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

TEST(Config, NeedsNothingButAnInterface) {
    const auto [config, settings] = read({});
    EXPECT_THAT(settings.mistakes, IsEmpty());
    test::expect_defaults_of_the_cluster(config);
    EXPECT_EQ(config.cold_start_wait, 30s);
    EXPECT_EQ(config.stop_timeout, 10s);
    EXPECT_EQ(config.hand_over_timeout, 3s);
    EXPECT_EQ(config.listen, (core::Endpoint{"127.0.0.1", 6379}));
    EXPECT_EQ(config.announce, config.listen);
    EXPECT_FALSE(config.http);
    EXPECT_THAT(config.redis_server, HasSubstr("/redis-server"));
    EXPECT_FALSE(config.accept_data_loss);
}

TEST(Config, SaysAllMistakesAtOnceAndWritesNothing) {
    const test::TemporaryDirectory directory;
    const std::string data = directory.path() + "/data";
    const auto [config, settings] = read({{"NET_IFACE", "nosuch0"},
                                          {"ZK_HOSTS", "a:0"},
                                          {"ZK_ROOT", "redis"},
                                          {"ZK_AUTH", "hunter2"},
                                          {"PORT0", "65536"},
                                          {"REDIS_SERVER", "nosuch-server"},
                                          {"REDIS_CONF", directory.path() + "/missing.conf"},
                                          {"MASTER_NAME", "a b"},
                                          {"COLD_START_WAIT", "30"},
                                          {"DATA_DIR", data},
                                          {"RUN_DIR", directory.path() + "/run"}},
                                         {"--stop-timeuot", "1s"});
    EXPECT_EQ(settings.mistakes.size(), 10U) << testing::PrintToString(settings.mistakes);
    EXPECT_THAT(settings.mistakes, Not(Contains(HasSubstr("hunter2"))));
    EXPECT_THAT(settings.mistakes, Contains(HasSubstr("lo (127.0.0.1")));
    EXPECT_TRUE(directory.is_empty());
    EXPECT_EQ(config.data_dir, data);
}

TEST(Config, TakesTheScheduledPortsUnlessToldOtherwise) {
    EXPECT_EQ(read({{"PORT0", "31002"}, {"PORT1", "31003"}}).config.http,
              (core::Endpoint{"127.0.0.1", 31003}));
    EXPECT_FALSE(read({{"PORT1", "31003"}, {"HTTP_PORT", "off"}}).config.http);
    EXPECT_THAT(read({{"HTTP_PORT", "6379"}}).settings.mistakes,
                ElementsAre(HasSubstr("also the port")));
}

TEST(Config, TakesTheSchemeOffZooKeepersCredentials) {
    EXPECT_EQ(read({{"ZK_AUTH", "digest:me:a:b"}}).config.zk_credentials, "me:a:b");
    for (const char* wrong : {"digest:me", "digest::x", "sasl:me:x"})
        EXPECT_THAT(read({{"ZK_AUTH", wrong}}).settings.mistakes,
                    ElementsAre(HasSubstr("digest:user:password")));
}

TEST(Config, UsesThePasswordOfTheUsersFileWhenNoOtherIsGiven) {
    const test::TemporaryDirectory directory;
    const std::string file = directory.write("redis.conf", "requirepass \"a b\"\n");
    const auto from_file = read({{"REDIS_CONF", file}}).config;
    EXPECT_EQ(from_file.credentials.password, "a b");
    EXPECT_TRUE(from_file.password_is_from_user);
    const auto given = read({{"REDIS_CONF", file}, {"REDIS_PASSWORD", "c"}}).config;
    EXPECT_EQ(given.credentials.password, "c");
    EXPECT_FALSE(given.password_is_from_user);
}

TEST(Config, WantsAUserOfAclToBeDefined) {
    const test::TemporaryDirectory directory;
    const std::string file = directory.write("redis.conf", "user app on >x ~* &* +@all\n");
    EXPECT_THAT(read({{"REDIS_USERNAME", "app"}}).settings.mistakes,
                ElementsAre(HasSubstr("without a REDIS_PASSWORD")));
    EXPECT_THAT(read({{"REDIS_USERNAME", "app"}, {"REDIS_PASSWORD", "x"}}).settings.mistakes,
                ElementsAre(HasSubstr("is defined neither")));
    const auto good =
        read({{"REDIS_USERNAME", "app"}, {"REDIS_PASSWORD", "x"}, {"REDIS_CONF", file}});
    EXPECT_THAT(good.settings.mistakes, IsEmpty());
    EXPECT_EQ(good.config.credentials.username, "app");
}

TEST(Config, FindsTheServerInThePathOrTakesValkey) {
    const test::TemporaryDirectory directory;
    const std::string server = directory.write("valkey-server", "#!/bin/sh\n");
    std::filesystem::permissions(server, std::filesystem::perms::owner_all);
    EXPECT_EQ(read({{"PATH", "/nonexistent:" + directory.path()}}).config.redis_server, server);
    EXPECT_THAT(read({{"PATH", "/nonexistent"}}).settings.mistakes,
                ElementsAre(HasSubstr("neither redis-server nor valkey-server")));
    EXPECT_THAT(read({{"REDIS_SERVER", directory.path()}}).settings.mistakes,
                ElementsAre(HasSubstr("no file that can be executed")));
}

TEST(Config, LeavesRedisMostOfItsTimeToStopForSaving) {
    const auto timeout = [](const std::string& stop_timeout, std::vector<std::string> arguments) {
        return read({{"STOP_TIMEOUT", stop_timeout}}, std::move(arguments))
            .config.shutdown_timeout();
    };
    EXPECT_EQ(timeout("10s", {}), 3s);
    EXPECT_EQ(timeout("2s", {}), 0s);
    EXPECT_EQ(timeout("5m", {}), 10s) << "the default of Redis";
    EXPECT_EQ(timeout("5m", {"--", "--shutdown-timeout", "60"}), 60s);
    EXPECT_EQ(timeout("5m", {"--", "--shutdown-timeout", "600"}), 100s);
}

TEST(Config, WantsTheHandOverToEndBeforeRedisIsKilled) {
    const auto mistakes = [](const std::string& hand_over, const std::string& stop) {
        return read({{"HANDOVER_TIMEOUT", hand_over}, {"STOP_TIMEOUT", stop}}).settings.mistakes;
    };
    EXPECT_THAT(mistakes("9999ms", "10s"), IsEmpty());
    EXPECT_THAT(mistakes("10s", "10s"),
                ElementsAre(HasSubstr("has to be shorter than STOP_TIMEOUT")));
    EXPECT_EQ(read({{"HANDOVER_TIMEOUT", "0s"}}).config.hand_over_timeout, 0s);
    EXPECT_THAT(mistakes("0s", "1s"), IsEmpty());
}

TEST(Config, HandsOverInHalfOfAShortTimeToStopUnlessToldOtherwise) {
    const auto [config, settings] = read({{"STOP_TIMEOUT", "1s"}});
    EXPECT_THAT(settings.mistakes, IsEmpty());
    EXPECT_EQ(config.hand_over_timeout, 500ms);
    EXPECT_EQ(read({{"STOP_TIMEOUT", "1m"}}).config.hand_over_timeout, 3s);
    EXPECT_EQ(read({{"HANDOVER_TIMEOUT", "20s"}, {"STOP_TIMEOUT", "1m"}}).config.hand_over_timeout,
              20s);
}

TEST(Config, WarnsOfAPermissionToLoseDataThatIsLeftOn) {
    EXPECT_THAT(read({{"ACCEPT_DATA_LOSS", "yes"}}).config.warnings,
                Contains(HasSubstr("ACCEPT_DATA_LOSS is on")));
    EXPECT_THAT(read({}).config.warnings, Not(Contains(HasSubstr("ACCEPT_DATA_LOSS"))));
}

TEST(Config, ReadsTheArgumentsBehindTheDashes) {
    const auto [config, settings] = read({}, {"--", "--replica-priority", "3"});
    EXPECT_EQ(config.user.replica_priority, 3);
    EXPECT_THAT(read({}, {"--", "my.conf"}).settings.mistakes,
                ElementsAre(HasSubstr("REDIS_CONF")));
}

TEST(Config, WarnsOfAPasswordFileThatOthersCanRead) {
    const test::TemporaryDirectory directory;
    const std::string file = directory.write("password", "x\n");
    std::filesystem::permissions(file, std::filesystem::perms{0644});
    const auto config = read({{"REDIS_PASSWORD_FILE", file}}).config;
    EXPECT_EQ(config.credentials.password, "x");
    EXPECT_THAT(config.warnings, Contains(HasSubstr("can be read by others")));
}

TEST(Config, RefusesAPathThatRedisWouldTakeForAPattern) {
    const test::TemporaryDirectory directory;
    EXPECT_THAT(read({{"REDIS_CONF", directory.write("a[1].conf", "")}}).settings.mistakes,
                ElementsAre(HasSubstr("take for a pattern")));
}

TEST(Config, ShowsEveryOptionInItsHelp) {
    const std::string help = options().help();
    test::expect_options_of_a_parent(help);
    for (const char* name : {"REDIS_SERVER", "REDIS_CONF", "DATA_DIR", "COLD_START_WAIT",
                             "ACCEPT_DATA_LOSS", "HANDOVER_TIMEOUT"})
        EXPECT_THAT(help, HasSubstr(name));
}

}  // namespace
}  // namespace redis_zk::redis_wrapper
