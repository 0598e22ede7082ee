#include "common/event/readiness.h"

#include <array>
#include <memory>
#include <string>

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include "common/event/descriptor.h"
#include "tests/unit/common/event/run_until.h"

namespace redis_zk::event {
namespace {

using std::chrono::milliseconds;
using Interest = Readiness::Interest;

struct Pair {
    Pair() {
        std::array<int, 2> ends{};
        if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, ends.data()) != 0) return;
        ours = Descriptor{ends[0]};
        theirs = Descriptor{ends[1]};
    }
    void write() const { ASSERT_EQ(::write(theirs.number(), "x", 1), 1); }

    Descriptor ours;
    Descriptor theirs;
};

void run_for(Loop& loop, milliseconds duration) {
    const auto end = loop.now() + duration;
    run_until(loop, [&] { return loop.now() >= end; });
}

TEST(Readiness, SaysWhenThereIsSomethingToRead) {
    Loop loop;
    const Pair pair;
    Readiness::Ready said;
    Readiness readiness{loop, [&](Readiness::Ready ready) { said = ready; }};
    ASSERT_TRUE(readiness.watch(pair.ours.number(), Interest::read));
    run_for(loop, milliseconds{10});
    EXPECT_FALSE(said.readable);
    pair.write();

    EXPECT_TRUE(run_until(loop, [&] { return said.readable; }));
    EXPECT_FALSE(said.writable);
}

TEST(Readiness, SaysSoAgainUntilItWasRead) {
    Loop loop;
    const Pair pair;
    int calls = 0;
    Readiness readiness{loop, [&](Readiness::Ready) { ++calls; }};
    ASSERT_TRUE(readiness.watch(pair.ours.number(), Interest::read));
    pair.write();

    EXPECT_TRUE(run_until(loop, [&] { return calls >= 3; }));
}

TEST(Readiness, SaysWhenThereIsRoomToWrite) {
    Loop loop;
    const Pair pair;
    Readiness::Ready said;
    Readiness readiness{loop, [&](Readiness::Ready ready) { said = ready; }};
    ASSERT_TRUE(readiness.watch(pair.ours.number(), Interest::write));
    pair.write();

    EXPECT_TRUE(run_until(loop, [&] { return said.writable; }));
    EXPECT_FALSE(said.readable);
}

TEST(Readiness, WatchesBothAtOnce) {
    Loop loop;
    const Pair pair;
    pair.write();
    Readiness::Ready said;
    Readiness readiness{loop, [&](Readiness::Ready ready) { said = ready; }};
    ASSERT_TRUE(readiness.watch(pair.ours.number(), Interest::read_and_write));

    EXPECT_TRUE(run_until(loop, [&] { return said.readable && said.writable; }));
}

TEST(Readiness, ReplacesWhatWasWatchedBefore) {
    Loop loop;
    const Pair first;
    const Pair second;
    int calls = 0;
    Readiness readiness{loop, [&](Readiness::Ready) { ++calls; }};
    ASSERT_TRUE(readiness.watch(first.ours.number(), Interest::read_and_write));
    ASSERT_TRUE(readiness.watch(second.ours.number(), Interest::read));
    first.write();
    run_for(loop, milliseconds{10});
    EXPECT_EQ(calls, 0);
    second.write();

    EXPECT_TRUE(run_until(loop, [&] { return calls > 0; }));
}

TEST(Readiness, SaysNothingAfterReset) {
    Loop loop;
    const Pair pair;
    int calls = 0;
    Readiness readiness{loop, [&](Readiness::Ready) { ++calls; }};
    ASSERT_TRUE(readiness.watch(pair.ours.number(), Interest::read_and_write));
    pair.write();
    readiness.reset();
    EXPECT_FALSE(readiness.is_watching());
    run_for(loop, milliseconds{10});

    EXPECT_EQ(calls, 0);
}

// The trap of zookeeper_st: reset, the library closes and opens, the number is the same.
TEST(Readiness, WatchesANumberThatHasBeenClosedAndGivenAgain) {
    Loop loop;
    auto pair = std::make_unique<Pair>();
    const int number = pair->ours.number();
    int calls = 0;
    Readiness readiness{loop, [&](Readiness::Ready) { ++calls; }};
    ASSERT_TRUE(readiness.watch(number, Interest::read));
    run_for(loop, milliseconds{5});
    readiness.reset();
    pair.reset();
    const Pair next;
    ASSERT_EQ(next.ours.number(), number);
    ASSERT_TRUE(readiness.watch(number, Interest::read));
    next.write();

    EXPECT_TRUE(run_until(loop, [&] { return calls > 0; }));
}

TEST(Readiness, MayBeDestroyedInItsOwnCallback) {
    Loop loop;
    const Pair pair;
    pair.write();
    std::string seen;
    std::unique_ptr<Readiness> readiness;
    readiness = std::make_unique<Readiness>(
        loop, [&, captured = std::string{"long enough to be allocated on the heap"}](auto) {
            readiness.reset();
            seen = captured;
        });
    ASSERT_TRUE(readiness->watch(pair.ours.number(), Interest::read));

    EXPECT_TRUE(run_until(loop, [&] { return !seen.empty(); }));
}

TEST(Readiness, RefusesWhatTheKernelCannotWatch) {
    Loop loop;
    Readiness readiness{loop, [](Readiness::Ready) {}};

    EXPECT_FALSE(readiness.watch(-1, Interest::read));
    EXPECT_FALSE(readiness.watch(1'000'000, Interest::read));
    EXPECT_FALSE(readiness.is_watching());
}

}  // namespace
}  // namespace redis_zk::event
