// Whether a Redis proves to whoever asks that it belongs to the cluster, on real servers.
#include "common/redis/questions.h"

#include <cerrno>

#include <gtest/gtest.h>

#include "common/event/resolver.h"
#include "common/redis/commands.h"
#include "common/redis/membership.h"
#include "common/redis/sentinel.h"
#include "tests/support/redis_server.h"
#include "tests/unit/common/redis/client.h"

namespace redis_zk::redis {
namespace {

bool is_linked(event::Loop& loop, const core::Endpoint& replica) {
    std::optional<core::Result<Role>> answer;
    Client client{loop, {.address = replica}};
    role(*client.connection, [&](const auto& got) { answer = got; });
    EXPECT_TRUE(test::run_until(loop, [&] { return answer.has_value(); }));
    return std::get<ReplicaRole>(answer->value()).link == Link::connected;
}

class Membership : public testing::Test {
  protected:
    bool is_ours(const std::string& cluster) {
        std::optional<core::Probe> answer;
        questions_.ask_node(server_.endpoint(), cluster,
                            [&](const core::Probe& probe) { answer = probe; });
        EXPECT_TRUE(test::run_until(loop_, [&] { return answer.has_value(); }));
        EXPECT_EQ(answer->answer, core::Probe::Answer::master);
        EXPECT_FALSE(answer->run_id.empty());
        return answer->same_cluster;
    }

    event::Loop loop_;
    event::Resolver resolver_{loop_};
    Questions questions_{loop_, resolver_, {{}, {}, "mymaster"}};
    test::RedisServer server_;
    Client wrapper_{loop_, {.address = server_.endpoint()}};
};

TEST_F(Membership, IsProvenByAListenerOnTheChannelOfTheCluster) {
    EXPECT_FALSE(is_ours("c1"));
    wrapper_.connection->subscribe({"SUBSCRIBE", membership_channel("c1")}, [](const Reply&) {});
    ASSERT_TRUE(test::run_until(loop_, [&] { return is_ours("c1"); }));
    EXPECT_FALSE(is_ours("c2"));
}

TEST_F(Membership, IsProvenByTheLoginOfTheClusterWhereNobodyListens) {
    bool done = false;
    allow_replication(*wrapper_.connection, replication_credentials("c1", ""),
                      [&](const auto& answer) { done = bool{answer}; });
    ASSERT_TRUE(test::run_until(loop_, [&] { return done; }));
    EXPECT_TRUE(is_ours("c1"));
    EXPECT_FALSE(is_ours("c2"));
    EXPECT_TRUE(is_ours("")) << "an unknown cluster is proven by anybody who answers";
}

class Asked : public testing::Test {
  protected:
    core::Probe ask(const core::Endpoint& node, const Credentials& credentials = {}) {
        Questions questions{loop_, resolver_, {credentials, {}, "mymaster"}};
        std::optional<core::Probe> answer;
        const auto asked_at = loop_.now();
        questions.ask_node(node, "c1", [&](const core::Probe& probe) { answer = probe; });
        EXPECT_TRUE(test::run_until(loop_, [&] { return answer.has_value(); }));
        EXPECT_GE(answer->asked_at, asked_at);
        EXPECT_LT(answer->asked_at, loop_.now());
        return *answer;
    }

    core::Result<Questions::WhoIsWho> who_is_who(const core::Endpoint& sentinel,
                                                 const std::string& other) {
        Questions questions{loop_, resolver_, {{}, {}, "mymaster"}};
        std::optional<core::Result<Questions::WhoIsWho>> answer;
        questions.ask_sentinel_who_is_who(sentinel, other, [&](const auto& who) { answer = who; });
        EXPECT_TRUE(test::run_until(loop_, [&] { return answer.has_value(); }));
        return *answer;
    }

