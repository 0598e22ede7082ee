// Starts one ZooKeeper server for all tests of this program.
#include <memory>

#include "tests/unit/common/zk/world.h"

namespace redis_zk::zk {
namespace {

std::unique_ptr<test::ZookeeperServer> the_server;

class ServerEnvironment : public testing::Environment {
  public:
    void SetUp() override { the_server = std::make_unique<test::ZookeeperServer>(); }
    void TearDown() override { the_server.reset(); }
};

}  // namespace

test::ZookeeperServer& server() { return *the_server; }

}  // namespace redis_zk::zk

int main(int argc, char** argv) {
    testing::InitGoogleTest(&argc, argv);
    testing::AddGlobalTestEnvironment(new redis_zk::zk::ServerEnvironment);  // owned by googletest
    return RUN_ALL_TESTS();
}
