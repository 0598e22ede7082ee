// The traps of the C client (see session.h), with a network that loses, holds back and cuts.
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "common/event/readiness.h"
#include "common/zk/fault.h"
#include "tests/unit/common/zk/world.h"

namespace redis_zk::zk {
namespace {

using core::Fault;

class SessionNetworkTest : public DirectTest {
  protected:
    SessionNetworkTest() { EXPECT_TRUE(make_path(*direct.session, root)); }
    bool exists(const std::string& path) { return get(*direct.session, path)->has_value(); }

    // Cuts it off until the server has given it up.
    bool expire(WatchedSession& victim) {
        const auto sign = root + "/sign-of-life";
        EXPECT_TRUE(create(*victim.session, sign, "", CreateMode::ephemeral));
        cut_off();
        const bool gone = until([&] { return !exists(sign); });
        proxy().refuse(false);
        return gone && until([&] { return victim->state() == SessionState::expired; });
    }
};

std::chrono::microseconds processor_time() {
    rusage usage{};
    getrusage(RUSAGE_SELF, &usage);
    return std::chrono::seconds{usage.ru_utime.tv_sec + usage.ru_stime.tv_sec} +
           std::chrono::microseconds{usage.ru_utime.tv_usec + usage.ru_stime.tv_usec};
}

TEST_F(SessionNetworkTest, SurvivesALostConnection) {
    WatchedSession one{loop, proxy().port(), long_timeout};
    ASSERT_TRUE(connected(one));
    const auto id = one->id();
    proxy().cut();

    ASSERT_TRUE(until([&] { return one.states.size() == 3; }));
    EXPECT_EQ(one.states, (std::vector{SessionState::connected, SessionState::connecting,
                                       SessionState::connected}));
    EXPECT_EQ(one->id(), id);
}

// Trap 4: its pings are sent from the call that asks what to wait for, at the time that this call
// has named. Without that timer an idle session is over after its timeout.
TEST_F(SessionNetworkTest, StaysAliveWhileNothingIsAsked) {
    WatchedSession one{loop, server().port(), short_timeout};
    ASSERT_TRUE(connected(one));
    const auto before = processor_time();
    run_for(loop, short_timeout * 3);

    EXPECT_EQ(one.states, std::vector{SessionState::connected});
    EXPECT_LT(processor_time() - before, short_timeout);  // and it does not spin
}

// Trap 2: a failing send closes the socket inside the question. If libevent still watched its
// number then, the next owner of the number would hear nothing.
TEST_F(SessionNetworkTest, LeavesTheNumberOfAClosedSocketToItsNextOwner) {
    WatchedSession one{loop, proxy().port(), long_timeout};
    ASSERT_TRUE(connected(one));
    run_for(loop, 50ms);
    proxy().cut();
    one->get(root, [](auto) {});

    // Enough of them to get all numbers that became free.
    constexpr int pairs = 5;
    int sockets[pairs][2];
    int heard = 0;
    std::vector<std::unique_ptr<event::Readiness>> owners;
    for (auto& pair : sockets) {
        ASSERT_EQ(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, pair), 0);
        for (const int side : pair) {
            owners.push_back(std::make_unique<event::Readiness>(loop, [&heard, side](auto) {
                char byte;
                heard += static_cast<int>(recv(side, &byte, 1, MSG_DONTWAIT));
            }));
            ASSERT_TRUE(owners.back()->watch(side, event::Readiness::Interest::read));
        }
        ASSERT_EQ(send(pair[0], "x", 1, 0), 1);
        ASSERT_EQ(send(pair[1], "x", 1, 0), 1);
    }
    EXPECT_TRUE(until([&] { return heard == 2 * pairs; }, 3s)) << heard;
    EXPECT_TRUE(until([&] { return one.states.size() == 3; }));  // it has noticed, and come back
    owners.clear();
    for (auto& pair : sockets)
        for (const int side : pair) close(side);
}

// Traps 1 and 3: silence is noticed inside the call that asks what to wait for: the answers that
// are owed come from in there, its result is an error, and its descriptor is a closed one.
TEST_F(SessionNetworkTest, GivesUpAConnectionThatHasGoneSilent) {
    WatchedSession one{loop, proxy().port(), short_timeout};
    ASSERT_TRUE(connected(one));
    proxy().hold_answers(true);

    std::vector<Fault> faults;
    std::function<void(core::Result<std::optional<Node>>)> ask_again = [&](auto result) {
        ASSERT_FALSE(result);
        faults.push_back(result.error().fault);
        if (faults.size() < 3) one->get(root, ask_again);  // from inside the answer
    };
    one->get(root, ask_again);
    ASSERT_TRUE(until([&] { return faults.size() == 3; }));
    EXPECT_EQ(faults, (std::vector{Fault::ask_again, Fault::ask_again, Fault::ask_again}));
    EXPECT_FALSE(one->is_connected());

    const auto before = processor_time();
    run_for(loop, 500ms);
    EXPECT_LT(processor_time() - before, 250ms);  // it waits, it does not spin
    proxy().cut();
    proxy().hold_answers(false);
    EXPECT_TRUE(until([&] { return one.states.back() != SessionState::connecting; }));
}

TEST_F(SessionNetworkTest, WaitsBetweenAttemptsWhenNobodyListens) {
    auto nobody = std::make_unique<test::TcpProxy>(loop, server().port());
    const auto port = nobody->port();
    nobody.reset();
    WatchedSession one{loop, port, long_timeout};

    const auto before = processor_time();
    run_for(loop, 500ms);
    EXPECT_LT(processor_time() - before, 250ms);
    EXPECT_TRUE(one.states.empty());
}

TEST_F(SessionNetworkTest, DoesNotKnowWhetherSomethingHappenedWhenTheAnswerIsLost) {
    WatchedSession one{loop, proxy().port(), long_timeout};
    ASSERT_TRUE(connected(one));
    proxy().hold_answers(true);
    std::optional<core::Result<std::string>> created;
    one->create(root + "/a", "", CreateMode::persistent, [&](auto it) { created = it; });
    ASSERT_TRUE(until([&] { return exists(root + "/a"); }));
    proxy().cut();
    proxy().hold_answers(false);

    ASSERT_TRUE(until([&] { return created.has_value(); }));
    ASSERT_FALSE(*created);
    EXPECT_EQ(created->error().fault, Fault::ask_again);
}

// The C client would keep the questions until the handshake has failed, 13 s here.
TEST_F(SessionNetworkTest, AnswersAtOnceWhileThereIsNoConnection) {
    WatchedSession one{loop, proxy().port(), long_timeout};
    ASSERT_TRUE(connected(one));
    proxy().hold_requests(true);
    proxy().cut();
    ASSERT_TRUE(until([&] { return !one->is_connected(); }));

    EXPECT_EQ(get(*one.session, root).error().fault, Fault::ask_again);
    EXPECT_EQ(create(*one.session, root + "/a").error().fault, Fault::ask_again);
    proxy().hold_requests(false);
    ASSERT_TRUE(connected(one));
    EXPECT_FALSE(exists(root + "/a"));
}

// Trap 9: the C client repeats a session event for every watch that it holds.
TEST_F(SessionNetworkTest, SaysALostConnectionOnceHoweverManyWatchesThereAre) {
    WatchedSession one{loop, proxy().port(), long_timeout};
    ASSERT_TRUE(connected(one));
    int fired = 0;
    for (const auto* name : {"/a", "/b", "/c"})
        ASSERT_TRUE(answer<std::optional<Node>>(
            [&](auto done) { one->get(root + name, done, [&] { ++fired; }); }));
    proxy().cut();

    ASSERT_TRUE(until([&] { return one->is_connected() && one.states.size() > 1; }));
    EXPECT_EQ(one.states.size(), 3u);
    EXPECT_EQ(fired, 0);
}

TEST_F(SessionNetworkTest, TellsAfterAReconnectWhatChangedMeanwhile) {
    WatchedSession one{loop, proxy().port(), long_timeout};
    ASSERT_TRUE(connected(one));
    int fired = 0;
    ASSERT_TRUE(
        answer<std::optional<Node>>([&](auto done) { one->get(root, done, [&] { ++fired; }); }));
    cut_off();
    ASSERT_TRUE(set(*direct.session, root, "changed"));
    EXPECT_EQ(fired, 0);
    proxy().refuse(false);

    EXPECT_TRUE(until([&] { return fired == 1; }));
}

// Trap 7: the old handle answers "invalid state" for ever; the Session says so in our words.
TEST_F(SessionNetworkTest, IsOverWhenItHasExpired) {
    WatchedSession one{loop, proxy().port(), short_timeout};
    ASSERT_TRUE(connected(one));
    int fired = 0;
    ASSERT_TRUE(
        answer<std::optional<Node>>([&](auto done) { one->get(root, done, [&] { ++fired; }); }));
    ASSERT_TRUE(expire(one));

    EXPECT_EQ(get(*one.session, root).error().fault, Fault::connection_lost);
    ASSERT_TRUE(set(*direct.session, root, "changed"));
    const auto before = processor_time();
    run_for(loop, 300ms);
    EXPECT_LT(processor_time() - before, 150ms);
    EXPECT_EQ(fired, 0);
    EXPECT_EQ(one.states.back(), SessionState::expired);
}

// Trap 6: zookeeper_close() alone takes 1.5 s here.
TEST_F(SessionNetworkTest, IsDestroyedAtOnceEvenIfTheServerDoesNotAnswer) {
    WatchedSession one{loop, server().port(), long_timeout};
    ASSERT_TRUE(connected(one));
    server().pause();
    const auto before = loop.now();
    one.session.reset();
    const auto taken = loop.now() - before;
    server().resume();

    EXPECT_LT(taken, 200ms);
}

TEST_F(SessionNetworkTest, IsClosedWithinTheBoundEvenIfTheServerDoesNotAnswer) {
    WatchedSession one{loop, proxy().port(), long_timeout};
    ASSERT_TRUE(connected(one));
    proxy().hold_requests(true);
    const auto before = loop.now();
    bool closed = false;
    one->close(300ms, [&] { closed = true; });

    ASSERT_TRUE(until([&] { return closed; }));
    EXPECT_GE(loop.now() - before, 300ms);
    EXPECT_LT(loop.now() - before, 1s);
}

TEST_F(SessionNetworkTest, IsClosedAtOnceWithoutAConnection) {
    WatchedSession one{loop, proxy().port(), long_timeout};
    bool closed = false;
    one->close(10s, [&] { closed = true; });

    EXPECT_TRUE(until([&] { return closed; }, 1s));
    EXPECT_TRUE(one.states.empty());
}

TEST_F(SessionNetworkTest, OwesNothingToItsAskersWhenItIsDestroyed) {
    WatchedSession one{loop, proxy().port(), long_timeout};
    ASSERT_TRUE(connected(one));
    proxy().hold_answers(true);
    bool answered = false;
    one->get(root, [&](auto) { answered = true; });
    one->multi({Set{root, "x"}}, [&](auto) { answered = true; });
    run_for(loop, 50ms);
    one.session.reset();
    run_for(loop, 50ms);

    EXPECT_FALSE(answered);
}

TEST_F(SessionNetworkTest, FindsTheSameSessionAtAnotherAddress) {
    test::TcpProxy second{loop, server().port(), "127.0.0.2"};
    WatchedSession one{loop, proxy().port(), long_timeout};
    ASSERT_TRUE(connected(one));
    const auto id = one->id();
    cut_off();
    ASSERT_TRUE(until([&] { return !one->is_connected(); }));
    one->use_servers({{"127.0.0.2", second.port()}});

    ASSERT_TRUE(connected(one));
    EXPECT_EQ(one->id(), id);
    EXPECT_EQ(second.connections_made(), 1u);
}

}  // namespace
}  // namespace redis_zk::zk
