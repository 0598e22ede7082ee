#include "common/redis/sentinel.h"

#include <gtest/gtest.h>

#include "common/redis/commands.h"
#include "tests/support/redis_server.h"
#include "tests/support/run_until.h"
#include "tests/unit/common/redis/replies.h"

namespace redis_zk::redis {
namespace {

const std::vector<std::string> a_replica{"name",
                                         "10.0.0.1:7001",
                                         "ip",
                                         "10.0.0.1",
                                         "port",
                                         "7001",
                                         "runid",
                                         "abc",
                                         "flags",
                                         "s_down,slave,disconnected",
                                         "master-link-status",
                                         "ok",
                                         "master-host",
                                         "10.0.0.2",
                                         "master-port",
                                         "7002",
                                         "slave-priority",
                                         "100",
                                         "slave-repl-offset",
                                         "42"};

TEST(ParseSentinelReplicas, ReadsAddressesFlagsAndProgress) {
    const auto replicas = parse_sentinel_replicas(list({texts(a_replica)}));
    ASSERT_TRUE(replicas);
    ASSERT_EQ(replicas->size(), 1U);
    const SentinelReplica& replica = replicas->front();
    EXPECT_EQ(replica.endpoint, (core::Endpoint{"10.0.0.1", 7001}));
    EXPECT_EQ(replica.flags, (SentinelFlags{.subjectively_down = true, .disconnected = true}));
    EXPECT_TRUE(replica.has_link_to_master);
    EXPECT_EQ(replica.master, (core::Endpoint{"10.0.0.2", 7002}));
    EXPECT_EQ(replica.priority, 100);
    EXPECT_EQ(replica.offset, 42);
}

TEST(ParseSentinelReplicas, AcceptsAReplicaWhoseMasterIsNotKnownYet) {
    auto fields = a_replica;
    fields[13] = "?";
    fields[15] = "0";
    const auto replicas = parse_sentinel_replicas(list({texts(fields)}));
    ASSERT_TRUE(replicas);
    EXPECT_EQ(replicas->front().master, core::Endpoint{});
}

TEST(ParseSentinel, RefusesGarbageAndMissingFields) {
    for (const Reply& reply : garbage()) {
        EXPECT_FALSE(parse_sentinel_master(reply));
        EXPECT_FALSE(parse_sentinel_replicas(list({reply})));
        EXPECT_FALSE(parse_sentinel_peers(list({reply})));
        EXPECT_TRUE(reply.kind == Reply::Kind::nil || !parse_master_address(reply));
    }
    auto fields = a_replica;
    fields[5] = "0";  // its port
    EXPECT_FALSE(parse_sentinel_replicas(list({texts(fields)})));
    EXPECT_FALSE(parse_sentinel_replicas(text("x")));
    EXPECT_FALSE(parse_master_address(texts({"h", "x"})));
    EXPECT_FALSE(parse_master_address(texts({"", "1"})));
}

TEST(ParseMasterAddress, TellsAnUnknownNameFromAKnownOne) {
    EXPECT_FALSE(*parse_master_address(nil()));
    EXPECT_EQ(**parse_master_address(texts({"fd00::7", "6379"})),
              (core::Endpoint{"fd00::7", 6379}));
}

class Sentinel : public testing::Test {
  protected:
    template <typename T>
    core::Result<T> answer(void (*question)(Connection&, std::string_view, core::Callback<T>),
                           const char* name) {
        std::optional<core::Result<T>> result;
        question(connection_, name, [&](core::Result<T> got) { result = std::move(got); });
        EXPECT_TRUE(test::run_until(loop_, [&] { return result.has_value(); }));
        return *result;
    }

    test::RedisServer master_;
    test::RedisServer replica_{{"replicaof 127.0.0.1 " + std::to_string(master_.endpoint().port)}};
    test::RedisServer sentinel_ = test::RedisServer::sentinel_of(master_.endpoint());
    event::Loop loop_;
    Connection connection_{loop_, {.address = sentinel_.endpoint()}, [](const core::Error&) {}};
};

TEST_F(Sentinel, OfTheInstalledVersionIsUnderstood) {
    EXPECT_EQ(answer(sentinel_get_master_addr, "mymaster").value(), master_.endpoint());
    EXPECT_EQ(answer(sentinel_get_master_addr, "unknown").value(), std::nullopt);
    EXPECT_EQ(answer(sentinel_master, "unknown").error().fault, core::Fault::refused);
    EXPECT_EQ(answer(sentinel_sentinels, "mymaster").value().size(), 0U);
    EXPECT_EQ(answer(sentinel_failover, "unknown").error().fault, core::Fault::refused);

    const auto master = answer(sentinel_master, "mymaster").value();
    EXPECT_EQ(master.name, "mymaster");
    EXPECT_EQ(master.endpoint, master_.endpoint());
    EXPECT_EQ(master.quorum, 1);
    EXPECT_EQ(master.down_after, core::milliseconds{30000});
    EXPECT_FALSE(master.flags.subjectively_down);

    std::optional<core::Result<Role>> own_role;
    role(connection_, [&](core::Result<Role> got) { own_role = std::move(got); });
    EXPECT_TRUE(test::run_until(loop_, [&] { return own_role.has_value(); }));
    EXPECT_EQ(**own_role, Role(SentinelRole{{"mymaster"}}));
}

TEST_F(Sentinel, SaysWhetherAFailoverCouldBeAgreedOn) {
    EXPECT_TRUE(answer(sentinel_ckquorum, "mymaster").value().starts_with("OK"));
    EXPECT_EQ(answer(sentinel_ckquorum, "unknown").error().fault, core::Fault::refused);
}

}  // namespace
}  // namespace redis_zk::redis