    event::Loop loop_;
    event::Resolver resolver_{loop_};
};

TEST_F(Asked, ANodeThatWantsAPasswordDoesNotTellItsRole) {
    const test::RedisServer server{{"requirepass secret"}};
    EXPECT_EQ(ask(server.endpoint()).answer, core::Probe::Answer::refused);
    EXPECT_EQ(ask(server.endpoint(), {"", "wrong"}).answer, core::Probe::Answer::refused);
    EXPECT_EQ(ask(server.endpoint(), {"", "secret"}).answer, core::Probe::Answer::master);
}

TEST_F(Asked, ASentinelAtTheAddressOfANodeIsNoNode) {
    const test::RedisServer master;
    const auto sentinel = test::RedisServer::sentinel_of(master.endpoint());
    EXPECT_EQ(ask(sentinel.endpoint()).answer, core::Probe::Answer::refused);
}

TEST_F(Asked, ASentinelTellsWhoItIsAndWhereItKnowsAnotherOne) {
    const test::RedisServer master;
    const auto sentinel = test::RedisServer::sentinel_of(master.endpoint());
    const std::string other(40, 'b');
    const core::Endpoint elsewhere{"127.0.0.1", 3};
    Client client{loop_, {.address = sentinel.endpoint()}};
    sentinel_hear(*client.connection, {other, elsewhere, "mymaster", master.endpoint(), 0}, {});
    EXPECT_EQ(who_is_who(sentinel.endpoint(), other)->knows_at, elsewhere);
    const auto who = who_is_who(sentinel.endpoint(), std::string(40, 'c'));
    EXPECT_EQ(who->knows_at, std::nullopt);
    EXPECT_EQ(who->id.size(), 40U);
    EXPECT_EQ(who_is_who(master.endpoint(), other).error().fault, core::Fault::refused);
    EXPECT_EQ(who_is_who(where_nobody_listens(), other).error().code, ECONNREFUSED);
}

TEST_F(Asked, AUserWithoutTheRightToAskForTheRoleIsRefused) {
    const test::RedisServer server{{"user watcher on >secret ~* &* +@all -role"}};
    EXPECT_EQ(ask(server.endpoint(), {"watcher", "secret"}).answer, core::Probe::Answer::refused);
}

TEST_F(Asked, WhetherANodeIsOpenIsUnknownWithoutTheRightToAskForIt) {
    const test::RedisServer server{{"user watcher on >secret ~* &* +@all -config"}};
    const auto untold = ask(server.endpoint(), {"watcher", "secret"});
    EXPECT_EQ(untold.answer, core::Probe::Answer::master);
    EXPECT_EQ(untold.closed, std::nullopt);
    EXPECT_EQ(ask(server.endpoint()).closed, false);
}

// What a sentinel chooses by.
TEST_F(Asked, AReplicaTellsItsPriorityAndWhatItHasAlsoWithoutALink) {
    test::RedisServer master;
    const test::RedisServer replica{
        {"replicaof 127.0.0.1 " + std::to_string(master.endpoint().port), "replica-priority 7"}};
    ASSERT_TRUE(test::run_until(loop_, [&] { return is_linked(loop_, replica.endpoint()); }));
    Client client{loop_, {.address = master.endpoint()}};
    client.send({"SET", "key", "value"});
    ASSERT_TRUE(client.wait_for_replies(1));
    const auto wrote = [&] { return ask(master.endpoint()); };
    ASSERT_TRUE(test::run_until(loop_, [&] {
        const auto answer = ask(replica.endpoint());
        return answer.offset > 0 && answer.offset == wrote().offset;
    }));
    EXPECT_EQ(wrote().priority, std::nullopt);
    const auto linked = ask(replica.endpoint());
    EXPECT_EQ(linked.answer, core::Probe::Answer::replica);
    EXPECT_EQ(linked.priority, 7);
    EXPECT_EQ(linked.replication_id, wrote().replication_id);
    master.kill();
    const auto alone = ask(replica.endpoint());
    EXPECT_GE(alone.offset, linked.offset);
    EXPECT_EQ(alone.priority, 7);
}

TEST_F(Asked, WhereNobodyListensIsDead) {
    EXPECT_EQ(ask(where_nobody_listens()).answer, core::Probe::Answer::dead);
}

class FailOver : public testing::Test {
  protected:
    Questions::FailoverAnswer request(const core::Endpoint& sentinel) {
        std::optional<Questions::FailoverAnswer> answer;
        questions_.request_failover(sentinel, [&](const auto& got) { answer = got; });
        EXPECT_TRUE(test::run_until(loop_, [&] { return answer.has_value(); }));
        return *answer;
    }
    core::Opinion opinion_of(const core::Endpoint& sentinel) {
        std::optional<core::Opinion> answer;
        questions_.ask_sentinels({sentinel},
                                 [&](const auto& opinions) { answer = opinions.at(sentinel); });
        EXPECT_TRUE(test::run_until(loop_, [&] { return answer.has_value(); }));
        return *answer;
    }
    // Only then it would choose it.
    bool has_seen_a_replica(const core::Endpoint& sentinel) {
        std::optional<bool> answer;
        Client client{loop_, {.address = sentinel}};
        sentinel_replicas(*client.connection, "mymaster", [&](const auto& replicas) {
            answer = replicas && !replicas->empty() && replicas->front().has_link_to_master;
        });
        EXPECT_TRUE(test::run_until(loop_, [&] { return answer.has_value(); }));
        return *answer;
    }
    static std::string beginning(const core::Endpoint& sentinel, const char* what) {
        return "sentinel " + core::spoken(sentinel) + what;
    }

