#include "common/zk/session.h"

#include <algorithm>

#include "common/zk/fault.h"
#include "tests/unit/common/zk/world.h"

namespace redis_zk::zk {
namespace {

using core::Done;
using core::Fault;

class SessionTest : public ZooKeeperTest {
  protected:
    SessionTest() {
        EXPECT_TRUE(connected(one));
        EXPECT_TRUE(make_path(*one.session, root));
    }
    MultiAnswer multi(const std::vector<Operation>& operations) {
        std::optional<MultiAnswer> result;
        one->multi(operations, [&](MultiAnswer it) { result.emplace(std::move(it)); });
        EXPECT_TRUE(until([&] { return result.has_value(); }));
        return *result;
    }
    WatchedSession one{loop, server().port(), long_timeout};
};

TEST_F(SessionTest, SaysOnceThatItIsConnected) {
    EXPECT_EQ(one.states, std::vector{SessionState::connected});
    EXPECT_NE(one->id(), SessionId::none);
    EXPECT_EQ(one->server(), "127.0.0.1:" + std::to_string(server().port()));
}

TEST_F(SessionTest, KnowsTheTimeoutThatWasNegotiatedNotTheOneAskedFor) {
    WatchedSession greedy{loop, server().port(), 1h};
    ASSERT_TRUE(connected(greedy));

    EXPECT_EQ(greedy->timeout(), 60s);  // maxSessionTimeout of the test server
}

TEST_F(SessionTest, GivesBackWhatWasCreated) {
    const auto created = create(*one.session, root + "/a", "hello");
    const auto node = get(*one.session, root + "/a");

    ASSERT_TRUE(created);
    EXPECT_EQ(*created, root + "/a");
    ASSERT_TRUE(node && *node);
    EXPECT_EQ((*node)->data, "hello");
    EXPECT_EQ((*node)->stat.version, 0);
    EXPECT_EQ((*node)->stat.owner, SessionId::none);
    EXPECT_GT((*node)->stat.changed_at, 0);
}

TEST_F(SessionTest, TellsWhoOwnsAnEphemeralNode) {
    ASSERT_TRUE(create(*one.session, root + "/a", "", CreateMode::ephemeral));

    EXPECT_EQ((*get(*one.session, root + "/a"))->stat.owner, one->id());
}

TEST_F(SessionTest, KeepsDataAsTheyAre) {
    const std::string data{"a\0b\xff\n", 5};
    ASSERT_TRUE(create(*one.session, root + "/a", data));

    EXPECT_EQ((*get(*one.session, root + "/a"))->data, data);
}

TEST_F(SessionTest, AnswersForAMissingNodeWithNothing) {
    const auto node = get(*one.session, root + "/missing");
    const auto names = children(*one.session, root + "/missing");
    const auto stat =
        answer<std::optional<Stat>>([&](auto done) { one->stat(root + "/missing", done); });

    ASSERT_TRUE(node && names && stat);
    EXPECT_FALSE(*node);
    EXPECT_FALSE(*names);
    EXPECT_FALSE(*stat);
}

TEST_F(SessionTest, ListsChildren) {
    ASSERT_TRUE(create(*one.session, root + "/a"));
    ASSERT_TRUE(create(*one.session, root + "/b"));

    auto names = **children(*one.session, root);
    std::ranges::sort(names);
    EXPECT_EQ(names, (std::vector<std::string>{"a", "b"}));
    EXPECT_TRUE((**children(*one.session, root + "/a")).empty());
}

TEST_F(SessionTest, NumbersSequentialNodes) {
    const auto first = create(*one.session, root + "/x-", "", CreateMode::ephemeral_sequential);
    const auto second = create(*one.session, root + "/x-", "", CreateMode::ephemeral_sequential);

    EXPECT_EQ(*first, root + "/x-0000000000");
    EXPECT_EQ(*second, root + "/x-0000000001");
}

TEST_F(SessionTest, RefusesWithTheCodeThatTheServerGave) {
    ASSERT_TRUE(create(*one.session, root + "/a"));

    EXPECT_EQ(create(*one.session, root + "/a").error().code, code::node_exists);
    EXPECT_EQ(create(*one.session, root + "/b/c").error().code, code::no_node);
    EXPECT_EQ(set(*one.session, root + "/a", "x", 7).error().code, code::bad_version);
    EXPECT_EQ(remove(*one.session, root + "/b").error().code, code::no_node);
    EXPECT_EQ(remove(*one.session, root).error().code, code::not_empty);
    EXPECT_EQ(create(*one.session, "no slash").error().fault, Fault::refused);
}

TEST_F(SessionTest, WritesOnlyTheVersionThatWasMeant) {
    ASSERT_TRUE(create(*one.session, root + "/a", "old"));

    const auto written = set(*one.session, root + "/a", "new", 0);
    ASSERT_TRUE(written);
    EXPECT_EQ(written->version, 1);
    EXPECT_FALSE(set(*one.session, root + "/a", "newer", 0));
    EXPECT_EQ((*get(*one.session, root + "/a"))->data, "new");
}

TEST_F(SessionTest, RemovesForSomebodyWhoDoesNotWaitForTheAnswer) {
    ASSERT_TRUE(create(*one.session, root + "/a"));

    one.session->remove(root + "/a", any_version, {});

    EXPECT_FALSE(*get(*one.session, root + "/a"));
}

TEST_F(SessionTest, CreatesAllParentsOfAPath) {
    EXPECT_TRUE(make_path(*one.session, root + "/a/b/c"));
    EXPECT_TRUE(make_path(*one.session, root + "/a/b/c"));  // and it is fine when they exist

    EXPECT_TRUE(*get(*one.session, root + "/a/b/c"));
}

TEST_F(SessionTest, DoesSeveralOperationsTogether) {
    ASSERT_TRUE(create(*one.session, root + "/term", "6"));
    ASSERT_TRUE(create(*one.session, root + "/old"));

    const auto done = multi({Check{root + "/term", 0}, Set{root + "/term", "7", 0},
                             Create{root + "/history-7", "why"}, Remove{root + "/old"}});

    ASSERT_TRUE(done.result);
    EXPECT_EQ((*get(*one.session, root + "/term"))->data, "7");
    EXPECT_EQ((*get(*one.session, root + "/history-7"))->data, "why");
    EXPECT_FALSE(*get(*one.session, root + "/old"));
}

TEST_F(SessionTest, DoesNothingWhenOneOfSeveralOperationsIsRefused) {
    ASSERT_TRUE(create(*one.session, root + "/term", "6"));
    ASSERT_TRUE(set(*one.session, root + "/term", "7"));  // somebody was faster

    const auto done = multi({Create{root + "/history-7", "why"}, Check{root + "/term", 0},
                             Set{root + "/term", "8", 0}});

    ASSERT_FALSE(done.result);
    EXPECT_EQ(done.failed_operation, 1u);
    EXPECT_EQ(done.result.error().fault, Fault::refused);
    EXPECT_EQ(done.result.error().code, code::bad_version);
    EXPECT_EQ(done.result.error().message,
              "cannot check version 0 of " + root + "/term: bad version");
    EXPECT_FALSE(*get(*one.session, root + "/history-7"));
    EXPECT_EQ((*get(*one.session, root + "/term"))->data, "7");
}

// The instant that a lease may be counted from is that of sending, not that of the answer.
TEST_F(SessionTest, IsProvenByWhenTheLastAnsweredRequestWasSent) {
    const auto before = loop.now();
    const auto asked = answer<Done>([&](auto done) { one->sync(root, done); });
    const auto after = loop.now();

    ASSERT_TRUE(asked && one->proven_at());
    EXPECT_GE(*one->proven_at(), before);
    EXPECT_LT(*one->proven_at(), after);
}

TEST_F(SessionTest, NeverAnswersFromInsideTheQuestion) {
    bool asking = true;
    int answers = 0;
    one->get(root, [&](auto) {
        EXPECT_FALSE(asking);
        ++answers;
    });
    one->get("no slash", [&](auto) {
        EXPECT_FALSE(asking);
        ++answers;
    });
    asking = false;

    EXPECT_TRUE(until([&] { return answers == 2; }));
}

TEST_F(SessionTest, CanBeAskedFromInsideAnAnswer) {
    int depth = 0;
    std::function<void(core::Result<std::optional<Node>>)> again = [&](auto) {
        if (++depth < 100) one->get(root, again);
    };
    one->get(root, again);

    EXPECT_TRUE(until([&] { return depth == 100; }));
}

TEST_F(SessionTest, ForgetsWhatSomebodyHasAsked) {
    int asker = 0;
    bool answered = false;
    int fired = 0;
    ASSERT_TRUE(answer<std::optional<Node>>([&](auto done) {
        one->get(
            root, done, [&] { ++fired; }, &asker);
    }));
    one->get(
        root, [&](auto) { answered = true; }, {}, &asker);
    one->forget(&asker);

    ASSERT_TRUE(set(*one.session, root, "new"));
    ASSERT_TRUE(answer<Done>([&](auto done) { one->sync(root, done); }));
    EXPECT_FALSE(answered);
    EXPECT_EQ(fired, 0);
}

// Two watchers of one path have the same function and context for the C client (trap 9): the
// table tells them apart.
TEST_F(SessionTest, TellsEveryWatcherOfANodeOnce) {
    int first = 0;
    int second = 0;
    ASSERT_TRUE(
        answer<std::optional<Node>>([&](auto done) { one->get(root, done, [&] { ++first; }); }));
    ASSERT_TRUE(
        answer<std::optional<Node>>([&](auto done) { one->get(root, done, [&] { ++second; }); }));

    ASSERT_TRUE(set(*one.session, root, "new"));
    ASSERT_TRUE(set(*one.session, root, "newer"));
    ASSERT_TRUE(answer<Done>([&](auto done) { one->sync(root, done); }));
    EXPECT_EQ(first, 1);
    EXPECT_EQ(second, 1);

    ASSERT_TRUE(
        answer<std::optional<Node>>([&](auto done) { one->get(root, done, [&] { ++first; }); }));
    ASSERT_TRUE(set(*one.session, root, "newest"));
    ASSERT_TRUE(answer<Done>([&](auto done) { one->sync(root, done); }));
    EXPECT_EQ(first, 2);
    EXPECT_EQ(second, 1);
}

// Trap 9: a get sets no watch on a node that is missing; without the exists behind it nobody
// would be told.
TEST_F(SessionTest, TellsWhenAMissingNodeComesIntoBeing) {
    int fired = 0;
    const auto node = answer<std::optional<Node>>(
        [&](auto done) { one->get(root + "/later", done, [&] { ++fired; }); });
    ASSERT_TRUE(node && !*node);

    ASSERT_TRUE(create(*one.session, root + "/later"));
    EXPECT_TRUE(until([&] { return fired == 1; }));
}

TEST_F(SessionTest, TellsWhenAMissingDirectoryComesIntoBeing) {
    int fired = 0;
    ASSERT_TRUE(answer<std::optional<std::vector<std::string>>>(
        [&](auto done) { one->children(root + "/later", done, [&] { ++fired; }); }));

    ASSERT_TRUE(create(*one.session, root + "/later"));
    EXPECT_TRUE(until([&] { return fired == 1; }));
}

TEST_F(SessionTest, TellsWhenAChildComesButNotWhenItsDataChange) {
    ASSERT_TRUE(create(*one.session, root + "/a"));
    int fired = 0;
    ASSERT_TRUE(answer<std::optional<std::vector<std::string>>>(
        [&](auto done) { one->children(root, done, [&] { ++fired; }); }));

    ASSERT_TRUE(set(*one.session, root + "/a", "x"));
    ASSERT_TRUE(answer<Done>([&](auto done) { one->sync(root, done); }));
    EXPECT_EQ(fired, 0);

    ASSERT_TRUE(create(*one.session, root + "/b"));
    EXPECT_TRUE(until([&] { return fired == 1; }));
}

TEST_F(SessionTest, LetsTheWorldReadAndOnlyTheCreatorWriteWithCredentials) {
    WatchedSession owner{loop, server().port(), long_timeout, "redis:secret"};
    WatchedSession thief{loop, server().port(), long_timeout, "thief:secret"};
    ASSERT_TRUE(connected(owner) && connected(thief));
    ASSERT_TRUE(create(*owner.session, root + "/master", "10.0.0.7 31002"));

    EXPECT_EQ((*get(*one.session, root + "/master"))->data, "10.0.0.7 31002");
    for (auto* stranger : {one.session.get(), thief.session.get()}) {
        EXPECT_EQ(set(*stranger, root + "/master", "x").error().code, code::no_auth);
        EXPECT_EQ(create(*stranger, root + "/master/x").error().code, code::no_auth);
    }
    EXPECT_TRUE(set(*owner.session, root + "/master", "10.0.0.8 31002"));
}

TEST_F(SessionTest, TellsWhetherEverybodyMayChangeANode) {
    WatchedSession owner{loop, server().port(), long_timeout, "redis:secret"};
    ASSERT_TRUE(connected(owner));
    ASSERT_TRUE(create(*owner.session, root + "/guarded"));
    ASSERT_TRUE(create(*one.session, root + "/open"));

    const auto is_open = [&](const std::string& name) {
        return answer<bool>([&](auto done) { one->is_open_to_all(root + name, done); });
    };
    EXPECT_FALSE(*is_open("/guarded"));
    EXPECT_TRUE(*is_open("/open"));
    EXPECT_EQ(is_open("/missing").error().code, code::no_node);
}

TEST_F(SessionTest, AppliesCredentialsInAMultiToo) {
    WatchedSession owner{loop, server().port(), long_timeout, "redis:secret"};
    ASSERT_TRUE(connected(owner));
    std::optional<MultiAnswer> done;
    owner->multi({Create{root + "/term", "1"}}, [&](MultiAnswer it) { done.emplace(it); });
    ASSERT_TRUE(until([&] { return done.has_value(); }));
    ASSERT_TRUE(done->result);

    const auto refused = multi({Set{root + "/term", "2"}});
    EXPECT_EQ(refused.result.error().code, code::no_auth);
    EXPECT_EQ(refused.failed_operation, 0u);
}

TEST_F(SessionTest, TakesItsEphemeralNodesAlongWhenItIsDestroyed) {
    auto other = std::make_unique<WatchedSession>(loop, server().port(), long_timeout);
    ASSERT_TRUE(connected(*other));
    ASSERT_TRUE(create(*other->session, root + "/a", "", CreateMode::ephemeral));

    const auto before = loop.now();
    other.reset();
    EXPECT_LT(loop.now() - before, 100ms);  // zookeeper_close() would have waited for the answer
    EXPECT_TRUE(until([&] { return !*get(*one.session, root + "/a"); }, 5s));
}

TEST_F(SessionTest, KnowsThatTheServerHasEndedItWhenItIsClosed) {
    WatchedSession other{loop, server().port(), long_timeout};
    ASSERT_TRUE(connected(other));
    ASSERT_TRUE(create(*other.session, root + "/a", "", CreateMode::ephemeral));

    bool closed = false;
    other->close(5s, [&] {
        closed = true;
        other.session.reset();
    });
    ASSERT_TRUE(until([&] { return closed; }, 4s));
    EXPECT_FALSE(*get(*one.session, root + "/a"));
}

// In a forked process with a loop of its own: the loop of this one must not be touched there.
void destroy_a_session_inside_its_answer() {
    event::Loop other_loop;
    WatchedSession other{other_loop, server().port(), long_timeout};
    run_until(other_loop, [&] { return other->is_connected(); });
    other->get("/", [&](auto) { other.session.reset(); });
    run_for(other_loop, 5s);
}

TEST_F(SessionTest, RefusesToBeDestroyedInsideItsOwnAnswer) {
    EXPECT_DEATH(destroy_a_session_inside_its_answer(), "delivering_");
}

}  // namespace
}  // namespace redis_zk::zk
