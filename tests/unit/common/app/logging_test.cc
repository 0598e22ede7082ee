#include "common/app/logging.h"

#include <array>
#include <functional>

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>
#include <unistd.h>

namespace redis_zk::app {
namespace {

using testing::MatchesRegex;

std::string logged(const std::function<void()>& speak) {
    testing::internal::CaptureStderr();
    speak();
    return testing::internal::GetCapturedStderr();
}

// Standard error is a pipe that nobody reads until read() is called.
class SlowReader {
  public:
    SlowReader() : standard_error_{dup(STDERR_FILENO)} {
        EXPECT_EQ(pipe2(ends_.data(), O_CLOEXEC), 0);
        EXPECT_EQ(dup2(ends_[1], STDERR_FILENO), STDERR_FILENO);
        EXPECT_EQ(fcntl(ends_[0], F_SETFL, O_NONBLOCK), 0);
    }
    ~SlowReader() {
        dup2(standard_error_, STDERR_FILENO);
        for (const int descriptor : {standard_error_, ends_[0], ends_[1]}) close(descriptor);
    }
    SlowReader(const SlowReader&) = delete;
    SlowReader& operator=(const SlowReader&) = delete;

    // All that is there.
    std::string read() const {
        std::string all;
        std::array<char, 65536> some{};
        for (;;) {
            const auto count = ::read(ends_[0], some.data(), some.size());
            if (count <= 0) return all;
            all.append(some.data(), static_cast<std::size_t>(count));
        }
    }

  private:
    int standard_error_;
    std::array<int, 2> ends_{-1, -1};
};

TEST(Logging, DoesNotStandStillWithItsReaderAndSaysHowManyLinesWereLost) {
    start_logging("wrapper", LogLevel::info, LogFormat::text);
    const SlowReader reader;
    constexpr int lines = 20'000;  // a pipe has room for 64 KiB
    for (int line = 0; line < lines; ++line) log_info("it goes on");
    const std::string before = reader.read();
    const auto kept = std::count(before.begin(), before.end(), '\n');
    ASSERT_LT(kept, lines);

    log_info("it is back");

    EXPECT_THAT(reader.read(),
                MatchesRegex("20.*Z warning lines of this log that are lost, because its reader "
                             "stood still: " +
                             std::to_string(lines - kept) + "\n20.*Z info    it is back\n"));
}

TEST(Logging, BeginsANewLineAfterOneThatItCouldNotEnd) {
    start_logging("wrapper", LogLevel::info, LogFormat::text);
    const SlowReader reader;
    log_info(std::string(200'000, 'x'));
    const std::string torn = reader.read();
    ASSERT_NE(torn.back(), '\n');
    log_info("it is back");
    EXPECT_THAT(reader.read(), MatchesRegex("\n20.*Z warning .*: 1\n20.*it is back\n"));
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