    event::Loop loop_;
    event::Resolver resolver_{loop_};
    Questions questions_{loop_, resolver_, {{}, {}, "mymaster"}};
    test::RedisServer master_;
};

TEST_F(FailOver, IsNotUnderWayWhenTheSentinelRefusesOrCannotBeAsked) {
    const auto sentinel = test::RedisServer::sentinel_of(master_.endpoint());
    const auto refused = request(sentinel.endpoint());
    EXPECT_FALSE(refused.is_under_way);
    EXPECT_TRUE(refused.sentence.starts_with(beginning(sentinel.endpoint(), " says: NOGOODSLAVE")))
        << refused.sentence;
    const auto nobody = where_nobody_listens();
    const auto unasked = request(nobody);
    EXPECT_FALSE(unasked.is_under_way);
    EXPECT_TRUE(unasked.sentence.starts_with(beginning(nobody, " cannot be asked: ")))
        << unasked.sentence;
}

// It does not see that the replica is master while that is frozen, so it stays at this step.
TEST_F(FailOver, IsUnderWayByTheFirstRequestAndTellsWhomItHasChosen) {
    test::RedisServer replica{{"replicaof 127.0.0.1 " + std::to_string(master_.endpoint().port)}};
    ASSERT_TRUE(test::run_until(loop_, [&] { return is_linked(loop_, replica.endpoint()); }));
    const auto watching = test::RedisServer::sentinel_of(master_.endpoint());
    const core::Endpoint sentinel = watching.endpoint();
    ASSERT_TRUE(test::run_until(loop_, [&] { return has_seen_a_replica(sentinel); }));
    EXPECT_EQ(opinion_of(sentinel).promoted, std::nullopt);
    replica.freeze();
    const auto first = request(sentinel);
    EXPECT_TRUE(first.is_under_way);
    EXPECT_EQ(first.sentence, beginning(sentinel, " says: OK"));
    const auto second = request(sentinel);
    EXPECT_TRUE(second.is_under_way);
    EXPECT_TRUE(second.sentence.starts_with(beginning(sentinel, " says: INPROG")))
        << second.sentence;
    ASSERT_TRUE(test::run_until(loop_, [&] { return opinion_of(sentinel).promoted.has_value(); }));
    EXPECT_EQ(opinion_of(sentinel).promoted, replica.endpoint());
    EXPECT_TRUE(opinion_of(sentinel).failover_in_progress);
}

}  // namespace
}  // namespace redis_zk::redis
