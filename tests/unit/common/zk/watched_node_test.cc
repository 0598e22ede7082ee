#include "common/zk/watched_node.h"

#include "tests/unit/common/zk/world.h"

namespace redis_zk::zk {
namespace {

class WatchedNodeTest : public DirectTest {
  protected:
    std::string path() const { return root + "/deep/term"; }
    std::unique_ptr<WatchedNode> watched(SessionKeeper& keeper) {
        return std::make_unique<WatchedNode>(keeper, path(), [this] { ++changes; });
    }
    static bool has(const WatchedNode& copy, const std::string& data) {
        return copy.node() && copy.node()->data == data;
    }
    int changes = 0;
};

TEST_F(WatchedNodeTest, FollowsTheOriginalThroughItsWholeLife) {
    const auto kept = keeper(server().port());
    const auto copy = watched(*kept);
    EXPECT_FALSE(copy->is_known());
    ASSERT_TRUE(until([&] { return copy->is_known(); }));
    EXPECT_FALSE(copy->node());  // not even its parents exist
    EXPECT_EQ(changes, 1);

    ASSERT_TRUE(make_path(*direct.session, root + "/deep"));
    ASSERT_TRUE(create(*direct.session, path(), "1"));
    ASSERT_TRUE(until([&] { return has(*copy, "1"); }));
    ASSERT_TRUE(set(*direct.session, path(), "2"));
    ASSERT_TRUE(until([&] { return has(*copy, "2"); }));
    ASSERT_TRUE(set(*direct.session, path(), "3"));
    ASSERT_TRUE(until([&] { return has(*copy, "3"); }));
    ASSERT_TRUE(remove(*direct.session, path()));
    ASSERT_TRUE(until([&] { return !copy->node(); }));
    ASSERT_TRUE(create(*direct.session, path(), "4"));
    ASSERT_TRUE(until([&] { return has(*copy, "4"); }));
    EXPECT_EQ(changes, 6);
    EXPECT_TRUE(copy->is_current());
}

TEST_F(WatchedNodeTest, CatchesUpAfterALostConnection) {
    ASSERT_TRUE(make_path(*direct.session, path()));
    const auto kept = keeper(proxy().port());
    const auto copy = watched(*kept);
    ASSERT_TRUE(until([&] { return copy->is_current(); }));
    cut_off();
    ASSERT_TRUE(until([&] { return !copy->is_current(); }));
    ASSERT_TRUE(set(*direct.session, path(), "new"));
    EXPECT_TRUE(copy->is_known());
    EXPECT_TRUE(has(*copy, ""));
    proxy().refuse(false);

    EXPECT_TRUE(until([&] { return has(*copy, "new") && copy->is_current(); }));
}

TEST_F(WatchedNodeTest, WatchesInTheNextSessionToo) {
    ASSERT_TRUE(make_path(*direct.session, path()));
    const auto kept = keeper(proxy().port(), short_timeout);
    const auto copy = watched(*kept);
    ASSERT_TRUE(until([&] { return copy->is_current(); }));
    ASSERT_TRUE(expire() && until([&] { return copy->is_current(); }));
    ASSERT_TRUE(set(*direct.session, path(), "new"));

    EXPECT_TRUE(until([&] { return has(*copy, "new"); }));
}

TEST_F(WatchedNodeTest, IsUpToDateWhenARefreshIsAnswered) {
    ASSERT_TRUE(make_path(*direct.session, path()));
    const auto kept = keeper(server().port());
    const auto copy = watched(*kept);
    ASSERT_TRUE(until([&] { return copy->is_current(); }));
    for (const auto* data : {"1", "2", "3"}) {
        ASSERT_TRUE(set(*direct.session, path(), data));
        const auto node = answer<std::optional<Node>>([&](auto done) { copy->refresh(done); });
        ASSERT_TRUE(node && *node);
        EXPECT_EQ((*node)->data, data);
        EXPECT_TRUE(has(*copy, data));
    }
}

TEST_F(WatchedNodeTest, AnswersARefreshWithoutAConnectionWithAnError) {
    proxy().refuse(true);
    const auto kept = keeper(proxy().port());
    const auto copy = watched(*kept);

    const auto node = answer<std::optional<Node>>([&](auto done) { copy->refresh(done); });
    ASSERT_FALSE(node);
    EXPECT_EQ(node.error().fault, core::Fault::ask_again);
}

TEST_F(WatchedNodeTest, AnswersARefreshWhenItsConnectionIsLost) {
    ASSERT_TRUE(make_path(*direct.session, path()));
    const auto kept = keeper(proxy().port());
    const auto copy = watched(*kept);
    ASSERT_TRUE(until([&] { return copy->is_current(); }));
    proxy().hold_answers(true);
    std::vector<bool> answers;
    copy->refresh([&](auto node) { answers.push_back(static_cast<bool>(node)); });
    run_for(loop, 30ms);
    copy->refresh([&](auto node) { answers.push_back(static_cast<bool>(node)); });
    proxy().cut();
    proxy().hold_answers(false);

    EXPECT_TRUE(until([&] { return answers.size() == 2; }));
}

}  // namespace
}  // namespace redis_zk::zk
