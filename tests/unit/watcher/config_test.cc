#include "watcher/config.h"

#include <gmock/gmock.h>

#include "tests/support/cluster_options.h"
#include "tests/unit/watcher/invocation.h"

namespace redis_zk::watcher {
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
    EXPECT_EQ(config.listen, (core::Endpoint{"127.0.0.1", 8080}));
    EXPECT_THAT(config.hooks, IsEmpty());
    EXPECT_EQ(config.hook_timeout, 10s);
    EXPECT_EQ(config.hook_queue, 100U);
}

TEST(Config, ListensOnThePortOfTheContainerInBridgeMode) {
    EXPECT_EQ(read({{"PORT0", "31002"}}).config.listen, (core::Endpoint{"127.0.0.1", 31002}));
    EXPECT_EQ(read({{"PORT0", "31002"}, {"LISTEN_PORT", "80"}}).config.listen.port, 80);
}

TEST(Config, SaysAllMistakesAtOnce) {
    const auto settings = read({{"NET_IFACE", "nosuch0"},
                                {"ZK_HOSTS", "a:0"},
                                {"ZK_ROOT", "redis"},
                                {"ZK_AUTH", "hunter2"},
                                {"PORT0", "65536"},
                                {"MASTER_NAME", "a b"},
                                {"REDIS_USERNAME", "me"},
                                {"ON_EVENT", "+switch-master"},
                                {"HOOK_TIMEOUT", "0"},
                                {"HOOK_QUEUE", "0"}},
                               {"--hok-queue", "1"})
                              .settings;
    EXPECT_EQ(settings.mistakes.size(), 11U) << testing::PrintToString(settings.mistakes);
    EXPECT_THAT(settings.mistakes, Not(Contains(HasSubstr("hunter2"))));
    EXPECT_THAT(settings.mistakes, Contains(HasSubstr("did you mean --hook-queue")));
}

TEST(Config, TakesHooksOneByOneOrSeparatedByCommas) {
    const test::TemporaryDirectory directory;
    const std::string a = script(directory, "a", "");
    const std::string b = script(directory, "b=c", "");
    const std::vector<Hook> wanted{{"+switch-master", a}, {"-sdown", b}, {"+switch-master", b}};
    const auto text = [](const Hook& hook) { return hook.event + '=' + hook.executable; };
    const auto joined = text(wanted[0]) + ',' + text(wanted[1]) + ',' + text(wanted[2]);

    const auto from_environment = read({{"ON_EVENT", joined}});
    EXPECT_THAT(from_environment.settings.mistakes, IsEmpty());
    EXPECT_EQ(from_environment.config.hooks, wanted);
    const auto from_flags = read({}, {"--on-event", text(wanted[0]), "--on-event", text(wanted[1]),
                                      "--on-event=" + text(wanted[2])});
    EXPECT_EQ(from_flags.config.hooks, wanted);
}

TEST(Config, RefusesAHookThatCannotRun) {
    const test::TemporaryDirectory directory;
    const std::string no_script = directory.write("text", "echo");
    for (const std::string& wrong :
         {"+switch-master=" + no_script, "+sdown=" + directory.path(), std::string{"+sdown="},
          "=" + script(directory, "a", ""), "+Switch=" + script(directory, "a", ""),
          std::string{"+sdown=/no/such/file"}})
        EXPECT_THAT(read({{"ON_EVENT", wrong}}).settings.mistakes,
                    ElementsAre(HasSubstr("ON_EVENT: ")))
            << wrong;
}

TEST(Config, WarnsOfAnEventThatNoSentinelPublishes) {
    const test::TemporaryDirectory directory;
    const auto [config, settings] =
        read({{"ON_EVENT", "+switch-mastr=" + script(directory, "a", "")}});
    EXPECT_THAT(settings.mistakes, IsEmpty());
    EXPECT_THAT(config.warnings, ElementsAre(HasSubstr("did you mean +switch-master?")));
}

TEST(Config, HasNoFlagForASecret) {
    EXPECT_THAT(
        read({}, {"--redis-password=hunter2", "--sentinel-password", "hunter2"}).settings.mistakes,
        testing::AllOf(testing::SizeIs(2), Not(Contains(HasSubstr("hunter2")))));
}

}  // namespace
}  // namespace redis_zk::watcher
