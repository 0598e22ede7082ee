#include "common/server/zookeeper_patience.h"

#include <gmock/gmock.h>

#include "tests/support/run_until.h"

namespace redis_zk::server {
namespace {

using namespace std::chrono_literals;
using testing::AllOf;
using testing::HasSubstr;

class ZooKeeperPatienceTest : public testing::Test {
  protected:
    std::function<void()> give_up() {
        return [this] { gave_up = true; };
    }
    bool gives_up(core::milliseconds within) {
        return test::run_until(
            loop, [this] { return gave_up; }, within);
    }

    event::Loop loop;
    bool gave_up = false;
    ClusterConfig config;
};

TEST_F(ZooKeeperPatienceTest, EndsAtItsTimeAndSaysSo) {
    const auto begin = loop.now();
    config.zk_timeout = 30ms;
    config.hosts.servers = {{"10.0.0.1", 2181}};
    const ZooKeeperPatience patience{loop, config, give_up()};
    testing::internal::CaptureStderr();
    EXPECT_TRUE(gives_up(10s));
    EXPECT_GE(loop.now() - begin, 30ms);
    EXPECT_THAT(testing::internal::GetCapturedStderr(),
                AllOf(HasSubstr("ZooKeeper at 10.0.0.1:2181"),
                      HasSubstr("could not be reached within ZK_TIMEOUT, 30 ms\n")));
}

TEST_F(ZooKeeperPatienceTest, NeverEndsOnceZooKeeperWasReached) {
    config.zk_timeout = 30ms;
    ZooKeeperPatience patience{loop, config, give_up()};
    patience.connected();
    EXPECT_FALSE(gives_up(100ms));
}

TEST_F(ZooKeeperPatienceTest, OfZeroNeverEnds) {
    const ZooKeeperPatience patience{loop, config, give_up()};
    EXPECT_FALSE(gives_up(100ms));
}

}  // namespace
}  // namespace redis_zk::server
