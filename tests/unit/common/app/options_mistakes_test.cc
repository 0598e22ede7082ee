#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "common/app/options.h"
#include "tests/unit/common/app/temporary_file.h"

namespace redis_zk::app {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

const Options options{
    {.name = "wrapper"},
    {{.name = "zk-hosts", .initial = "localhost:2181"},
     {.name = "port0", .kind = Kind::port, .initial = "6379"},
     {.name = "http-port", .kind = Kind::port, .or_environment = {"PORT1"}},
     {.name = "stop-timeout", .kind = Kind::duration, .initial = "10s"},
     {.name = "log-format", .kind = Kind::choice, .initial = "text", .words = {"text", "json"}},
     {.name = "check", .kind = Kind::on_off}}};

std::vector<std::string> mistakes(const Invocation& invocation) {
    return options.read(invocation).mistakes;
}

TEST(OptionMistakes, AreAllCollectedAndNameTheOptionAsItWasGiven) {
    const TemporaryFile file{"# mine\nlog-format = xml\nport = 1\n"};
    EXPECT_THAT(
        mistakes({{"--port0", "0", "--zk-host=a:1", "--config", file.path()},
                  {{"STOP_TIMEOUT", "10"}, {"PORT1", "http"}}}),
        ElementsAre("--zk-host: no such option; did you mean --zk-hosts?",
                    "line 3 of " + file.path() + ": port: no such option; did you mean port0?",
                    "--port0: \"0\" is not a port; allowed is 1 to 65535",
                    "PORT1: \"http\" is not a port; allowed is 1 to 65535",
                    "STOP_TIMEOUT: \"10\" is not a duration; write a whole number and a unit (ms, "
                    "s, m or h), as in 6s",
                    "line 2 of " + file.path() +
                        ": log-format: \"xml\" is not known; allowed is one of text, json"));
}

TEST(OptionMistakes, LeaveTheDefaultInPlaceSoThatTheCallerCanGoOnLooking) {
    const Settings settings = options.read({{"--port0", "x", "--stop-timeout", "x"}});
    EXPECT_EQ(settings.port("port0"), 6379);
    EXPECT_EQ(settings.duration("stop-timeout"), std::chrono::seconds{10});
    EXPECT_EQ(settings.mistakes.size(), 2U);
}

TEST(OptionMistakes, IncludeEveryFlagWithoutAValue) {
    EXPECT_THAT(mistakes({{"--zk-hosts=", "--port0", "x", "--stop-timeout"}}),
                testing::UnorderedElementsAre("--zk-hosts: the value is missing",
                                              "--stop-timeout: the value is missing",
                                              HasSubstr("--port0: \"x\" is not a port")));
    EXPECT_THAT(mistakes({{"--zk-hosts", ""}}), ElementsAre("--zk-hosts: the value is missing"));
}

TEST(OptionMistakes, IncludeAFlagThatIsTakenForAValue) {
    EXPECT_THAT(mistakes({{"--zk-hosts", "--check"}}),
                ElementsAre("--zk-hosts: the value is missing"));
}

TEST(OptionMistakes, IncludeWhatIsGivenTwice) {
    const TemporaryFile file{"port0 = 1\nport0 = 2\n"};
    EXPECT_THAT(mistakes({{"--check", "--check", "--config", file.path()}}),
                ElementsAre("--check: is given twice",
                            "line 2 of " + file.path() + ": port0: is given twice"));
}

TEST(OptionMistakes, IncludeAWordThatIsNoOption) {
    EXPECT_THAT(
        mistakes({{"start", "-v", "--check"}}),
        ElementsAre("\"start\": an option begins with --", "\"-v\": an option begins with --"));
}

TEST(OptionMistakes, SpeakOnceOfAnUnknownFlagWithAValue) {
    EXPECT_THAT(mistakes({{"--nonsense", "42", "--check"}}),
                ElementsAre("--nonsense: no such option"));
}

TEST(OptionMistakes, DoNotGuessFromTheBeginningOfAName) {
    EXPECT_THAT(mistakes({{"--stop", "1s"}}), ElementsAre(HasSubstr("--stop: no such option")));
}

TEST(OptionMistakes, IncludeAFileThatIsNoConfiguration) {
    const TemporaryFile file{"[section]\nport0\nport0 =\n"};
    EXPECT_THAT(mistakes({{"--config", file.path()}}),
                ElementsAre("line 1 of " + file.path() + ": a line is `name = value`",
                            "line 2 of " + file.path() + ": a line is `name = value`",
                            "line 3 of " + file.path() + ": port0: the value is missing"));
}

TEST(OptionMistakes, IncludeAFileThatCannotBeRead) {
    EXPECT_THAT(mistakes({{"--config", "/nowhere/x.conf"}}),
                ElementsAre(HasSubstr("--config: \"/nowhere/x.conf\" cannot be read: No such")));
    EXPECT_THAT(mistakes({{}, {{"CONFIG_FILE", "/"}}}),
                ElementsAre("CONFIG_FILE: \"/\" is a directory, not a file"));
}

TEST(OptionMistakes, IncludeArgumentsThatNobodyExpects) {
    EXPECT_THAT(mistakes({{"--", "--save", ""}}),
                ElementsAre("--: nothing is expected to follow it"));
    EXPECT_THAT(mistakes({{"--"}}), IsEmpty());
}

TEST(OptionMistakes, OfTheCallerNameTheOptionAsItWasGiven) {
    Settings settings = options.read({{}, {{"ZK_HOSTS", "a"}}});
    settings.add_mistake("zk-hosts", "no port");
    settings.add_mistake("port0", "is in use");
    EXPECT_THAT(settings.mistakes, ElementsAre("ZK_HOSTS: no port", "--port0: is in use"));
}

TEST(OptionMistakes, EndInStatusTwoWithOneLineEach) {
    testing::internal::CaptureStderr();
    const auto status = options.answer(options.read({{"--nonsense", "--port0=0"}}));
    EXPECT_EQ(status, 2);
    EXPECT_EQ(testing::internal::GetCapturedStderr(),
              "wrapper: --nonsense: no such option\n"
              "wrapper: --port0: \"0\" is not a port; allowed is 1 to 65535\n");
}

}  // namespace
}  // namespace redis_zk::app
