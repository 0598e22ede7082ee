#include "common/event/signal.h"

#include <csignal>
#include <memory>

#include <gtest/gtest.h>

#include "tests/unit/common/event/run_until.h"

namespace redis_zk::event {
namespace {

TEST(Signal, CallsBackOnTheLoopAndNotInTheHandler) {
    Loop loop;
    int calls = 0;
    Signal signal{loop, SIGUSR1, [&] { ++calls; }};
    raise(SIGUSR1);
    EXPECT_EQ(calls, 0);

    EXPECT_TRUE(run_until(loop, [&] { return calls == 1; }));
}

TEST(Signal, CallsBackEachTime) {
    Loop loop;
    int calls = 0;
    Signal signal{loop, SIGTERM, [&] { ++calls; }};
    for (int i = 1; i <= 3; ++i) {
        raise(SIGTERM);
        EXPECT_TRUE(run_until(loop, [&] { return calls == i; }));
    }
}

TEST(Signal, RestoresWhatTheSignalDidBefore) {
    std::signal(SIGUSR2, SIG_IGN);
    Loop loop;
    {
        Signal signal{loop, SIGUSR2, [] {}};
    }

    EXPECT_EQ(std::signal(SIGUSR2, SIG_DFL), SIG_IGN);
}

TEST(Signal, MayBeDestroyedInItsOwnCallback) {
    Loop loop;
    std::unique_ptr<Signal> signal;
    bool called = false;
    signal = std::make_unique<Signal>(loop, SIGUSR1, [&] {
        signal.reset();
        called = true;
    });
    raise(SIGUSR1);

    EXPECT_TRUE(run_until(loop, [&] { return called; }));
}

TEST(Signal, TellsEverybodyWhoWatchesTheSameNumber) {
    Loop loop;
    int one = 0;
    int other = 0;
    Signal first{loop, SIGHUP, [&] { ++one; }};
    Signal second{loop, SIGHUP, [&] { ++other; }};
    raise(SIGHUP);

    EXPECT_TRUE(run_until(loop, [&] { return one == 1 && other == 1; }));
}

}  // namespace
}  // namespace redis_zk::event
