#include "common/event/next_turn.h"

#include <memory>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <unistd.h>

#include "common/event/readiness.h"
#include "tests/unit/common/event/run_until.h"

namespace redis_zk::event {
namespace {

using std::chrono::milliseconds;

TEST(NextTurn, RunsOnceHoweverOftenItIsScheduled) {
    Loop loop;
    int turns = 0;
    NextTurn next_turn{loop, [&] { ++turns; }};
    for (int i = 0; i < 5; ++i) next_turn.schedule();
    EXPECT_EQ(turns, 0);
    bool later = false;
    Timer timer{loop, [&] { later = true; }};
    timer.start(milliseconds{20});
    ASSERT_TRUE(run_until(loop, [&] { return later; }));

    EXPECT_EQ(turns, 1);
}

TEST(NextTurn, BeginsAfterTheCallbackHasReturned) {
    Loop loop;
    std::vector<std::string> order;
    NextTurn next_turn{loop, [&] { order.push_back("turn"); }};
    Timer callback{loop, [&] {
                       order.push_back("callback begins");
                       next_turn.schedule();
                       order.push_back("callback ends");
                   }};
    callback.start(milliseconds{0});
    ASSERT_TRUE(run_until(loop, [&] { return order.size() == 3; }));

    EXPECT_EQ(order, (std::vector<std::string>{"callback begins", "callback ends", "turn"}));
}

TEST(NextTurn, BeginsWhenAllThatIsDueAlreadyHasBeenTold) {
    Loop loop;
    int facts = 0;
    int facts_seen = 0;
    NextTurn next_turn{loop, [&] { facts_seen = facts; }};
    const auto fact = [&] {
        ++facts;
        next_turn.schedule();
    };
    Timer one{loop, fact};
    Timer two{loop, fact};
    Timer three{loop, fact};
    for (auto* timer : {&one, &two, &three}) timer->start(milliseconds{0});
    ASSERT_TRUE(run_until(loop, [&] { return facts_seen > 0; }));

    EXPECT_EQ(facts_seen, 3);
}

TEST(NextTurn, ThatSchedulesItselfStarvesNeitherTimersNorDescriptors) {
    Loop loop;
    NextTurn* again = nullptr;
    NextTurn next_turn{loop, [&] { again->schedule(); }};
    again = &next_turn;
    next_turn.schedule();
    int ends[2];
    ASSERT_EQ(pipe(ends), 0);
    ASSERT_EQ(write(ends[1], "x", 1), 1);
    bool readable = false;
    Readiness readiness{loop, [&](Readiness::Ready) { readable = true; }};
    ASSERT_TRUE(readiness.watch(ends[0], Readiness::Interest::read));
    bool due = false;
    Timer timer{loop, [&] { due = true; }};
    timer.start(milliseconds{5});

    EXPECT_TRUE(run_until(loop, [&] { return readable && due; }));
    close(ends[0]);
    close(ends[1]);
}

TEST(NextTurn, RunsEvenUnderASteadyFlowOfFacts) {
    Loop loop;
    int turns = 0;
    NextTurn next_turn{loop, [&] { ++turns; }};
    int ends[2];
    ASSERT_EQ(pipe(ends), 0);
    Readiness facts{loop, [&](Readiness::Ready) { next_turn.schedule(); }};
    ASSERT_TRUE(facts.watch(ends[1], Readiness::Interest::write));

    EXPECT_TRUE(run_until(loop, [&] { return turns > 3; }));
    close(ends[0]);
    close(ends[1]);
}

TEST(NextTurn, DoesNotRunWhenCancelledOrDestroyed) {
    Loop loop;
    int turns = 0;
    NextTurn cancelled{loop, [&] { ++turns; }};
    auto destroyed = std::make_unique<NextTurn>(loop, [&] { ++turns; });
    cancelled.schedule();
    destroyed->schedule();
    cancelled.cancel();
    destroyed.reset();
    bool later = false;
    Timer timer{loop, [&] { later = true; }};
    timer.start(milliseconds{10});
    ASSERT_TRUE(run_until(loop, [&] { return later; }));

    EXPECT_EQ(turns, 0);
}

}  // namespace
}  // namespace redis_zk::event
