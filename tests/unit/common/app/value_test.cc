#include "common/app/value.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace redis_zk::app {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;

std::string mistake(const Option& option, std::string_view text) {
    const auto result = check_value(option, text);
    return result ? "none" : result.error().message;
}

TEST(Value, ReadsADurationWithItsUnit) {
    EXPECT_EQ(parse_duration("6s"), 6s);
    EXPECT_EQ(parse_duration("500ms"), 500ms);
    EXPECT_EQ(parse_duration("2m"), 2min);
    EXPECT_EQ(parse_duration("1h"), 1h);
    EXPECT_EQ(parse_duration("0"), 0ms);
    EXPECT_EQ(parse_duration("0s"), 0ms);
}

TEST(Value, RefusesADurationThatCouldMeanTwoThings) {
    for (const char* text : {"", "6", "s", "-1s", "1.5s", "6 s", "6S", "6sec", " 6s", "+6s", "6s6s",
                             "99999999999999999999s", "9999999999h"})
        EXPECT_EQ(parse_duration(text), std::nullopt) << text;
}

TEST(Value, WritesADurationInItsLargestWholeUnit) {
    EXPECT_EQ(to_text(6000ms), "6s");
    EXPECT_EQ(to_text(1500ms), "1500ms");
    EXPECT_EQ(to_text(120s), "2m");
    EXPECT_EQ(to_text(0ms), "0");
}

TEST(Value, KnowsWhatAPortIs) {
    const Option port{.name = "port0", .kind = Kind::port};
    EXPECT_EQ(*check_value(port, "1"), 1);
    EXPECT_EQ(*check_value(port, "65535"), 65535);
    for (const char* text : {"0", "65536", "-1", "", "80 ", "http", "off"})
        EXPECT_THAT(mistake(port, text), HasSubstr("allowed is 1 to 65535")) << text;
}

TEST(Value, TakesAWordInsteadOfAPortOnlyWhereTheTableSaysSo) {
    const Option port{.name = "http-port", .kind = Kind::port, .words = {"off"}};
    EXPECT_EQ(*check_value(port, "off"), 0);
    EXPECT_EQ(mistake(port, "on"), "\"on\" is not a port; allowed is 1 to 65535, or off");
}

TEST(Value, KeepsAnIntegerInItsRange) {
    const Option quorum{.name = "quorum", .kind = Kind::integer, .minimum = 1, .maximum = 9};
    EXPECT_EQ(*check_value(quorum, "1"), 1);
    EXPECT_EQ(*check_value(quorum, "9"), 9);
    EXPECT_EQ(mistake(quorum, "0"), "\"0\" is out of range; allowed is 1 to 9");
    EXPECT_EQ(mistake(quorum, "10"), "\"10\" is out of range; allowed is 1 to 9");
    EXPECT_EQ(mistake(quorum, "two"), "\"two\" is not a whole number");
    EXPECT_EQ(mistake(quorum, "99999999999999999999"),
              "\"99999999999999999999\" is not a whole number");
}

TEST(Value, KeepsADurationInItsRange) {
    const Option timeout{.name = "timeout", .kind = Kind::duration, .minimum = 1000};
    EXPECT_EQ(*check_value(timeout, "1s"), 1000);
    EXPECT_EQ(mistake(timeout, "999ms"), "\"999ms\" is too small; the least is 1s");
}

TEST(Value, IsOnOrOff) {
    const Option check{.name = "check", .kind = Kind::on_off};
    EXPECT_EQ(*check_value(check, "on"), 1);
    EXPECT_EQ(*check_value(check, "true"), 1);
    EXPECT_EQ(*check_value(check, "off"), 0);
    EXPECT_EQ(mistake(check, "maybe"), "\"maybe\" is neither on nor off");
}

TEST(Value, NamesTheWordsOfAChoice) {
    const Option format{.name = "log-format", .kind = Kind::choice, .words = {"text", "json"}};
    EXPECT_EQ(*check_value(format, "json"), 0);
    EXPECT_EQ(mistake(format, "xml"), "\"xml\" is not known; allowed is one of text, json");
}

TEST(Value, SaysWhyAFileCannotBeRead) {
    const Option file{.name = "redis-conf", .kind = Kind::file};
    EXPECT_THAT(mistake(file, "/nowhere/at/all"), HasSubstr("No such file"));
    EXPECT_THAT(mistake(file, "/"), HasSubstr("is a directory"));
    EXPECT_EQ(mistake(file, "/dev/null"), "none");
}

}  // namespace
}  // namespace redis_zk::app
