#include "watcher/check.h"

#include <gmock/gmock.h>

#include "common/event/socket.h"
#include "tests/unit/watcher/invocation.h"

namespace redis_zk::watcher {
namespace {

using testing::Contains;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

std::vector<std::string> lines(Environment environment) {
    std::vector<std::string> spoken_ones;
    for (const auto& one : local_observations(read(std::move(environment)).config))
        spoken_ones.push_back(server::spoken(one));
    return spoken_ones;
}

TEST(LocalObservations, TellThePortAndTheHooksAndTheWarnings) {
    const test::TemporaryDirectory directory;
    const auto port = event::local_port(event::listen_tcp({"127.0.0.1", 0}).value());
    const std::string hook = script(directory, "hook", "");
    const auto found = lines({{"PORT0", std::to_string(port)},
                              {"ON_EVENT", "+switch-master=" + hook + ",+nonsense=" + hook}});
    EXPECT_THAT(found, Not(Contains(StartsWith("mistake"))));
    EXPECT_THAT(found, Contains("ok: hook: +switch-master runs " + hook));
    EXPECT_THAT(found, Contains(StartsWith("warning: ON_EVENT: no sentinel is known to publish")));
}

TEST(LocalObservations, FindAPortThatIsInUseAndSoDoesTheStart) {
    const auto taken = event::listen_tcp({"127.0.0.1", 0}).value();
    const std::string port = std::to_string(event::local_port(taken));
    EXPECT_THAT(lines({{"PORT0", port}}), Contains(StartsWith("mistake: ")));
    const auto prepared = prepare(read({{"PORT0", port}}).config);
    ASSERT_FALSE(prepared);
    EXPECT_THAT(prepared.error().message, HasSubstr("PORT0"));
}

}  // namespace
}  // namespace redis_zk::watcher
