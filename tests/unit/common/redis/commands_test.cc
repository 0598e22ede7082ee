#include "common/redis/commands.h"

#include <cerrno>

#include <gtest/gtest.h>

#include "common/core/info.h"
#include "tests/support/redis_server.h"
#include "tests/support/run_until.h"
#include "tests/unit/common/redis/replies.h"

namespace redis_zk::redis {
namespace {

using core::Fault;
using std::chrono::milliseconds;
using test::run_until;

// Runs a command and waits for its answer.
template <typename T, typename Command>
core::Result<T> answer(event::Loop& loop, Command command) {
    std::optional<core::Result<T>> result;
    command([&](core::Result<T> got) { result = std::move(got); });
    EXPECT_TRUE(run_until(loop, [&] { return result.has_value(); }));
    return *result;
}

class Commands : public testing::Test {
  protected:
    template <typename T, typename Function, typename... Arguments>
    core::Result<T> ask_server(Function function, Arguments... arguments) {
        return answer<T>(loop_, [&](core::Callback<T> callback) {
            function(connection_, arguments..., std::move(callback));
        });
    }
    Role current_role() { return ask_server<Role>(role).value(); }

    test::RedisServer server_;
    event::Loop loop_;
    Connection connection_{
        loop_, {.address = server_.endpoint(), .command_timeout = milliseconds{5000}}, {}};
};

TEST_F(Commands, AskHowTheServerIs) {
    const auto text = ask_server<std::string>(info, "server").value();
    EXPECT_EQ(core::parse_info(text).integer("tcp_port"), server_.endpoint().port);
    EXPECT_EQ(ask_server<std::int64_t>(pubsub_numsub, "nobody").value(), 0);
}

TEST_F(Commands, ChangeTheRole) {
    EXPECT_TRUE(std::holds_alternative<MasterRole>(current_role()));
    ASSERT_TRUE(ask_server<core::Done>(replicaof, core::Endpoint{"127.0.0.1", 1}));
    const auto parked = std::get<ReplicaRole>(current_role());
    EXPECT_EQ(parked.master, (core::Endpoint{"127.0.0.1", 1}));
    EXPECT_NE(parked.link, Link::connected);
    ASSERT_TRUE(ask_server<core::Done>(replicaof, core::Endpoint{"127.0.0.1", 1}));  // again
    ASSERT_TRUE(ask_server<core::Done>(replicaof_no_one));
    EXPECT_TRUE(std::holds_alternative<MasterRole>(current_role()));
}

TEST_F(Commands, SeeAReplicaThroughRole) {
    test::RedisServer master;
    ASSERT_TRUE(ask_server<core::Done>(replicaof, master.endpoint()));
    EXPECT_TRUE(run_until(
        loop_, [&] { return std::get<ReplicaRole>(current_role()).link == Link::connected; }));
    Connection to_master{loop_, {.address = master.endpoint()}, {}};
    const auto replicas = [&] {
        return std::get<MasterRole>(
                   *answer<Role>(loop_, [&](auto callback) { role(to_master, callback); }))
            .replicas;
    };
    ASSERT_TRUE(run_until(loop_, [&] { return !replicas().empty(); }));
    EXPECT_EQ(replicas().front().endpoint, server_.endpoint());
}

TEST_F(Commands, ReadAndChangeTheConfiguration) {
    ASSERT_TRUE(ask_server<core::Done>(
        config_set, Settings{{"replica-priority", "0"}, {"min-replicas-to-write", "7"}}));
    const auto found = ask_server<FlatMap>(config_get, "*-to-write").value();
    EXPECT_EQ(found.at("min-replicas-to-write"), "7");
    EXPECT_EQ(ask_server<FlatMap>(config_get, "replica-priority").value().at("replica-priority"),
              "0");
}

TEST_F(Commands, StopChangingTheConfigurationAtTheFirstRefusal) {
    const auto done = ask_server<core::Done>(
        config_set,
        Settings{{"replica-priority", "5"}, {"nonsense", "1"}, {"replica-priority", "6"}});
    EXPECT_EQ(done.error().fault, Fault::refused);
    EXPECT_EQ(ask_server<FlatMap>(config_get, "replica-priority").value().at("replica-priority"),
              "5");
}

TEST_F(Commands, CutClients) {
    core::Error lost{Fault::refused, "still open"};
    Connection other{loop_, {.address = server_.endpoint()}, [&](core::Error error) {
                         lost = std::move(error);
                     }};
    ASSERT_TRUE(answer<Role>(loop_, [&](auto callback) { role(other, callback); }));
    EXPECT_EQ(ask_server<std::int64_t>(client_kill, "normal").value(), 1);
    EXPECT_TRUE(run_until(loop_, [&] { return lost.code == ECONNRESET; }));
}

class Pause : public Commands {
  protected:
    // By another client; answered when it was done.
    void write() {
        client_.send({"SET", "key", "value"},
                     [this](const core::Result<Reply>& got) { is_written_ = bool{got}; });
    }
    std::optional<std::int64_t> waiting_clients() {
        const auto text = ask_server<std::string>(info, "clients").value();
        return core::parse_info(text).integer("blocked_clients");
    }

    Connection client_{loop_, {.address = server_.endpoint()}, {}};
    bool is_written_ = false;
};

TEST_F(Pause, LetsWritesWaitUntilItIsTakenBack) {
    ASSERT_TRUE(ask_server<core::Done>(client_pause_writes, core::milliseconds{60000}));
    write();
    EXPECT_TRUE(run_until(loop_, [&] { return waiting_clients() == 1; }));
    EXPECT_TRUE(ask_server<core::Done>(config_set, Settings{{"min-replicas-to-write", "7"}}))
        << "the master can be closed meanwhile";
    EXPECT_FALSE(is_written_);
    ASSERT_TRUE(ask_server<core::Done>(config_set, Settings{{"min-replicas-to-write", "0"}}));
    ASSERT_TRUE(ask_server<core::Done>(client_unpause));
    EXPECT_TRUE(run_until(loop_, [&] { return is_written_; }));
}

TEST_F(Pause, EndsByItself) {
    ASSERT_TRUE(ask_server<core::Done>(client_pause_writes, core::milliseconds{50}));
    write();
    EXPECT_TRUE(run_until(loop_, [&] { return is_written_; }));
}

TEST_F(Commands, CountWhoListens) {
    Connection listener{loop_, {.address = server_.endpoint()}, {}};
    bool confirmed = false;
    listener.subscribe({"SUBSCRIBE", "news"}, [&](const Reply&) { confirmed = true; });
    ASSERT_TRUE(run_until(loop_, [&] { return confirmed; }));
    EXPECT_EQ(ask_server<std::int64_t>(pubsub_numsub, "news").value(), 1);
}

TEST(ParseOk, RefusesGarbage) {
    EXPECT_TRUE(parse_ok(text("OK")));
    EXPECT_TRUE(parse_ok(text("OK Already connected to specified master")));
    for (const Reply& reply : garbage()) EXPECT_FALSE(parse_ok(reply));
}

TEST(ParseCount, RefusesGarbageAndNegativeNumbers) {
    EXPECT_EQ(*parse_count(integer(0)), 0);
    for (const Reply& reply : garbage()) EXPECT_FALSE(parse_count(reply));
}

}  // namespace
}  // namespace redis_zk::redis
