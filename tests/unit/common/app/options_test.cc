#include "common/app/options.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/common/app/temporary_file.h"

namespace redis_zk::app {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

const Options options{
    {.name = "wrapper", .purpose = "Wraps.", .rest = "redis-server"},
    {{.name = "zk-hosts", .initial = "localhost:2181", .description = "Where ZooKeeper is."},
     {.name = "port0", .kind = Kind::port, .initial = "6379", .description = "The port."},
     {.name = "http-port",
      .kind = Kind::port,
      .words = {"off"},
      .or_environment = {"PORT1"},
      .spoken_default = "off"},
     {.name = "cold-start-wait", .kind = Kind::duration, .initial = "30s"},
     {.name = "check", .kind = Kind::on_off, .description = "Only look."},
     {.name = "on-event", .is_list = true},
     {.name = "redis-password", .kind = Kind::secret, .description = "The password."}}};

std::string zk_hosts(const Invocation& invocation) {
    return options.read(invocation).text("zk-hosts");
}

TEST(Options, HaveTheirDefaultsWhenNobodySaysAnything) {
    const Settings settings = options.read({{}});

    EXPECT_THAT(settings.mistakes, IsEmpty());
    EXPECT_EQ(settings.text("zk-hosts"), "localhost:2181");
    EXPECT_EQ(settings.port("port0"), 6379);
    EXPECT_EQ(settings.port("http-port"), std::nullopt);
    EXPECT_EQ(settings.duration("cold-start-wait"), 30s);
    EXPECT_FALSE(settings.is_on("check"));
    EXPECT_FALSE(settings.is_given("zk-hosts"));
    EXPECT_EQ(settings.given_as("zk-hosts"), "--zk-hosts");
}

TEST(Options, PreferTheFlagToTheEnvironmentToTheFileToTheDefault) {
    const TemporaryFile file{"zk-hosts = file:1\n"};
    const std::string config = "--config=" + file.path();

    EXPECT_EQ(zk_hosts({{config, "--zk-hosts", "flag:1"}, {{"ZK_HOSTS", "env:1"}}}), "flag:1");
    EXPECT_EQ(zk_hosts({{config}, {{"ZK_HOSTS", "env:1"}}}), "env:1");
    EXPECT_EQ(zk_hosts({{config}}), "file:1");
    EXPECT_EQ(zk_hosts({{}}), "localhost:2181");
}

TEST(Options, TakeAnEmptyEnvironmentVariableForUnset) {
    EXPECT_EQ(zk_hosts({{}, {{"ZK_HOSTS", ""}}}), "localhost:2181");
    EXPECT_THAT(options.read({{}, {{"PORT0", ""}, {"CONFIG_FILE", ""}}}).mistakes, IsEmpty());
}

TEST(Options, TakeAListFromOneTextOrFromSeveral) {
    const TemporaryFile file{"on-event = a\non-event = b,,c\n"};
    const auto listed = [](const Invocation& invocation) {
        const Settings settings = options.read(invocation);
        EXPECT_THAT(settings.mistakes, IsEmpty());
        return settings.list("on-event");
    };
    EXPECT_THAT(listed({{}}), IsEmpty());
    EXPECT_THAT(listed({{}, {{"ON_EVENT", "a,b"}}}), ElementsAre("a", "b"));
    EXPECT_THAT(listed({{"--config", file.path()}}), ElementsAre("a", "b", "c"));
    EXPECT_THAT(listed({{"--on-event=a", "--on-event", "b"}, {{"ON_EVENT", "c"}}}),
                ElementsAre("a", "b"));
}

TEST(Options, FindTheFileThroughTheEnvironmentToo) {
    const TemporaryFile file{"# a comment\n\n  zk-hosts=a:1,b:2#not-a-comment  \r\ncheck = on"};
    const Settings settings = options.read({{}, {{"CONFIG_FILE", file.path()}}});

    EXPECT_THAT(settings.mistakes, IsEmpty());
    EXPECT_EQ(settings.text("zk-hosts"), "a:1,b:2#not-a-comment");
    EXPECT_TRUE(settings.is_on("check"));
}

TEST(Options, TakeTheSchedulersVariableWhenNobodyGaveTheOption) {
    EXPECT_EQ(options.read({{}, {{"PORT1", "31001"}}}).port("http-port"), 31001);
    EXPECT_EQ(options.read({{"--http-port=8008"}, {{"PORT1", "31001"}}}).port("http-port"), 8008);
    EXPECT_EQ(options.read({{"--http-port=off"}, {{"PORT1", "31001"}}}).port("http-port"),
              std::nullopt);
}

TEST(Options, TakeAFlagAloneForOn) {
    const Settings settings = options.read({{"--check", "--zk-hosts", "a:1"}});
    EXPECT_TRUE(settings.is_on("check"));
    EXPECT_EQ(settings.text("zk-hosts"), "a:1");
    EXPECT_FALSE(options.read({{"--check", "off"}}).is_on("check"));
    EXPECT_FALSE(options.read({{"--check=off"}, {{"CHECK", "on"}}}).is_on("check"));
}

TEST(Options, LeaveEverythingAfterTwoDashesUntouched) {
    const Settings settings =
        options.read({{"--check", "--", "--zk-hosts", "x", "--", "", "--help"}});

    EXPECT_THAT(settings.rest, ElementsAre("--zk-hosts", "x", "--", "", "--help"));
    EXPECT_THAT(settings.mistakes, IsEmpty());
    EXPECT_EQ(settings.request, Request::run);
    EXPECT_EQ(settings.text("zk-hosts"), "localhost:2181");
}

TEST(Options, AnswerForHelpAndVersionWithStatusZero) {
    testing::internal::CaptureStdout();
    EXPECT_EQ(options.answer(options.read({{"--help", "--nonsense"}})), 0);
    EXPECT_EQ(testing::internal::GetCapturedStdout(), options.help());

    testing::internal::CaptureStdout();
    EXPECT_EQ(options.answer(options.read({{"--version"}})), 0);
    EXPECT_THAT(testing::internal::GetCapturedStdout(), testing::StartsWith("wrapper "));

    EXPECT_EQ(options.read({{"-h"}}).request, Request::help);
    EXPECT_EQ(options.answer(options.read({{}})), std::nullopt);
}

TEST(Options, ShowTheThreeNamesAndTheDefaultOfEachInTheHelp) {
    const std::string help = options.help();
    EXPECT_THAT(help, testing::ContainsRegex(
                          "--zk-hosts TEXT +ZK_HOSTS +zk-hosts +localhost:2181\n +Where Zoo"));
    EXPECT_THAT(help, testing::ContainsRegex("--http-port PORT +HTTP_PORT +http-port +PORT1, else "
                                             "off\n"));
    EXPECT_THAT(help, testing::ContainsRegex("--check +CHECK +check +off\n"));
    EXPECT_THAT(help, testing::ContainsRegex("--redis-password-file FILE +REDIS_PASSWORD.\\_FILE. +"
                                             "redis-password-file +none\n"));
    EXPECT_THAT(help, testing::Not(HasSubstr("--redis-password ")));
}

TEST(Options, ReadTheEnvironmentOfTheProcess) {
    std::string program = "wrapper";
    std::string flag = "--check";
    char* arguments[] = {program.data(), flag.data(), nullptr};
    setenv("ZK_HOSTS", "from-the-process:1=2", 1);
    const Invocation invocation = Invocation::of_process(2, arguments);
    unsetenv("ZK_HOSTS");

    EXPECT_THAT(invocation.arguments, ElementsAre("--check"));
    EXPECT_EQ(zk_hosts(invocation), "from-the-process:1=2");
}

}  // namespace
}  // namespace redis_zk::app
