#include "common/redis/connection.h"

#include <cerrno>
#include <optional>

#include <gtest/gtest.h>
#include <sys/socket.h>

#include "common/event/socket.h"
#include "tests/support/fake_server.h"
#include "tests/support/redis_server.h"
#include "tests/support/run_until.h"
#include "tests/unit/common/redis/client.h"
#include "tests/unit/common/redis/replies.h"

namespace redis_zk::redis {
namespace {

using core::Error;
using core::Fault;
using std::chrono::milliseconds;
using test::FakeServer;
using test::RedisServer;
using test::run_until;

// --- with a real redis-server

TEST(Connection, ReachesARedisOverIPv4AndIPv6AndAUnixSocket) {
    RedisServer server;
    event::Loop loop;
    const std::vector<Address> addresses{server.endpoint(),
                                         core::Endpoint{"::1", server.endpoint().port},
                                         UnixSocket{server.socket_path()}};
    for (const Address& address : addresses) {
        Client client{loop, {.address = address}};
        EXPECT_FALSE(client.connection->is_open());
        client.send({"PING"});
        client.send({"SET", "key", std::string("a\0b", 3)});
        client.send({"GET", "key"});
        ASSERT_TRUE(client.wait_for_replies(3)) << spoken(address);
        EXPECT_TRUE(client.connection->is_open());
        EXPECT_EQ(*client.replies[0], text("PONG"));
        EXPECT_EQ(*client.replies[2], text(std::string("a\0b", 3)));
        EXPECT_TRUE(client.closed_with.empty());
    }
}

TEST(Connection, GivesAnErrorReplyAsRefusedWithTheServersText) {
    RedisServer server;
    event::Loop loop;
    Client client{loop, {.address = server.endpoint()}};
    client.send({"NONSENSE"});
    client.send({"PING"});
    ASSERT_TRUE(client.wait_for_replies(2));
    EXPECT_EQ(client.replies[0].error().fault, Fault::refused);
    EXPECT_TRUE(client.replies[0].error().message.starts_with("ERR unknown command"));
    EXPECT_TRUE(client.replies[1]);
}

TEST(Connection, AuthenticatesAsTheDefaultUserAndAsANamedOne) {
    RedisServer server{{"requirepass secret", "user bob on >builder ~* &* +@all"}};
    event::Loop loop;
    for (const Credentials& credentials :
         {Credentials{"", "secret"}, Credentials{"bob", "builder"}}) {
        Client client{loop, {.address = server.endpoint(), .credentials = credentials}};
        client.send({"ACL", "WHOAMI"});
        ASSERT_TRUE(client.wait_for_replies(1));
        EXPECT_EQ(*client.replies[0],
                  text(credentials.username.empty() ? "default" : credentials.username));
    }
}

TEST(Connection, ClosesAsRefusedWhenThePasswordIsWrongAndSendsNothingBefore) {
    RedisServer server{{"requirepass secret"}};
    event::Loop loop;
    Client client{loop, {.address = server.endpoint(), .credentials = {"", "wrong-password"}}};
    client.send({"PING"});
    const Error error = client.wait_until_closed();
    EXPECT_EQ(error.fault, Fault::refused);
    EXPECT_EQ(error.code, EACCES);
    EXPECT_NE(error.message.find("WRONGPASS"), std::string::npos);
    ASSERT_EQ(client.replies.size(), 1U);
    EXPECT_EQ(client.replies[0].error().code, EACCES);  // not NOAUTH: it was never sent
    EXPECT_TRUE(is_over(client.replies[0].error()));
    client.send({"PING"});
    ASSERT_TRUE(client.wait_for_replies(2));
    EXPECT_EQ(client.replies[1].error().fault, Fault::connection_lost);  // nobody has refused it
    EXPECT_EQ(client.replies[1].error().code, ENOTCONN);
}

TEST(Connection, HearsWhatIsPublished) {
    RedisServer server;
    event::Loop loop;
    Client listener{loop, {.address = server.endpoint()}};
    std::vector<Reply> heard;
    listener.send({"PING"});
    listener.connection->subscribe({"SUBSCRIBE", "a", "b"},
                                   [&](const Reply& message) { heard.push_back(message); });
    ASSERT_TRUE(run_until(loop, [&] { return heard.size() == 2; }));
    EXPECT_EQ(heard[1], list({text("subscribe"), text("b"), integer(2)}));
    EXPECT_EQ(*listener.replies.at(0), text("PONG"));

    Client speaker{loop, {.address = server.endpoint()}};
    speaker.send({"PUBLISH", "b", "hello"});
    ASSERT_TRUE(run_until(loop, [&] { return heard.size() == 3; }));
    EXPECT_EQ(heard[2], texts({"message", "b", "hello"}));

    listener.send({"PING"});
    ASSERT_TRUE(listener.wait_for_replies(2));
    EXPECT_EQ(*listener.replies[1], texts({"pong", ""}));
    EXPECT_TRUE(listener.closed_with.empty());
}

TEST(Connection, HearsPatterns) {
    RedisServer server;
    event::Loop loop;
    Client listener{loop, {.address = server.endpoint()}};
    std::vector<Reply> heard;
    listener.connection->subscribe({"PSUBSCRIBE", "*"},
                                   [&](const Reply& message) { heard.push_back(message); });
    Client speaker{loop, {.address = server.endpoint()}};
    ASSERT_TRUE(run_until(loop, [&] { return heard.size() == 1; }));
    speaker.send({"PUBLISH", "x", "1"});
    ASSERT_TRUE(run_until(loop, [&] { return heard.size() == 2; }));
    EXPECT_EQ(heard[1], texts({"pmessage", "*", "x", "1"}));
}

TEST(Connection, ClosesAsRefusedWhenTheServerRefusesASubscription) {
    RedisServer server{{"user deaf on nopass ~* resetchannels +@all", "user default off"}};
    event::Loop loop;
    Client listener{loop, {.address = server.endpoint(), .credentials = {"deaf", "any"}}};
    listener.connection->subscribe({"SUBSCRIBE", "a"}, [](const Reply&) { ADD_FAILURE(); });
    EXPECT_EQ(listener.wait_until_closed().fault, Fault::refused);
}

TEST(Connection, TellsAKilledServerFromAFrozenOne) {
    RedisServer server;
    event::Loop loop;
    Client client{loop, {.address = server.endpoint()}};
    client.send({"PING"});
    ASSERT_TRUE(client.wait_for_replies(1));

    server.freeze();
    Client of_frozen{loop, {.address = server.endpoint(), .command_timeout = milliseconds{50}}};
    of_frozen.send({"PING"});  // the kernel accepts for it
    EXPECT_EQ(of_frozen.wait_until_closed().code, ETIMEDOUT);

    server.kill();
    EXPECT_EQ(client.wait_until_closed().code, ECONNRESET);
    Client of_killed{loop, {.address = server.endpoint()}};
    EXPECT_EQ(of_killed.wait_until_closed().code, ECONNREFUSED);
    Client of_killed_socket{loop, {.address = UnixSocket{server.socket_path()}}};
    EXPECT_EQ(of_killed_socket.wait_until_closed().code, ECONNREFUSED);
}

// --- what cannot be reached

TEST(Connection, ThatCannotBeMadeFailsPendingCommandsFirstAndClosesOnce) {
    event::Loop loop;
    std::vector<std::string> order;
    Connection connection{loop, {.address = where_nobody_listens()}, [&](const Error& error) {
                              EXPECT_EQ(error.fault, Fault::connection_lost);
                              EXPECT_EQ(error.code, ECONNREFUSED);
                              EXPECT_TRUE(error.message.starts_with("cannot connect to 127."));
                              order.push_back("closed");
                          }};
    connection.send({"PING"}, [&](const core::Result<Reply>& reply) {
        EXPECT_EQ(reply.error().code, ECONNREFUSED);
        order.push_back("first");
    });
    connection.send({"PING"}, {});
    connection.send({"PING"}, [&](const core::Result<Reply>&) { order.push_back("second"); });
    EXPECT_TRUE(order.empty());
    ASSERT_TRUE(run_until(loop, [&] { return order.size() == 3; }));
    test::run_what_is_due(loop);
    EXPECT_EQ(order, (std::vector<std::string>{"first", "second", "closed"}));
}

TEST(Connection, ToAMissingSocketOrANameClosesLaterAndNotInItsConstructor) {
    event::Loop loop;
    Client to_missing{loop, {.address = UnixSocket{"/nonexistent/redis.sock"}}};
    Client to_long_path{loop, {.address = UnixSocket{std::string(200, 'x')}}};
    Client to_name{loop, {.address = core::Endpoint{"localhost", 6379}}};
    EXPECT_TRUE(to_missing.closed_with.empty() && to_name.closed_with.empty());
    EXPECT_EQ(to_missing.wait_until_closed().code, ENOENT);
    EXPECT_EQ(to_long_path.wait_until_closed().code, ENAMETOOLONG);
    EXPECT_EQ(to_name.wait_until_closed().code, EINVAL);
    EXPECT_EQ(to_name.wait_until_closed().fault, Fault::refused);
}

TEST(Connection, GivesUpConnectingAfterItsTimeout) {
    // A full backlog: the kernel drops further SYNs, as a host that is cut off would.
    event::Loop loop;
    const auto listening = event::listen_tcp({"127.0.0.1", 0}).value();
    ASSERT_EQ(::listen(listening.number(), 0), 0);
    const core::Endpoint endpoint{"127.0.0.1", event::local_port(listening)};
    std::vector<event::Descriptor> fillers;
    for (int count = 0; count < 4; ++count) fillers.push_back(event::connect_tcp(endpoint).value());
    Client client{loop, {.address = endpoint, .connect_timeout = milliseconds{50}}};
    client.send({"PING"});
    const Error error = client.wait_until_closed();
    EXPECT_EQ(error.code, ETIMEDOUT);
    EXPECT_EQ(client.replies.at(0).error().code, ETIMEDOUT);
}

// --- lifetimes

TEST(Connection, CallsNobodyBackAfterItsDestruction) {
    event::Loop loop;
    FakeServer server{loop,
                      [](event::Stream& client, std::string_view) { client.send("+OK\r\n"); }};
    Client client{loop, options_for(server)};
    client.send({"PING"});
    ASSERT_TRUE(client.wait_for_replies(1));
    client.send({"PING"});
    client.connection.reset();
    Client other{loop, options_for(server)};
    other.send({"PING"});
    ASSERT_TRUE(other.wait_for_replies(1));
    test::run_what_is_due(loop);
    EXPECT_EQ(client.replies.size(), 1U);
    EXPECT_TRUE(client.closed_with.empty());
}

TEST(Connection, MayBeDestroyedByEachOfItsCallbacks) {
    event::Loop loop;
    FakeServer server{loop, [](event::Stream& client, std::string_view) {
                          client.send("+OK\r\n+OK\r\n");  // the second comes when it is gone
                      }};
    Client by_reply{loop, options_for(server)};
    bool replied = false;
    by_reply.connection->send({"PING"}, [&](const core::Result<Reply>&) {
        by_reply.connection.reset();
        replied = true;
    });
    by_reply.connection->send({"PING"}, [](const core::Result<Reply>&) { ADD_FAILURE(); });

    bool failed = false;
    std::optional<Connection> by_failure{std::in_place, loop,
                                         Connection::Options{.address = where_nobody_listens()},
                                         [](const Error&) { ADD_FAILURE(); }};
    by_failure->send({"PING"}, [&](const core::Result<Reply>&) {
        by_failure.reset();
        failed = true;
    });
    bool closed = false;
    std::optional<Connection> by_close{std::in_place, loop,
                                       Connection::Options{.address = where_nobody_listens()},
                                       [&](const Error&) {
                                           by_close.reset();
                                           closed = true;
                                       }};
    EXPECT_TRUE(run_until(loop, [&] { return replied && failed && closed; }));
    test::run_what_is_due(loop);
}

TEST(Connection, MayBeDestroyedByAMessage) {
    event::Loop loop;
    FakeServer server{loop, [](event::Stream& client, std::string_view) {
                          const char* confirmation = "*3\r\n$9\r\nsubscribe\r\n$1\r\na\r\n:1\r\n";
                          client.send(confirmation);
                          client.send(confirmation);
                      }};
    Client client{loop, options_for(server)};
    int heard = 0;
    client.connection->subscribe({"SUBSCRIBE", "a"}, [&client, &heard](const Reply&) {
        client.connection.reset();
        ++heard;
    });
    EXPECT_TRUE(run_until(loop, [&] { return heard > 0; }));
    test::run_what_is_due(loop);
    EXPECT_EQ(heard, 1);
}

TEST(Connection, MayBeAskedAgainByACallbackAndAfterItHasClosed) {
    event::Loop loop;
    Client client{loop, {.address = where_nobody_listens()}};
    client.connection->send({"PING"}, [&](const core::Result<Reply>&) { client.send({"PING"}); });
    EXPECT_TRUE(client.wait_for_replies(1));
    client.wait_until_closed();
    client.send({"PING"});
    EXPECT_EQ(client.replies.size(), 1U);
    EXPECT_TRUE(client.wait_for_replies(2));
    EXPECT_EQ(client.replies[1].error().code, ENOTCONN);
    EXPECT_EQ(client.closed_with.size(), 1U);
}

TEST(Connection, GivesEachCommandItsOwnDeadline) {
    event::Loop loop;
    int asked = 0;
    FakeServer server{loop, [&](event::Stream& client, std::string_view) {
                          if (++asked <= 3) client.send("+OK\r\n");
                      }};
    Client client{loop, options_for(server, milliseconds{200})};
    for (std::size_t count = 1; count <= 3; ++count) {
        client.send({"PING"});
        ASSERT_TRUE(client.wait_for_replies(count));
    }
    const auto sent_at = loop.now();
    client.send({"PING"});
    EXPECT_EQ(client.wait_until_closed().code, ETIMEDOUT);
    EXPECT_GE(loop.now() - sent_at, milliseconds{200});
}

}  // namespace
}  // namespace redis_zk::redis
