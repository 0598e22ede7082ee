// What is done to a server so that only its own are let in. That a sentinel hears nobody else
// afterwards: tests/unit/sentinel-wrapper/sentinel_child_test.cc.
#include "common/redis/membership.h"

#include <gtest/gtest.h>

#include "tests/support/redis_server.h"
#include "tests/unit/common/redis/client.h"

namespace redis_zk::redis {
namespace {

const Credentials login = sentinel_credentials("cluster 1", "password");

class Admission : public testing::Test {
  protected:
    bool admit_at(const test::RedisServer& server) {
        Client wrapper{loop_, {.address = server.endpoint()}};
        std::optional<bool> is_done;
        admit_sentinels(*wrapper.connection, login, "",
                        [&](const auto& done) { is_done = bool{done}; });
        EXPECT_TRUE(test::run_until(loop_, [&] { return is_done.has_value(); }));
        return is_done.value_or(false);
    }

    event::Loop loop_;
};

TEST_F(Admission, CutsTheClientsOnceWhenAllWasDone) {
    const test::RedisServer master;
    const test::RedisServer sentinel = test::RedisServer::sentinel_of(master.endpoint());
    Client client{loop_, {.address = sentinel.endpoint()}};
    client.send({"PING"});
    ASSERT_TRUE(client.wait_for_replies(1));
    EXPECT_TRUE(admit_at(sentinel));
    Client later{loop_, {.address = sentinel.endpoint()}};
    later.send({"PING"});
    client.wait_until_closed();
    ASSERT_TRUE(later.wait_for_replies(1));
    EXPECT_TRUE(later.closed_with.empty()) << "nobody is cut any more";
}

// A server that is no sentinel knows half of the commands.
TEST_F(Admission, ThatIsRefusedChangesNothingForTheClients) {
    const test::RedisServer server;
    Client client{loop_, {.address = server.endpoint()}};
    client.send({"PING"});
    ASSERT_TRUE(client.wait_for_replies(1));
    EXPECT_FALSE(admit_at(server));
    client.send({"PUBLISH", "__sentinel__:hello", "x"});
    ASSERT_TRUE(client.wait_for_replies(2));
    EXPECT_TRUE(client.replies.back()) << "it may still say hello";
    EXPECT_TRUE(client.closed_with.empty());
}

}  // namespace
}  // namespace redis_zk::redis
