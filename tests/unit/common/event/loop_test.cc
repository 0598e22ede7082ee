#include "common/event/loop.h"

#include <csignal>

#include <gtest/gtest.h>
#include <unistd.h>

#include "common/event/next_turn.h"
#include "common/event/timer.h"

namespace redis_zk::event {
namespace {

using std::chrono::milliseconds;

TEST(Loop, ReturnsTheStatusOfTheFirstStop) {
    Loop loop;
    Timer timer{loop, [&] {
                    loop.stop(3);
                    loop.stop(4);
                }};
    timer.start(milliseconds{0});

    EXPECT_EQ(loop.run(), 3);
}

TEST(Loop, StopsBeforeItHasBegun) {
    Loop loop;
    loop.stop(5);

    EXPECT_EQ(loop.run(), 5);
}

TEST(Loop, RunsNoOtherCallbackAfterStop) {
    Loop loop;
    int calls = 0;
    const auto stop = [&] {
        ++calls;
        loop.stop(0);
    };
    Timer one{loop, stop};
    Timer other{loop, stop};
    one.start(milliseconds{0});
    other.start(milliseconds{0});
    loop.run();

    EXPECT_EQ(calls, 1);
}

TEST(Loop, MayRunAgain) {
    Loop loop;
    int status = 0;
    Timer timer{loop, [&] { loop.stop(++status); }};
    timer.start(milliseconds{0});
    EXPECT_EQ(loop.run(), 1);
    timer.start(milliseconds{0});

    EXPECT_EQ(loop.run(), 2);
}

TEST(Loop, IgnoresTheSignalOfAPipeThatNobodyReads) {
    std::signal(SIGPIPE, SIG_DFL);
    const Loop loop;
    int ends[2];
    ASSERT_EQ(pipe(ends), 0);
    close(ends[0]);

    EXPECT_EQ(write(ends[1], "x", 1), -1);
    EXPECT_EQ(errno, EPIPE);
    close(ends[1]);
}

TEST(Loop, ItsClockGoesForward) {
    Loop loop;
    const auto before = loop.now();
    Timer timer{loop, [&] { loop.stop(0); }};
    timer.start(milliseconds{5});
    loop.run();

    EXPECT_GE(loop.now() - before, milliseconds{5});
}

}  // namespace
}  // namespace redis_zk::event
