#include "redis-wrapper/local_check.h"

#include <algorithm>

#include <gmock/gmock.h>

#include "common/event/socket.h"
#include "common/server/own_directories.h"
#include "tests/support/temporary_directory.h"
#include "tests/unit/redis-wrapper/invocation.h"

namespace redis_zk::redis_wrapper {
namespace {

using testing::Contains;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

class LocalCheck : public testing::Test {
  protected:
    Config config(Environment environment = {}) {
        environment.try_emplace("RUN_DIR", directory_.path() + "/run");
        environment.try_emplace("PORT0", std::to_string(free_port()));
        return read(std::move(environment)).config;
    }
    static std::uint16_t free_port() {
        return event::local_port(event::listen_tcp({"127.0.0.1", 0}).value());
    }
    static std::vector<std::string> spoken_observations(const Config& config) {
        std::vector<std::string> lines;
        for (const Observation& observation : local_observations(config))
            lines.push_back(spoken(observation));
        return lines;
    }

    test::TemporaryDirectory directory_;
};

TEST_F(LocalCheck, FindsNothingWrongAndLeavesNothingBehind) {
    const auto lines = spoken_observations(config());
    EXPECT_THAT(lines, Not(Contains(StartsWith("mistake"))));
    EXPECT_THAT(lines, Contains(StartsWith("ok: redis port: 127.0.0.1:")));
    EXPECT_THAT(lines, Contains(HasSubstr("is version ")));
    EXPECT_THAT(lines, Contains("ok: configuration: the server takes it"));
    EXPECT_TRUE(directory_.is_empty());
}

TEST_F(LocalCheck, SeesAPortThatIsTaken) {
    const auto listener = event::listen_tcp({"127.0.0.1", 0});
    const std::string port = std::to_string(event::local_port(*listener));
    const auto lines = spoken_observations(config({{"PORT0", port}}));
    EXPECT_THAT(lines, Contains(HasSubstr("mistake: redis port: port " + port)));
}

TEST_F(LocalCheck, SeesADirectoryThatIsInUse) {
    const Config made = config();
    const auto other = server::OwnDirectories::prepare(
        {made.run_dir, made.run_dir_is_ours, made.configuration_path(), made.data_dir});
    ASSERT_TRUE(other);
    EXPECT_THAT(spoken_observations(made), Contains(HasSubstr("in use by another wrapper")));
}

TEST_F(LocalCheck, SeesWhatIsNoServer) {
    const auto lines = spoken_observations(config({{"REDIS_SERVER", "true"}}));
    EXPECT_THAT(lines, Contains(HasSubstr("it does not say its version")));
}

TEST_F(LocalCheck, ShowsWhatTheServerDislikes) {
    const std::string file = directory_.write("redis.conf", "appendfsync sometimes\n");
    EXPECT_THAT(spoken_observations(config({{"REDIS_CONF", file}})),
                Contains(testing::AllOf(StartsWith("mistake: configuration"),
                                        HasSubstr("appendfsync sometimes"))));
}

}  // namespace
}  // namespace redis_zk::redis_wrapper
