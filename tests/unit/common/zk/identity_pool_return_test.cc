// The pool of sentinel ids when answers get lost, sessions end and entries are meddled with.
#include "common/zk/identity_pool.h"
#include "tests/unit/common/zk/pool_user.h"

namespace redis_zk::zk {
namespace {

class IdentityPoolReturnTest : public IdentityPoolTest {
  protected:
    bool done(Session& session, const std::vector<Operation>& operations) {
        std::optional<bool> result;
        session.multi(operations, [&](const MultiAnswer& answer) {
            result = static_cast<bool>(answer.result);
        });
        return until([&] { return result.has_value(); }) && *result;
    }
    // Lets one answer through at a time, until the server has done what is waited for.
    template <typename Condition>
    void lose_the_answer_after(Condition done) {
        while (!done()) {
            proxy().hold_answers(false);
            event_base_loop(loop.base(), EVLOOP_NONBLOCK);
            proxy().hold_answers(true);
        }
        proxy().cut();
        proxy().hold_answers(false);
    }
};

TEST_F(IdentityPoolReturnTest, HasOneIdWhenTheAnswerToTheTakingGetsLost) {
    ASSERT_TRUE(make_path(*direct.session, folder()));
    PoolUser one{keeper(proxy().port()), root};
    ASSERT_TRUE(until([&] { return one.keeper->session() != nullptr; }));
    one.pool.claim(address(31001));
    lose_the_answer_after([&] { return !ids().empty(); });

    ASSERT_TRUE(until([&] { return one.owns(); }));
    EXPECT_EQ(ids(), std::vector{one.pool.id()});
    EXPECT_EQ(entry(one.pool.id())->stat.version, 0);  // not written again either
}

// An answer may be read from a connection that is reset already: the next question then ends it.
TEST_F(IdentityPoolReturnTest, GetsItsIdWhereverTheConnectionIsLostOnTheWay) {
    const auto id = claimed(*user(), 31001);
    const int turns = 40;
    for (int turn = 0; turn < turns; ++turn) {
        PoolUser one{keeper(proxy().port()), root};
        ASSERT_TRUE(until([&] { return one.keeper->session() != nullptr; }));
        one.pool.claim(address(31002));
        for (int passed = 0; passed < turn; ++passed) event_base_loop(loop.base(), EVLOOP_ONCE);
        proxy().cut();
        ASSERT_TRUE(until([&] { return one.owns(); })) << "cut off after " << turn << " turns";
        one.pool.release();
        ASSERT_TRUE(until([&] { return one.pool.state() == PoolState::none; }));
    }
}

TEST_F(IdentityPoolReturnTest, HasReleasedItsIdWhenTheAnswerToTheReleaseGetsLost) {
    PoolUser one{keeper(proxy().port()), root};
    const auto id = claimed(one, 31001);
    one.pool.release();
    lose_the_answer_after([&] { return identity(id).state == IdentityState::released; });
    const auto other = user();
    EXPECT_EQ(claimed(*other, 31002), id);

    ASSERT_TRUE(until([&] { return one.pool.state() == PoolState::none; }));
    run_for(loop, 50ms);
    EXPECT_EQ(identity(id).state, IdentityState::owned);
    EXPECT_TRUE(owner(id));
    EXPECT_TRUE(other->owns());
}

TEST_F(IdentityPoolReturnTest, LeavesNoOwnedIdWhenAClaimIsGivenUpAtOnce) {
    const auto one = user();
    ASSERT_TRUE(until([&] { return one->keeper->session() != nullptr; }));
    for (int round = 0; round < 5; ++round) {
        one->pool.claim(address(31001));
        one->pool.release();
        ASSERT_TRUE(until([&] { return one->pool.state() == PoolState::none; }));
    }
    for (const auto& id : ids()) EXPECT_FALSE(owner(id));
    EXPECT_LE(ids().size(), 1u);
}

TEST_F(IdentityPoolReturnTest, IsReleasedAsSoonAsThereIsAConnection) {
    const auto one = user_behind_proxy();
    const auto id = claimed(*one, 31001);
    cut_off();
    one->pool.release();
    ASSERT_TRUE(until([&] { return !owner(id); }));
    EXPECT_EQ(one->pool.state(), PoolState::releasing);
    proxy().refuse(false);

    ASSERT_TRUE(until([&] { return one->pool.state() == PoolState::none; }));
    EXPECT_EQ(identity(id).state, IdentityState::released);
}

TEST_F(IdentityPoolReturnTest, TakesItsIdBackAfterAnExpiry) {
    const auto one = user_behind_proxy();
    const auto id = claimed(*one, 31001);
    const auto first = owner(id)->stat.owner;
    cut_off();
    ASSERT_TRUE(until([&] { return !owner(id); }));
    proxy().refuse(false);
    ASSERT_TRUE(until([&] { return !one->pool.is_confirmed(); }));
    EXPECT_EQ(one->pool.id(), id);

    ASSERT_TRUE(until([&] { return one->owns(); }));
    EXPECT_EQ(one->pool.id(), id);
    EXPECT_NE(owner(id)->stat.owner, first);
    EXPECT_EQ(one->told, (std::vector<std::string>{"", id}));
}

// A node that its former session owns would vanish under it.
TEST_F(IdentityPoolReturnTest, ReplacesTheOwnerThatItsFormerSessionHasLeft) {
    const auto one = user();
    const auto id = claimed(*one, 31001);
    WatchedSession former{loop, server().port(), long_timeout};
    ASSERT_TRUE(connected(former));
    const auto name = owner(id)->data;
    ASSERT_TRUE(done(*former.session, {Remove{path(id) + "/owner"},
                                       Create{path(id) + "/owner", name, CreateMode::ephemeral}}));

    const auto is_ours = [&] {
        const auto found = owner(id);
        return found && found->stat.owner == one->keeper->session()->id();
    };
    ASSERT_TRUE(until(is_ours));
    EXPECT_TRUE(until([&] { return one->owns(); }));
}

TEST_F(IdentityPoolReturnTest, LosesTheIdThatSomebodyTookWhileItWasAway) {
    const auto observer = user(100ms);
    claimed(*observer, 31001);
    const auto one = user_behind_proxy();
    const auto id = claimed(*one, 31002);
    cut_off();
    ASSERT_TRUE(until([&] { return is_abandoned(id); }));
    const auto other = user();
    ASSERT_EQ(taken_from_the_absent(*other, 31003), id);
    EXPECT_EQ(one->pool.state(), PoolState::owned);  // it cannot know yet
    proxy().refuse(false);

    ASSERT_TRUE(until([&] { return one->pool.state() == PoolState::none; }));
    EXPECT_EQ(one->pool.id(), "");
    EXPECT_TRUE(until([&] { return one->told == std::vector<std::string>{"", id, ""}; }));
    EXPECT_TRUE(was_said("has lost the sentinel id " + id));
    EXPECT_TRUE(other->owns());
    EXPECT_EQ(identity(id).last_address, address(31003));
    EXPECT_NE(claimed(*one, 31002), id);
}

TEST_F(IdentityPoolReturnTest, TakesItsIdBackWhenItIsAbandonedButNotYetTaken) {
    const auto observer = user(100ms);
    claimed(*observer, 31001);
    const auto one = user_behind_proxy();
    const auto id = claimed(*one, 31002);
    cut_off();
    ASSERT_TRUE(until([&] { return is_abandoned(id); }));
    proxy().refuse(false);

    ASSERT_TRUE(until([&] { return identity(id).state == IdentityState::owned; }));
    ASSERT_TRUE(until([&] { return one->owns(); }));
    EXPECT_EQ(one->pool.id(), id);
}

// Two short absences are not a long one.
TEST_F(IdentityPoolReturnTest, CountsTheTimeOfAGhostAnewWhenTheOwnerWasBack) {
    const auto observer = user(1500ms);
    claimed(*observer, 31001);
    const auto one = user_behind_proxy();
    const auto id = claimed(*one, 31002);
    cut_off();
    ASSERT_TRUE(until([&] { return !owner(id); }));
    proxy().refuse(false);
    ASSERT_TRUE(until([&] { return owner(id).has_value(); }));
    const auto was_back = loop.now();
    cut_off();
    ASSERT_TRUE(until([&] { return !owner(id); }));

    ASSERT_TRUE(until([&] { return is_abandoned(id); }));
    EXPECT_GE(loop.now() - was_back, 1500ms);
}

// The observer hears nothing while the owner comes and goes: the version of the entry tells it.
TEST_F(IdentityPoolReturnTest, CallsNobodyAbandonedWhoWasBackWhileTheObserverWasCutOff) {
    const auto observer = user_behind_proxy(1500ms);
    claimed(*observer, 31001);
    auto gone = user();
    const auto id = claimed(*gone, 31002);
    gone.reset();
    ASSERT_TRUE(until([&] { return !owner(id); }));
    run_for(loop, 100ms);
    cut_off();
    const auto text = entry(id)->data;
    ASSERT_TRUE(set(*direct.session, path(id), text));  // as an owner who comes back, and goes
    run_for(loop, 1500ms);
    proxy().refuse(false);
    ASSERT_TRUE(until([&] { return !observer->pool.is_confirmed(); }));
    ASSERT_TRUE(until([&] { return observer->owns(); }));

    run_for(loop, 500ms);
    EXPECT_EQ(identity(id).state, IdentityState::owned);
    EXPECT_TRUE(until([&] { return is_abandoned(id); }));
}

TEST_F(IdentityPoolReturnTest, WritesWhatSomebodyRemoved) {
    const auto one = user();
    const auto id = claimed(*one, 31001);
    ASSERT_TRUE(remove(*direct.session, path(id) + "/owner"));
    ASSERT_TRUE(until([&] { return owner(id).has_value(); }));
    ASSERT_TRUE(until([&] { return one->owns(); }));
    ASSERT_TRUE(done(*direct.session, {Remove{path(id) + "/owner"}, Remove{path(id)}}));

    ASSERT_TRUE(until([&] { return owner(id) && one->owns(); }));
    EXPECT_EQ(one->pool.id(), id);
}

TEST_F(IdentityPoolReturnTest, KeepsItsIdWhenItsEntryIsOverwrittenWithGarbage) {
    const auto one = user();
    const auto id = claimed(*one, 31001);
    ASSERT_TRUE(set(*direct.session, path(id), "hello"));
    ASSERT_TRUE(until([&] { return was_said(path(id) + ": a sentinel id cannot be understood"); }));
    EXPECT_TRUE(one->owns());
    released(*one);

    EXPECT_FALSE(owner(id));
    EXPECT_EQ(entry(id)->data, "hello");
}

}  // namespace
}  // namespace redis_zk::zk
