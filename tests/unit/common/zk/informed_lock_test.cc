#include "common/zk/informed_lock.h"

#include "tests/unit/common/zk/world.h"

namespace redis_zk::zk {
namespace {

using State = Lock::State;

class InformedLockTest : public DirectTest {
  protected:
    std::string folder() const { return root + "/lock"; }
    std::string term() const { return root + "/term"; }
    std::string members() const { return root + "/members"; }

    // Somebody in the queue, with a session and copies of his own.
    struct Contender {
        Contender(InformedLockTest& test, std::unique_ptr<SessionKeeper> with)
            : keeper{std::move(with)},
              term{*keeper, test.term(), [] {}},
              members{*keeper, test.members(), [] {}},
              lock{*keeper, test.folder(), {{&term}, {&members}}, [this] {
                       states.push_back(lock.state());
                       if (lock.state() == State::held && term.node())
                           known_when_held = term.node()->data;
                   }} {}
        bool holds() const { return lock.state() == State::held; }

        std::unique_ptr<SessionKeeper> keeper;
        WatchedNode term;
        WatchedDirectory members;
        std::vector<State> states;  // each time that it was told of a change
        std::string known_when_held;
        InformedLock lock;
    };
};

// Whoever held it before has written something just before he released it.
TEST_F(InformedLockTest, IsHeldOnlyByWhoKnowsWhatTheOneBeforeHasWritten) {
    ASSERT_TRUE(make_path(*direct.session, term()));
    ASSERT_TRUE(make_path(*direct.session, members()));
    Contender one{*this, keeper(server().port())};
    Contender other{*this, keeper(server().port())};
    Contender* holder = &one;
    Contender* next = &other;
    holder->lock.request();
    ASSERT_TRUE(until([&] { return holder->holds(); }));
    for (int round = 1; round <= 20; ++round) {
        next->lock.request();
        EXPECT_EQ(next->lock.state(), State::requested);
        const std::string text = std::to_string(round);
        holder->keeper->session()->set(
            term(), text, any_version, [](const auto&) {}, this);
        holder->lock.release();
        EXPECT_EQ(holder->lock.state(), State::none);
        ASSERT_TRUE(until([&] { return next->holds(); }));
        EXPECT_EQ(next->known_when_held, text);
        std::swap(holder, next);
    }
}

// Being first in the queue is not enough: until the answers are there it is only requested.
TEST_F(InformedLockTest, IsOnlyRequestedWhileItReadsWhatTheDecisionRestsOn) {
    Contender one{*this, keeper(server().port())};
    one.lock.request();
    ASSERT_TRUE(until([&] { return one.holds(); }));
    EXPECT_EQ(one.states, (std::vector{State::requested, State::held}));
}

}  // namespace
}  // namespace redis_zk::zk
