#include "common/event/timer.h"

#include <memory>
#include <string>

#include <gtest/gtest.h>
#include <unistd.h>

#include "common/event/readiness.h"
#include "tests/unit/common/event/run_until.h"

namespace redis_zk::event {
namespace {

using std::chrono::microseconds;
using std::chrono::milliseconds;

// Long enough for a second call that must not come.
void run_for(Loop& loop, milliseconds duration) {
    const auto end = loop.now() + duration;
    run_until(loop, [&] { return loop.now() >= end; });
}

TEST(Timer, CallsBackOnceEvenWhenMoved) {
    Loop loop;
    int calls = 0;
    Timer timer{loop, [&] { ++calls; }};
    timer.start(milliseconds{1});
    timer.start(milliseconds{2});
    timer.start(milliseconds{3});
    run_for(loop, milliseconds{30});

    EXPECT_EQ(calls, 1);
}

TEST(Timer, IsMovedEvenWhenItIsDueAlready) {
    Loop loop;
    int calls = 0;
    Timer second{loop, [&] { ++calls; }};
    Timer first{loop, [&] { second.start(milliseconds{60'000}); }};
    first.start(milliseconds{0});
    second.start(milliseconds{0});
    run_for(loop, milliseconds{10});

    EXPECT_EQ(calls, 0);
    EXPECT_TRUE(second.is_armed());
}

TEST(Timer, NeverCallsBackBeforeItsTimeEvenInABusyLoop) {
    Loop loop;
    int ends[2];
    ASSERT_EQ(pipe(ends), 0);
    Readiness busy{loop, [](Readiness::Ready) {}};
    ASSERT_TRUE(busy.watch(ends[1], Readiness::Interest::write));
    core::TimePoint due;
    int left = 300;
    std::string early;
    Timer* again = nullptr;
    const auto arm = [&] {
        due = loop.now() + microseconds{100 + left * 7};
        again->start_at(due);
    };
    Timer timer{loop, [&] {
                    if (loop.now() < due) early = "with " + std::to_string(left) + " left";
                    if (--left > 0)
                        arm();
                    else
                        loop.stop(0);
                }};
    again = &timer;
    arm();
    loop.run();

    EXPECT_EQ(early, "");
    close(ends[0]);
    close(ends[1]);
}

TEST(Timer, MeasuresItsDelayFromTheCallAndNotFromTheBeginningOfTheCallback) {
    Loop loop;
    core::TimePoint asked;
    core::TimePoint called;
    Timer timer{loop, [&] {
                    called = loop.now();
                    loop.stop(0);
                }};
    Timer busy{loop, [&] {
                   const auto end = loop.now() + milliseconds{20};
                   while (loop.now() < end) {
                   }
                   asked = loop.now();
                   timer.start(milliseconds{15});
               }};
    busy.start(milliseconds{0});
    loop.run();

    EXPECT_GE(called - asked, milliseconds{15});
}

TEST(Timer, WithoutADelayDoesNotCallFromInside) {
    Loop loop;
    bool called = false;
    Timer timer{loop, [&] { called = true; }};
    timer.start(milliseconds{0});
    EXPECT_FALSE(called);
    EXPECT_TRUE(timer.is_armed());

    EXPECT_TRUE(run_until(loop, [&] { return called; }));
    EXPECT_FALSE(timer.is_armed());
}

TEST(Timer, TakesATimeThatHasPassedAsNow) {
    Loop loop;
    int calls = 0;
    Timer past{loop, [&] { ++calls; }};
    Timer negative{loop, [&] { ++calls; }};
    past.start_at(core::TimePoint::min());
    negative.start(milliseconds{-5});

    EXPECT_TRUE(run_until(loop, [&] { return calls == 2; }));
}

TEST(Timer, TakesTheEndOfTimeAsNever) {
    Loop loop;
    int calls = 0;
    Timer at{loop, [&] { ++calls; }};
    Timer after{loop, [&] { ++calls; }};
    at.start_at(core::TimePoint::max());
    after.start(milliseconds::max());
    run_for(loop, milliseconds{10});

    EXPECT_EQ(calls, 0);
    EXPECT_TRUE(at.is_armed());
    EXPECT_TRUE(after.is_armed());
}

TEST(Timer, DoesNotCallBackAfterStop) {
    Loop loop;
    int calls = 0;
    Timer timer{loop, [&] { ++calls; }};
    timer.start(milliseconds{1});
    timer.stop();
    run_for(loop, milliseconds{20});

    EXPECT_EQ(calls, 0);
    EXPECT_FALSE(timer.is_armed());
}

TEST(Timer, DoesNotCallBackAfterItWasDestroyed) {
    Loop loop;
    int calls = 0;
    auto timer = std::make_unique<Timer>(loop, [&] { ++calls; });
    timer->start(milliseconds{1});
    timer.reset();
    run_for(loop, milliseconds{20});

    EXPECT_EQ(calls, 0);
}

// With the address sanitizer this fails if the captures die with the timer.
TEST(Timer, MayBeDestroyedInItsOwnCallback) {
    Loop loop;
    std::string seen;
    std::unique_ptr<Timer> timer;
    timer = std::make_unique<Timer>(
        loop, [&, captured = std::string{"long enough to be allocated on the heap"}] {
            timer.reset();
            seen = captured;
        });
    timer->start(milliseconds{0});

    EXPECT_TRUE(run_until(loop, [&] { return !seen.empty(); }));
    EXPECT_EQ(seen, "long enough to be allocated on the heap");
}

TEST(Timer, MayStartItselfAgainInItsCallback) {
    Loop loop;
    int calls = 0;
    Timer* again = nullptr;
    Timer timer{loop, [&] {
                    if (++calls < 3) again->start(milliseconds{1});
                }};
    again = &timer;
    timer.start(milliseconds{1});

    EXPECT_TRUE(run_until(loop, [&] { return calls == 3; }));
}

}  // namespace
}  // namespace redis_zk::event
