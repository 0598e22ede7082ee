#include "common/app/logging.h"

#include <functional>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace redis_zk::app {
namespace {

using testing::MatchesRegex;

std::string logged(const std::function<void()>& speak) {
    testing::internal::CaptureStderr();
    speak();
    return testing::internal::GetCapturedStderr();
}

TEST(Logging, WritesALineWithTheTimeAndTheLevel) {
    start_logging("wrapper", LogLevel::debug, LogFormat::text);
    const std::string lines = logged([] {
        log_debug("a");
        log_info("b");
        log_warning("c");
        log_error("d");
    });
    const std::string time = "20..-..-..T..:..:..\\....Z ";
    EXPECT_THAT(lines, MatchesRegex(time + "debug   a\n" + time + "info    b\n" + time +
                                    "warning c\n" + time + "error   d\n"));
}

TEST(Logging, HoldsBackWhatIsBelowTheLevel) {
    start_logging("wrapper", LogLevel::warning, LogFormat::text);
    EXPECT_EQ(logged([] {
                  log_debug("a");
                  log_info("b");
              }),
              "");
    EXPECT_NE(logged([] { log_warning("c"); }), "");
}

TEST(Logging, MarksTheLinesOfAChildAndNeverHoldsThemBack) {
    start_logging("wrapper", LogLevel::error, LogFormat::text);
    EXPECT_THAT(logged([] { log_line_of_child("redis-server", "Ready"); }),
                MatchesRegex("20.*Z info    redis-server: Ready\n"));

    start_logging("wrapper", LogLevel::error, LogFormat::json);
    const auto line =
        nlohmann::json::parse(logged([] { log_line_of_child("redis-server", "Ready"); }));
    EXPECT_EQ(line["program"], "redis-server");
    EXPECT_EQ(line["message"], "Ready");
}

TEST(Logging, KeepsAMessageOnOneLineSoThatNobodyCanForgeOne) {
    start_logging("wrapper", LogLevel::info, LogFormat::text);
    EXPECT_THAT(logged([] { log_info("a\n2026 \x1b[31m\x7f\r\tb \xc3\xa4"); }),
                MatchesRegex("20.*Z info    a\\\\n2026 \\\\x1b.31m\\\\x7f\\\\x0d\tb \xc3\xa4\n"));
}

TEST(Logging, WritesValidJsonWhateverTheMessage) {
    start_logging("wrapper", LogLevel::info, LogFormat::json);
    const std::string line = logged([] { log_info("\"quoted\" \\ \n \x01 \xff"); });

    EXPECT_EQ(std::count(line.begin(), line.end(), '\n'), 1);
    const auto parsed = nlohmann::json::parse(line);
    EXPECT_EQ(parsed["message"], "\"quoted\" \\ \n \x01 \xef\xbf\xbd");
    EXPECT_EQ(parsed["level"], "info");
    EXPECT_EQ(parsed["program"], "wrapper");
    EXPECT_THAT(parsed["at"].get<std::string>(), MatchesRegex("20..-..-..T..:..:..\\....Z"));
    EXPECT_EQ(line.rfind("{\"at\":", 0), 0U);
}

TEST(Logging, DoesNotTakeBracesInAMessageForAFormat) {
    start_logging("wrapper", LogLevel::info, LogFormat::text);
    EXPECT_THAT(logged([] { log_info("{} {0} %s"); }), testing::EndsWith("info    {} {0} %s\n"));
}

TEST(Logging, KnowsTheWordsOfItsOptions) {
    EXPECT_EQ(parse_log_level("debug"), LogLevel::debug);
    EXPECT_EQ(parse_log_level("error"), LogLevel::error);
    EXPECT_EQ(parse_log_level("loud"), std::nullopt);
    EXPECT_EQ(parse_log_format("json"), LogFormat::json);
    EXPECT_EQ(parse_log_format("xml"), std::nullopt);
}

}  // namespace
}  // namespace redis_zk::app
