// What a connection does when the server behaves badly.
#include <cerrno>

#include <gtest/gtest.h>

#include "common/redis/connection.h"
#include "tests/support/fake_server.h"
#include "tests/support/run_until.h"
#include "tests/unit/common/redis/client.h"
#include "tests/unit/common/redis/replies.h"

namespace redis_zk::redis {
namespace {

using std::chrono::milliseconds;
using test::FakeServer;
using test::run_until;

TEST(Connection, ClosesWhenTheServerStaysSilent) {
    event::Loop loop;
    FakeServer silent{loop};
    Client client{loop, options_for(silent, milliseconds{50})};
    client.send({"PING"});
    EXPECT_EQ(client.wait_until_closed().code, ETIMEDOUT);
    EXPECT_FALSE(client.connection->is_open());
}

TEST(Connection, ClosesWhenTheServerNeverAnswersTheAuthentication) {
    event::Loop loop;
    FakeServer silent{loop};
    auto options = options_for(silent, milliseconds{50});
    options.credentials.password = "secret";
    Client client{loop, options};
    EXPECT_EQ(client.wait_until_closed().code, ETIMEDOUT);
}

TEST(Connection, IsNotClosedBySilenceWhenNothingWasAsked) {
    event::Loop loop;
    FakeServer silent{loop};
    Client quiet{loop, options_for(silent, milliseconds{20})};
    Client asking{loop, options_for(silent, milliseconds{60})};
    asking.send({"PING"});
    asking.wait_until_closed();
    EXPECT_TRUE(quiet.connection->is_open());
    EXPECT_TRUE(quiet.closed_with.empty());
}

TEST(Connection, DoesNotTakeHalfAReplyForAnAnswer) {
    event::Loop loop;
    FakeServer half{loop,
                    [](event::Stream& client, std::string_view) { client.send("$10\r\nabc"); }};
    Client client{loop, options_for(half, milliseconds{100})};
    client.send({"GET", "key"});
    EXPECT_EQ(client.wait_until_closed().code, ETIMEDOUT);
    ASSERT_EQ(client.replies.size(), 1U);
    EXPECT_FALSE(client.replies[0]);
}

TEST(Connection, ClosesWhenTheServerClosesInTheMiddleOfAReply) {
    event::Loop loop;
    FakeServer half{loop, [](event::Stream& client, std::string_view) {
                        client.send("+OK\r\n*2\r\n$3\r\nab");
                    }};
    Client client{loop, options_for(half)};
    client.send({"ONE"});
    client.send({"TWO"});
    ASSERT_TRUE(client.wait_for_replies(1));
    half.close_all_connections();
    EXPECT_EQ(client.wait_until_closed().code, ECONNRESET);
    ASSERT_EQ(client.replies.size(), 2U);
    EXPECT_TRUE(client.replies[0]);
    EXPECT_EQ(client.replies[1].error().code, ECONNRESET);
}

TEST(Connection, ClosesOnGarbageWhateverItIs) {
    // With hiredis's asynchronous half each of the last four aborts the process.
    const std::vector<std::string> nonsense{"HTTP/1.1 400 Bad Request\r\n\r\n",
                                            std::string(1000, '\xff'),
                                            "*-5\r\n",
                                            "+OK\r\n+OK\r\n",
                                            "+OK\r\n:1\r\n",
                                            "+OK\r\n*0\r\n",
                                            "+OK\r\n*1\r\n*-1\r\n"};
    event::Loop loop;
    for (const std::string& bytes : nonsense) {
        FakeServer server{loop,
                          [&](event::Stream& client, std::string_view) { client.send(bytes); }};
        Client client{loop, options_for(server)};
        client.send({"PING"});
        EXPECT_EQ(client.wait_until_closed().code, EPROTO) << bytes;
    }
}

TEST(Connection, ClosesOnAGreetingThatNobodyAskedFor) {
    event::Loop loop;
    FakeServer server{loop, {}, "-ERR max number of clients reached\r\n"};
    Client client{loop, options_for(server)};
    EXPECT_NE(client.wait_until_closed().message.find("max number of clients"), std::string::npos);
}

TEST(Connection, ClosesOnGarbageInASubscription) {
    event::Loop loop;
    for (const char* bytes : {":1\r\n", "*0\r\n", "+OK\r\n", "*1\r\n*-1\r\n"}) {
        FakeServer server{loop,
                          [&](event::Stream& client, std::string_view) { client.send(bytes); }};
        Client client{loop, options_for(server)};
        client.connection->subscribe({"SUBSCRIBE", "a"}, [](const Reply&) { ADD_FAILURE(); });
        EXPECT_EQ(client.wait_until_closed().code, EPROTO) << bytes;
    }
}

TEST(Connection, ClosesWhenASubscriptionIsNeverConfirmed) {
    event::Loop loop;
    FakeServer silent{loop};
    Client client{loop, options_for(silent, milliseconds{50})};
    client.connection->subscribe({"SUBSCRIBE", "a"}, [](const Reply&) { ADD_FAILURE(); });
    EXPECT_EQ(client.wait_until_closed().code, ETIMEDOUT);
}

TEST(Connection, NeverRepeatsAPasswordThatTheServerEchoes) {
    event::Loop loop;
    FakeServer server{loop, [](event::Stream& client, std::string_view) {
                          client.send(
                              "-ERR unknown command 'AUTH', with args beginning with: "
                              "'hunter2' \r\n");
                      }};
    auto options = options_for(server);
    options.credentials = {"", "hunter2"};
    Client client{loop, options};
    EXPECT_EQ(client.wait_until_closed().message.find("hunter2"), std::string::npos);
}

TEST(Connection, NeverRepeatsTheArgumentsOfACommandThatTheServerEchoes) {
    event::Loop loop;
    FakeServer server{loop, [](event::Stream& client, std::string_view) {
                          client.send(
                              "-ERR unknown command 'ACL', with args beginning with: "
                              "'SETUSER' '>hunter2' \r\n");
                      }};
    Client client{loop, options_for(server)};
    client.send({"ACL", "SETUSER", ">hunter2"});
    ASSERT_TRUE(client.wait_for_replies(1));
    EXPECT_EQ(client.replies[0].error().message, "ERR unknown command 'ACL'");
}

TEST(Connection, SendsUserAndPasswordOnlyWhenAUserIsGiven) {
    event::Loop loop;
    const auto sent = [&loop](Credentials credentials) {
        FakeServer server{loop,
                          [](event::Stream& client, std::string_view) { client.send("+OK\r\n"); }};
        auto options = options_for(server);
        options.credentials = std::move(credentials);
        Client client{loop, options};
        EXPECT_TRUE(run_until(loop, [&] { return client.connection->is_open(); }));
        return server.heard();
    };
    EXPECT_EQ(sent({"", "pass"}), "*2\r\n$4\r\nAUTH\r\n$4\r\npass\r\n");
    EXPECT_EQ(sent({"bob", "pass"}), "*3\r\n$4\r\nAUTH\r\n$3\r\nbob\r\n$4\r\npass\r\n");
}

}  // namespace
}  // namespace redis_zk::redis
