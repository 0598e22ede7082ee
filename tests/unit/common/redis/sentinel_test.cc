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

TEST(ParseSentinelReplicas, TellsWhomTheSentinelHasChosen) {
    auto fields = a_replica;
    const auto is_promoted = [&](const char* flags) {
        fields[9] = flags;
        return parse_sentinel_replicas(list({texts(fields)}))->front().flags.promoted;
    };
    EXPECT_TRUE(is_promoted("slave,promoted"));
    EXPECT_TRUE(is_promoted("s_down,slave,promoted,reconf_sent"));
    EXPECT_FALSE(is_promoted("slave"));
}

TEST(ParseSentinelReplicas, AcceptsAReplicaWhoseMasterIsNotKnownYet) {
    auto fields = a_replica;
    fields[13] = "?";
    fields[15] = "0";
    const auto replicas = parse_sentinel_replicas(list({texts(fields)}));
    ASSERT_TRUE(replicas);
    EXPECT_EQ(replicas->front().master, core::Endpoint{});
}

core::milliseconds unanswered(const char* flags, const char* ping_sent) {
    const auto master = parse_sentinel_master(texts({"name",
                                                     "mymaster",
                                                     "ip",
                                                     "10.0.0.1",
                                                     "port",
                                                     "6379",
                                                     "runid",
                                                     "",
                                                     "flags",
                                                     flags,
                                                     "last-ping-sent",
                                                     ping_sent,
                                                     "last-ok-ping-reply",
                                                     "900",
                                                     "config-epoch",
                                                     "3",
                                                     "quorum",
                                                     "2",
                                                     "num-slaves",
                                                     "2",
                                                     "num-other-sentinels",
                                                     "2",
                                                     "down-after-milliseconds",
                                                     "1000",
                                                     "failover-timeout",
                                                     "6000"}));
    return master ? master->unanswered_for : core::milliseconds{-1};
}

TEST(ParseSentinelMaster, TellsForHowLongItHasWaitedForAnAnswer) {
    using namespace std::chrono_literals;
    EXPECT_EQ(unanswered("master", "0"), 0ms) << "every PING is answered";
    EXPECT_EQ(unanswered("master", "400"), 400ms);
    EXPECT_EQ(unanswered("master,disconnected", "400"), 400ms);
    EXPECT_EQ(unanswered("master,disconnected", "0"), 900ms) << "without a link it sends none";
}

TEST(UsableSentinels, AreToldByBothSentences) {
    EXPECT_EQ(usable_sentinels("OK 3 usable Sentinels. Quorum and failover authorization can be "
                               "reached"),
              3u);
    EXPECT_EQ(usable_sentinels("NOQUORUM 1 usable Sentinels. Not enough available Sentinels"), 1u);
    for (const char* other : {"", "ERR No such master with that name", "OK x usable Sentinels",
                              "OK -1 usable Sentinels", " usable ", "OK  usable "})
        EXPECT_EQ(usable_sentinels(other), 0u) << other;
}

TEST(ParseSentinelPeers, AcceptsOneWhoseAddressSomebodyElseHas) {
    const auto peers =
        parse_sentinel_peers(list({texts({"ip", "10.0.0.1", "port", "0", "runid", "abc", "flags",
                                          "sentinel", "last-hello-message", "5"})}));
    ASSERT_TRUE(peers);
    EXPECT_EQ(peers->front().endpoint, (core::Endpoint{"10.0.0.1", 0}));
    EXPECT_EQ(peers->front().id, "abc");
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

TEST_F(Sentinel, SaysItsId) {
    std::optional<core::Result<std::string>> id;
    sentinel_myid(connection_, [&](const auto& got) { id = got; });
    EXPECT_TRUE(test::run_until(loop_, [&] { return id.has_value(); }));
    EXPECT_EQ(id->value().size(), 40U);
}

TEST_F(Sentinel, SaysForWhomItHasVotedLastAndInWhichEpoch) {
    const auto last_vote = [&] {
        std::optional<core::Result<SentinelVote>> vote;
        sentinel_last_vote(connection_, master_.endpoint(), [&](const auto& got) { vote = got; });
        EXPECT_TRUE(test::run_until(loop_, [&] { return vote.has_value(); }));
        return vote->value();
    };
    EXPECT_EQ(last_vote().epoch, 0);
    const std::string candidate(40, 'c');
    connection_.send({"SENTINEL", "IS-MASTER-DOWN-BY-ADDR", master_.endpoint().host,
                      std::to_string(master_.endpoint().port), "5", candidate},
                     {});
    EXPECT_EQ(last_vote().epoch, 5);
    EXPECT_EQ(last_vote().leader, candidate);
}

TEST_F(Sentinel, ForgetsEverybodyOnReset) {
    EXPECT_EQ(answer(sentinel_reset, "mymaster").value(), 1);
    EXPECT_EQ(answer(sentinel_reset, "unknown").value(), 0);
}

TEST_F(Sentinel, SaysWhetherAFailoverCouldBeAgreedOn) {
    EXPECT_TRUE(answer(sentinel_ckquorum, "mymaster").value().starts_with("OK"));
    EXPECT_EQ(answer(sentinel_ckquorum, "unknown").error().fault, core::Fault::refused);
}

}  // namespace
}  // namespace redis_zk::redis
