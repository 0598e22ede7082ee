// The traps of the C client that no network can be made to show for certain: the linker puts this
// file between the Session and the client's zookeeper_interest() (-Wl,--wrap).
#include "common/zk/session_library.h"

#include <sys/socket.h>

#include "common/event/descriptor.h"
#include "common/zk/fault.h"
#include "tests/unit/common/zk/world.h"

namespace {

// What the client does in this test. As it is, unless a test says otherwise.
struct Client {
    int calls = 0;
    int depth = 0;  // how many of them are under way
    int deepest = 0;
    // It fails, and leaves the number of a socket that is not its own: that of a closed one, say.
    std::optional<int> stale_descriptor;
};
Client client;

}  // namespace

extern "C" int __real_zookeeper_interest(zhandle_t*, int*, int*, timeval*);
extern "C" int __wrap_zookeeper_interest(zhandle_t* handle, int* descriptor, int* interest,
                                         timeval* wait) {
    ++client.calls;
    if (client.stale_descriptor) {
        *descriptor = *client.stale_descriptor;
        *interest = ZOOKEEPER_READ | ZOOKEEPER_WRITE;
        *wait = {0, 0};
        return ZOPERATIONTIMEOUT;
    }
    client.deepest = std::max(client.deepest, ++client.depth);
    const int code = __real_zookeeper_interest(handle, descriptor, interest, wait);
    --client.depth;
    return code;
}

namespace redis_zk::zk {
namespace {

class SessionLibraryTest : public ZooKeeperTest {
  protected:
    SessionLibraryTest() {
        client = {};
        int pair[2] = {-1, -1};
        EXPECT_EQ(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, pair), 0);
        stranger = event::Descriptor{pair[0]};
        other_end = event::Descriptor{pair[1]};
    }
    ~SessionLibraryTest() override { client = {}; }

    bool is_other_end_alive() {
        char letter = 'x';
        const bool is_sent = send(stranger.number(), &letter, 1, MSG_NOSIGNAL) == 1;
        return is_sent && recv(other_end.number(), &letter, 1, MSG_DONTWAIT) == 1;
    }

    // Somebody else's socket, whose number the C client believes to be its own.
    event::Descriptor stranger;
    event::Descriptor other_end;
};

// Trap 1: a silence is noticed inside the call that asks what to wait for, and the answers that are
// owed come from in there. Whoever is told may do what he likes with the session.
TEST_F(SessionLibraryTest, TellsNobodyAnythingFromInsideTheClient) {
    std::vector<int> depths;
    Session one{loop, {{{"127.0.0.1", proxy().port()}}, short_timeout, {}}, [&](SessionState) {
                    depths.push_back(client.depth);
                }};
    ASSERT_TRUE(until([&] { return one.is_connected(); }));
    proxy().hold_answers(true);
    bool is_answered = false;
    one.get(root, [&](const core::Result<std::optional<Node>>& answer) {
        EXPECT_FALSE(answer);
        depths.push_back(client.depth);
        one.use_servers({{"127.0.0.2", proxy().port()}});
        is_answered = true;
    });

    ASSERT_TRUE(until([&] { return is_answered && !one.is_connected(); }));
    EXPECT_EQ(depths, (std::vector{0, 0, 0}));  // connected, answered, lost
    EXPECT_EQ(client.deepest, 1);
}

// Trap 3: neither waits for that descriptor nor takes "look again after 0 ms" for an answer.
TEST_F(SessionLibraryTest, AsksSeldomWhileTheClientFails) {
    WatchedSession one{loop, server().port(), long_timeout};
    ASSERT_TRUE(connected(one));
    run_for(loop, 50ms);
    ASSERT_EQ(send(other_end.number(), "x", 1, 0), 1);  // always ready
    client.stale_descriptor = stranger.number();
    one->get(root, [](auto) {});
    const int before = client.calls;
    run_for(loop, 500ms);

    EXPECT_GE(client.calls - before, 2);
    EXPECT_LT(client.calls - before, 10);
    client.stale_descriptor.reset();
    EXPECT_TRUE(answer<std::optional<Node>>([&](auto done) { one->get(root, done); }));
    EXPECT_TRUE(is_other_end_alive());
}

// Trap 3: on the way out a live connection is cut by its number.
TEST_F(SessionLibraryTest, LeavesADescriptorAloneThatComesWithAnError) {
    WatchedSession one{loop, server().port(), long_timeout};
    ASSERT_TRUE(connected(one));
    client.stale_descriptor = stranger.number();
    one.session.reset();

    EXPECT_TRUE(is_other_end_alive());
}

}  // namespace
}  // namespace redis_zk::zk
