#include "sentinel-wrapper/check.h"

#include <gmock/gmock.h>

#include "common/event/socket.h"
#include "sentinel-wrapper/trial.h"
#include "tests/support/temporary_directory.h"
#include "tests/unit/sentinel-wrapper/invocation.h"

namespace redis_zk::sentinel_wrapper {
namespace {

using testing::Contains;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

class LocalObservations : public testing::Test {
  protected:
    std::vector<std::string> lines(Environment environment) {
        environment.try_emplace("RUN_DIR", directory_.path() + "/run");
        environment.try_emplace(
            "PORT0",
            std::to_string(event::local_port(event::listen_tcp({"127.0.0.1", 0}).value())));
        std::vector<std::string> spoken_ones;
        for (const auto& one : local_observations(read(std::move(environment)).config))
            spoken_ones.push_back(server::spoken(one));
        return spoken_ones;
    }

    test::TemporaryDirectory directory_;
};

TEST_F(LocalObservations, FindNothingWrongAndLeaveNothingBehind) {
    for (const char* server : {"redis-sentinel", "redis-server"}) {
        const auto found = lines({{"SENTINEL_SERVER", server}, {"SENTINEL_PASSWORD", "a b"}});
        EXPECT_THAT(found, Not(Contains(StartsWith("mistake"))));
        EXPECT_THAT(found, Contains("ok: configuration: the sentinel takes it"));
    }
    EXPECT_TRUE(directory_.is_empty());
}

TEST_F(LocalObservations, TryTheSentinelInADirectoryWithoutLeavingAnything) {
    const auto config = read({{"RUN_DIR", directory_.path()}}).config;
    EXPECT_TRUE(try_to_start(config, directory_.path()));
    EXPECT_TRUE(directory_.is_empty());
}

TEST_F(LocalObservations, ShowWhatTheSentinelDislikesWithoutTheSecret) {
    const std::string file =
        directory_.write("mine.conf", "loglevel chatty\nsentinel auth-pass mymaster hunter2\n");
    const auto found = lines({{"SENTINEL_CONF", file}});
    EXPECT_THAT(found, Contains(testing::AllOf(StartsWith("mistake: configuration"),
                                               HasSubstr("loglevel chatty"))));
    EXPECT_THAT(found, Not(Contains(HasSubstr("hunter2"))));
}

}  // namespace
}  // namespace redis_zk::sentinel_wrapper
