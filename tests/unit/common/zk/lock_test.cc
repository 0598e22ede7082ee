#include "common/zk/lock.h"

#include <algorithm>

#include "tests/unit/common/zk/world.h"

namespace redis_zk::zk {
namespace {

using State = Lock::State;

// A lock with what its owner was told.
struct Contender {
    Contender(SessionKeeper& keeper, const std::string& folder)
        : lock{keeper, folder, [this](State state) { told.push_back(state); }} {}
    bool holds() const { return lock.state() == State::held; }
    std::vector<State> told;
    Lock lock;
};

class LockTest : public DirectTest {
  protected:
    std::string folder() const { return root + "/lock"; }
    std::vector<std::string> queue() {
        auto names = *children(*direct.session, folder());
        return names.value_or(std::vector<std::string>{});
    }
};

TEST_F(LockTest, IsHeldByTheFirstAndThenByTheSecond) {
    const auto kept = keeper(server().port());
    Contender one{*kept, folder()};
    Contender other{*kept, folder()};  // two users of one session
    one.lock.request();
    EXPECT_EQ(one.lock.state(), State::requested);
    ASSERT_TRUE(until([&] { return one.holds(); }));
    other.lock.request();
    ASSERT_TRUE(until([&] { return queue().size() == 2; }));
    run_for(loop, 50ms);
    EXPECT_FALSE(other.holds());
    one.lock.release();

    ASSERT_TRUE(until([&] { return other.holds(); }));
    EXPECT_EQ(one.lock.state(), State::none);
    EXPECT_EQ(one.told, std::vector{State::held});
    EXPECT_EQ(other.told, std::vector{State::held});
    EXPECT_EQ(queue().size(), 1u);
}

TEST_F(LockTest, CanBeRequestedAgainAfterARelease) {
    const auto kept = keeper(server().port());
    Contender one{*kept, folder()};
    for (int round = 0; round < 5; ++round) {
        one.lock.request();
        ASSERT_TRUE(until([&] { return one.holds(); }));
        one.lock.release();
    }
    EXPECT_TRUE(until([&] { return queue().empty(); }));
}

TEST_F(LockTest, CanBeReleasedAndRequestedBeforeAnyAnswer) {
    const auto kept = keeper(server().port());
    ASSERT_TRUE(until([&] { return kept->session() != nullptr; }));
    Contender one{*kept, folder()};
    for (int round = 0; round < 5; ++round) {
        one.lock.request();
        one.lock.release();
    }
    one.lock.request();

    ASSERT_TRUE(until([&] { return one.holds(); }));
    EXPECT_EQ(queue().size(), 1u);
}

// Without a look for the id in the names there would be two nodes, and the forgotten one would
// block the queue.
TEST_F(LockTest, HasOneNodeWhenTheAnswerToTheCreateGetsLost) {
    ASSERT_TRUE(make_path(*direct.session, folder()));
    const auto kept = keeper(proxy().port());
    ASSERT_TRUE(until([&] { return kept->session() != nullptr; }));
    Contender one{*kept, folder()};
    one.lock.request();
    while (queue().empty()) {  // one answer at a time, but not the one to the create
        proxy().hold_answers(false);
        event_base_loop(loop.base(), EVLOOP_NONBLOCK);
        proxy().hold_answers(true);
    }
    proxy().cut();
    proxy().hold_answers(false);

    ASSERT_TRUE(until([&] { return one.holds(); }));
    EXPECT_EQ(queue().size(), 1u);
    one.lock.release();
    EXPECT_TRUE(until([&] { return queue().empty(); }));
}

TEST_F(LockTest, LeavesNoNodeWhenItIsReleasedWhileTheAnswerToTheCreateIsLost) {
    ASSERT_TRUE(make_path(*direct.session, folder()));
    const auto kept = keeper(proxy().port());
    ASSERT_TRUE(until([&] { return kept->session() != nullptr; }));
    Contender one{*kept, folder()};
    one.lock.request();
    while (queue().empty()) {
        proxy().hold_answers(false);
        event_base_loop(loop.base(), EVLOOP_NONBLOCK);
        proxy().hold_answers(true);
    }
    one.lock.release();
    proxy().cut();
    proxy().hold_answers(false);

    EXPECT_TRUE(until([&] { return queue().empty(); }));
    EXPECT_TRUE(one.told.empty());
}

TEST_F(LockTest, IsLostWithTheSession) {
    const auto kept = keeper(proxy().port(), short_timeout);
    Contender one{*kept, folder()};
    one.lock.request();
    ASSERT_TRUE(until([&] { return one.holds(); }));
    cut_off();
    ASSERT_TRUE(until([&] { return queue().empty(); }));
    EXPECT_TRUE(one.holds());  // it cannot know yet
    proxy().refuse(false);

    ASSERT_TRUE(until([&] { return one.lock.state() == State::none; }));
    EXPECT_EQ(one.told, (std::vector{State::held, State::none}));
    one.lock.request();
    EXPECT_TRUE(until([&] { return one.holds(); }));
}

TEST_F(LockTest, IsStillHeldAfterAReconnect) {
    const auto kept = keeper(proxy().port());
    Contender one{*kept, folder()};
    one.lock.request();
    ASSERT_TRUE(until([&] { return one.holds(); }));
    proxy().cut();
    ASSERT_TRUE(until([&] { return was_said("again"); }));
    run_for(loop, 50ms);

    EXPECT_TRUE(one.holds());
    EXPECT_EQ(one.told, std::vector{State::held});
}

TEST_F(LockTest, IsLostWhenSomebodyRemovesTheNode) {
    const auto kept = keeper(server().port());
    Contender one{*kept, folder()};
    one.lock.request();
    ASSERT_TRUE(until([&] { return one.holds(); }));
    ASSERT_TRUE(remove(*direct.session, folder() + "/" + queue().front()));

    ASSERT_TRUE(until([&] { return one.lock.state() == State::none; }));
    EXPECT_EQ(one.told, (std::vector{State::held, State::none}));
}

TEST_F(LockTest, IsNotGotWhenSomebodyInTheMiddleOfTheQueueGivesUp) {
    const auto kept = keeper(server().port());
    std::vector<std::unique_ptr<Contender>> all;
    for (std::size_t i = 0; i < 3; ++i) {
        all.push_back(std::make_unique<Contender>(*kept, folder()));
        all.back()->lock.request();
        ASSERT_TRUE(until([&] { return queue().size() == i + 1; }));
    }
    all[1]->lock.release();
    ASSERT_TRUE(until([&] { return queue().size() == 2; }));
    run_for(loop, 50ms);
    EXPECT_FALSE(all[2]->holds());
    all[0]->lock.release();

    EXPECT_TRUE(until([&] { return all[2]->holds(); }));
}

TEST_F(LockTest, DoesNotWakeTheWholeQueueWhenItIsReleased) {
    const auto kept = keeper(server().port());
    const auto crowd_kept = keeper(proxy().port());
    Contender first{*kept, folder()};
    first.lock.request();
    ASSERT_TRUE(until([&] { return first.holds(); }));
    std::vector<std::unique_ptr<Contender>> crowd;
    for (int i = 0; i < 20; ++i) {
        crowd.push_back(std::make_unique<Contender>(*crowd_kept, folder()));
        crowd.back()->lock.request();
    }
    ASSERT_TRUE(until([&] { return queue().size() == 21; }));
    run_for(loop, 300ms);
    ASSERT_TRUE(std::ranges::none_of(crowd, [](const auto& it) { return it->holds(); }));
    const auto before = proxy().bytes_to_server();
    first.lock.release();
    ASSERT_TRUE(until(
        [&] { return std::ranges::any_of(crowd, [](const auto& it) { return it->holds(); }); }));
    run_for(loop, 50ms);

    EXPECT_LT(proxy().bytes_to_server() - before, 400u);  // one list and one read: some 150
}

TEST_F(LockTest, IsGotByFiftyContendersOneAfterTheOther) {
    std::vector<std::unique_ptr<SessionKeeper>> keepers;
    std::vector<std::unique_ptr<Contender>> all;
    for (int i = 0; i < 50; ++i) {
        keepers.push_back(keeper(server().port()));
        all.push_back(std::make_unique<Contender>(*keepers.back(), folder()));
        all.back()->lock.request();
    }
    const auto holders = [&] {
        return std::ranges::count_if(all, [](const auto& it) { return it->holds(); });
    };
    int turns = 0;
    while (turns < 50) {
        ASSERT_TRUE(until([&] { return holders() > 0; })) << turns;
        ASSERT_EQ(holders(), 1);
        ++turns;
        std::ranges::find_if(all, [](const auto& it) { return it->holds(); })
            ->get()
            ->lock.release();
    }
    EXPECT_TRUE(until([&] { return queue().empty(); }));
    for (const auto& one : all) EXPECT_EQ(one->told, std::vector{State::held});
}

}  // namespace
}  // namespace redis_zk::zk
