#include "redis-wrapper/redis_child.h"

#include <gtest/gtest.h>

#include "common/core/info.h"
#include "common/redis/connection.h"
#include "tests/support/run_until.h"
#include "tests/support/temporary_directory.h"
#include "tests/unit/redis-wrapper/invocation.h"

namespace redis_zk::redis_wrapper {
namespace {

TEST(NoiseOfParking, IsWhatAParkedServerRepeatsInTheWordsOfRedisAndOfValkey) {
    for (const char* line :
         {"26023:S 21 Nov 2026 15:41:43.212 * Connecting to MASTER 127.0.0.1:0",
          "26023:S 21 Nov 2026 15:41:43.212 * MASTER <-> REPLICA sync started",
          "26023:S 21 Nov 2026 15:41:43.212 * Connecting to PRIMARY 127.0.0.1:0",
          "26023:S 21 Nov 2026 15:41:43.212 * PRIMARY <-> REPLICA sync started",
          "26023:S 21 Nov 2026 15:41:43.212 # Error condition on socket for SYNC: Connection "
          "refused"})
        EXPECT_TRUE(is_noise_of_parking(line)) << line;
}

TEST(NoiseOfParking, IsNothingElse) {
    for (const char* line :
         {"26023:S 21 Nov 2026 15:41:43.212 * Connecting to PRIMARY 10.0.0.7:31002",
          "26023:S 21 Nov 2026 15:41:43.212 * Before turning into a replica, using my own primary "
          "parameters to synthesize a cached primary",
          "26023:M 21 Nov 2026 15:41:43.212 * Ready to accept connections unix"})
        EXPECT_FALSE(is_noise_of_parking(line)) << line;
}

TEST(LookAtRedis, SeesWhetherItHasALoginAtAnyMaster) {
    EXPECT_TRUE(look_from("role:slave\r\n", {{"masteruser", "redis-zk-nobody"}}).copies_nobody);
    EXPECT_FALSE(look_from("role:slave\r\n", {{"masteruser", "redis-zk-replica"}}).copies_nobody);
    EXPECT_FALSE(look_from("role:slave\r\n", {{"masteruser", ""}}).copies_nobody);
}

// With the redis-server that is installed. It is a master from its start on, and takes writes.
class PausedChild : public testing::Test {
  protected:
    core::Result<core::Done> do_it(const std::function<void(RedisChild::OnDone)>& command) {
        std::optional<core::Result<core::Done>> result;
        command([&](const core::Result<core::Done>& done) { result = done; });
        EXPECT_TRUE(test::run_until(loop_, [&] { return result.has_value(); }));
        return *result;
    }
    std::optional<std::int64_t> waiting_clients() {
        redis::Connection client{loop_, {.address = redis::UnixSocket{socket_}}, {}};
        std::optional<core::Result<std::string>> text;
        redis::info(client, "clients", [&](const auto& got) { text = got; });
        EXPECT_TRUE(test::run_until(loop_, [&] { return text.has_value(); }));
        return core::parse_info(text->value()).integer("blocked_clients");
    }
    bool is_master() const { return look_ && look_->is_master; }

    test::TemporaryDirectory directory_;
    const std::string socket_ = directory_.path() + "/redis.sock";
    event::Loop loop_;
    event::Reaper reaper_{loop_};
    std::optional<RedisLook> look_;
    bool has_ended_ = false;
    RedisChild child_{loop_,
                      reaper_,
                      {.executable = read({}).config.redis_server,
                       .configuration = directory_.write(
                           "redis.conf", "port 0\nsave \"\"\nunixsocket " + socket_ +
                                             "\n"
                                             "dir " +
                                             directory_.path() + "\n"),
                       .socket = socket_,
                       .credentials = {},
                       .at_a_plain_master = {}},
                      {[this](const RedisLook& look) { look_ = look; }, [] {},
                       [this](const event::ExitStatus&) { has_ended_ = true; }}};
};

TEST_F(PausedChild, LetsTheWritesOfItsClientsWaitUntilItGoesOnAndCanBeClosedMeanwhile) {
    ASSERT_TRUE(test::run_until(loop_, [&] {
        child_.look();
        return is_master() || has_ended_;
    }));
    look_.reset();
    ASSERT_TRUE(do_it([&](auto done) { child_.pause(std::chrono::minutes{1}, done); }));
    EXPECT_TRUE(is_master()) << "it has looked since";

    redis::Connection client{loop_, {.address = redis::UnixSocket{socket_}}, {}};
    std::optional<std::string> said;
    client.send({"SET", "key", "value"}, [&](const core::Result<redis::Reply>& reply) {
        said = reply ? reply->text : reply.error().message;
    });
    ASSERT_TRUE(test::run_until(loop_, [&] { return waiting_clients() == 1; }));
    ASSERT_TRUE(do_it([&](auto done) { child_.close(done); }));
    EXPECT_FALSE(look_->open);
    EXPECT_EQ(said, std::nullopt);
    child_.unpause();
    ASSERT_TRUE(test::run_until(loop_, [&] { return said.has_value(); }));
    EXPECT_TRUE(said->starts_with("NOREPLICAS")) << *said;
}

}  // namespace
}  // namespace redis_zk::redis_wrapper
