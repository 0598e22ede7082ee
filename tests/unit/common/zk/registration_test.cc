#include "common/zk/registration.h"

#include <set>

#include "tests/unit/common/zk/world.h"

namespace redis_zk::zk {
namespace {

class RegistrationTest : public DirectTest {
  protected:
    std::unique_ptr<Registration> registration(SessionKeeper& keeper, const std::string& data) {
        return std::make_unique<Registration>(keeper, path(), data,
                                              [this](bool now) { told.push_back(now); });
    }
    std::string path() const { return root + "/members/a"; }
    std::optional<Node> node() { return *get(*direct.session, path()); }
    bool is_there(const std::string& data) {
        return until([&] {
            const auto found = node();
            return found && found->data == data;
        });
    }

    std::vector<bool> told;
};

TEST_F(RegistrationTest, CreatesItsNodeWithAllParents) {
    const auto kept = keeper(server().port());
    const auto one = registration(*kept, "hello");

    ASSERT_TRUE(until([&] { return one->is_registered(); }));
    EXPECT_EQ(told, std::vector{true});
    EXPECT_EQ(node()->data, "hello");
    EXPECT_EQ(node()->stat.owner, kept->session()->id());
}

TEST_F(RegistrationTest, WritesOnlyTheLastOfSeveralChanges) {
    const auto kept = keeper(server().port());
    const auto one = registration(*kept, "0");
    ASSERT_TRUE(until([&] { return one->is_registered(); }));
    one->set_data("1");
    one->set_data("2");
    one->set_data("3");

    ASSERT_TRUE(is_there("3"));
    EXPECT_EQ(node()->stat.version, 1);
    one->set_data("3");
    run_for(loop, 50ms);
    EXPECT_EQ(node()->stat.version, 1);
    EXPECT_EQ(told, std::vector{true});
}

TEST_F(RegistrationTest, ComesBackWhenSomebodyRemovesTheNode) {
    const auto kept = keeper(server().port());
    const auto one = registration(*kept, "hello");
    ASSERT_TRUE(until([&] { return one->is_registered(); }));
    ASSERT_TRUE(remove(*direct.session, path()));

    ASSERT_TRUE(until([&] { return told.size() == 3; }));
    EXPECT_EQ(told, (std::vector{true, false, true}));
    EXPECT_TRUE(is_there("hello"));
}

TEST_F(RegistrationTest, ComesBackInTheNextSessionAfterAnExpiry) {
    const auto kept = keeper(proxy().port(), short_timeout);
    const auto one = registration(*kept, "old");
    ASSERT_TRUE(until([&] { return one->is_registered(); }));
    const auto first_owner = node()->stat.owner;
    cut_off();
    one->set_data("new");
    ASSERT_TRUE(until([&] { return !node(); }));
    proxy().refuse(false);

    ASSERT_TRUE(is_there("new"));
    EXPECT_NE(node()->stat.owner, first_owner);
    EXPECT_TRUE(until([&] { return told == std::vector{true, false, true}; }));
}

// A node that a former session owns would vanish under us.
TEST_F(RegistrationTest, ReplacesWhatAFormerLifeHasLeft) {
    ASSERT_TRUE(make_path(*direct.session, root + "/members"));
    WatchedSession former{loop, server().port(), long_timeout};
    ASSERT_TRUE(connected(former));
    ASSERT_TRUE(create(*former.session, path(), "hello", CreateMode::ephemeral));
    const auto kept = keeper(server().port());
    const auto one = registration(*kept, "hello");

    ASSERT_TRUE(until([&] { return one->is_registered(); }));
    EXPECT_EQ(node()->stat.owner, kept->session()->id());
    bool former_has_ended = false;
    former->close(5s, [&] { former_has_ended = true; });
    ASSERT_TRUE(until([&] { return former_has_ended; }));
    EXPECT_TRUE(is_there("hello"));
    EXPECT_EQ(told, std::vector{true});
}

TEST_F(RegistrationTest, IsThereOnceWhenTheAnswerToTheCreateGetsLost) {
    ASSERT_TRUE(make_path(*direct.session, root + "/members"));
    const auto kept = keeper(proxy().port());
    ASSERT_TRUE(until([&] { return kept->session() != nullptr; }));
    const auto one = registration(*kept, "hello");
    // The first answer is that there is no such node, the second one that the watch is set.
    ASSERT_TRUE(until([&] { return proxy().bytes_to_server() > 0; }));
    while (!node()) {
        proxy().hold_answers(false);
        event_base_loop(loop.base(), EVLOOP_NONBLOCK);
        proxy().hold_answers(true);
    }
    const auto created = node()->stat.created;
    proxy().cut();
    proxy().hold_answers(false);

    ASSERT_TRUE(until([&] { return one->is_registered(); }));
    EXPECT_EQ(node()->stat.created, created);
}

TEST_F(RegistrationTest, TakesItsNodeAwayOnTheWayOut) {
    const auto kept = keeper(server().port());
    const auto one = registration(*kept, "hello");
    ASSERT_TRUE(until([&] { return one->is_registered(); }));
    bool removed = false;
    one->remove([&] { removed = true; });

    ASSERT_TRUE(until([&] { return removed; }));
    EXPECT_FALSE(node());
    run_for(loop, 50ms);
    EXPECT_FALSE(node());
}

TEST_F(RegistrationTest, TakesItsNodeAwayEvenIfTheAnswerGetsLost) {
    const auto kept = keeper(proxy().port());
    const auto one = registration(*kept, "hello");
    ASSERT_TRUE(until([&] { return one->is_registered(); }));
    proxy().hold_requests(true);
    bool removed = false;
    one->remove([&] { removed = true; });
    run_for(loop, 50ms);
    proxy().cut();
    proxy().hold_requests(false);

    ASSERT_TRUE(until([&] { return removed; }));
    EXPECT_FALSE(node());
}

TEST_F(RegistrationTest, LeavesTheNodeOfSomebodyElseAloneOnTheWayOut) {
    const auto kept = keeper(server().port());
    const auto one = registration(*kept, "hello");
    ASSERT_TRUE(until([&] { return one->is_registered(); }));
    bool removed = false;
    one->remove([&] { removed = true; });
    ASSERT_TRUE(until([&] { return removed; }));

    ASSERT_TRUE(create(*direct.session, path(), "other", CreateMode::ephemeral));
    run_for(loop, 50ms);
    EXPECT_TRUE(is_there("other"));
}

TEST_F(RegistrationTest, DoesNotFightAtFullSpeedForItsName) {
    const auto kept = keeper(server().port());
    const auto other_kept = keeper(server().port());
    const auto one = registration(*kept, "one");
    const auto other = registration(*other_kept, "other");
    std::set<std::int64_t> lives;
    const auto end = loop.now() + 1s;
    while (loop.now() < end)
        if (const auto found = node()) lives.insert(found->stat.created);

    EXPECT_LT(lives.size(), 15u);
    EXPECT_TRUE(was_said("does somebody else use our name?"));
}

}  // namespace
}  // namespace redis_zk::zk
