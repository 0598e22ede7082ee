#include "common/zk/session_keeper.h"

#include <algorithm>

#include "tests/unit/common/event/name_server.h"
#include "tests/unit/common/zk/world.h"

namespace redis_zk::zk {
namespace {

class Diary : public SessionUser {
  public:
    explicit Diary(SessionKeeper& keeper) : SessionUser{keeper} {}
    std::vector<std::string> lines;
    std::vector<SessionId> ids;
    using SessionUser::failed;

  private:
    void session_ready(Session& session) override {
        lines.push_back("ready");
        ids.push_back(session.id());
    }
    void session_away() override { lines.push_back("away"); }
    void session_ended() override { lines.push_back("ended"); }
};

using Lines = std::vector<std::string>;
class SessionKeeperTest : public ZooKeeperTest {};

TEST_F(SessionKeeperTest, TellsItsUsersWhenThereIsASession) {
    const auto kept = keeper(server().port());
    Diary early{*kept};
    EXPECT_EQ(kept->session(), nullptr);
    ASSERT_TRUE(until([&] { return kept->session() != nullptr; }));
    Diary late{*kept};
    EXPECT_TRUE(late.lines.empty());

    EXPECT_TRUE(until([&] { return !late.lines.empty(); }));
    EXPECT_EQ(early.lines, Lines{"ready"});
    EXPECT_EQ(late.lines, Lines{"ready"});
    EXPECT_TRUE(was_said("session timeout 20 s (asked for: 20 s)"));
}

TEST_F(SessionKeeperTest, LooksNamesUp) {
    auto options = keeper_options(server().port(), long_timeout);
    options.servers.front().host = "localhost";
    SessionKeeper kept{loop, resolver, options, [](const std::string&) {}};

    EXPECT_TRUE(until([&] { return kept.session() != nullptr; }));
}

// Trap 5: the C client would look a name up once, and block; we do it again after each loss.
TEST_F(SessionKeeperTest, FollowsANameToItsNewAddressAndKeepsTheSession) {
    test::TcpProxy old_home{loop, server().port(), "127.0.0.2"};
    test::TcpProxy new_home{loop, server().port(), "127.0.0.3", old_home.port()};
    std::string address{127, 0, 0, 2};
    event::NameServer names{loop, [&](event::NameServer::Type type) {
                                const bool is_ipv4 = type == event::NameServer::Type::ipv4;
                                return event::NameServer::Answer{.data = is_ipv4 ? address : ""};
                            }};
    ASSERT_TRUE(names.works());
    event::Resolver its_resolver{loop, {names.address()}};
    SessionKeeper kept{loop,
                       its_resolver,
                       {{{"zk.example", old_home.port()}}, long_timeout, {}},
                       [](const std::string&) {}};
    Diary diary{kept};
    ASSERT_TRUE(until([&] { return kept.session() != nullptr; }));
    EXPECT_EQ(new_home.connections_made(), 0u);

    address.back() = 3;
    old_home.refuse(true);
    old_home.cut();
    ASSERT_TRUE(until([&] { return diary.ids.size() == 2; }));
    EXPECT_EQ(diary.lines, (Lines{"ready", "away", "ready"}));
    EXPECT_EQ(diary.ids[0], diary.ids[1]);
    EXPECT_EQ(new_home.connections_made(), 1u);
}

TEST_F(SessionKeeperTest, IsContentWithTheServersThatHaveAnAddress) {
    auto options = keeper_options(server().port(), long_timeout);
    options.servers.push_back({"not a name", 2181});
    SessionKeeper kept{loop, resolver, options, [](const std::string&) {}};

    EXPECT_TRUE(until([&] { return kept.session() != nullptr; }));
}

TEST_F(SessionKeeperTest, KeepsTheSessionWhenAConnectionIsLost) {
    const auto kept = keeper(proxy().port());
    Diary diary{*kept};
    ASSERT_TRUE(until([&] { return kept->session() != nullptr; }));
    proxy().cut();

    ASSERT_TRUE(until([&] { return diary.lines.size() == 3; }));
    EXPECT_EQ(diary.lines, (Lines{"ready", "away", "ready"}));
    EXPECT_EQ(diary.ids[0], diary.ids[1]);
    EXPECT_TRUE(was_said("the connection to ZooKeeper is lost"));
    EXPECT_TRUE(was_said("connected to ZooKeeper again"));
}

TEST_F(SessionKeeperTest, MakesANewSessionAfterAnExpiry) {
    const auto kept = keeper(proxy().port(), short_timeout);
    Diary diary{*kept};
    ASSERT_TRUE(until([&] { return kept->session() != nullptr; }));
    ASSERT_TRUE(expire());

    ASSERT_TRUE(until([&] { return diary.ids.size() == 2; }));
    EXPECT_EQ(diary.lines, (Lines{"ready", "away", "ended", "ready"}));
    EXPECT_NE(diary.ids[0], diary.ids[1]);
}

TEST_F(SessionKeeperTest, ForgetsTheQuestionsOfAUserThatIsGone) {
    const auto kept = keeper(server().port());
    ASSERT_TRUE(until([&] { return kept->session() != nullptr; }));
    auto diary = std::make_unique<Diary>(*kept);
    bool answered = false;
    kept->session()->get(
        "/", [&](auto) { answered = true; }, {}, static_cast<const SessionUser*>(diary.get()));
    diary.reset();
    run_for(loop, 100ms);

    EXPECT_FALSE(answered);
}

TEST_F(SessionKeeperTest, AsksAUserAgainAfterAFailureAndReportsARefusalOnce) {
    const auto kept = keeper(server().port());
    Diary diary{*kept};
    ASSERT_TRUE(until([&] { return diary.lines.size() == 1; }));
    diary.failed({core::Fault::refused, "cannot do it", -102});
    ASSERT_TRUE(until([&] { return diary.lines.size() == 2; }));
    diary.failed({core::Fault::refused, "cannot do it", -102});
    ASSERT_TRUE(until([&] { return diary.lines.size() == 3; }));

    EXPECT_EQ(std::ranges::count(events, "cannot do it"), 1);
}

TEST_F(SessionKeeperTest, SaysThatItStillWaits) {
    proxy().refuse(true);
    const auto kept = keeper(proxy().port());

    EXPECT_TRUE(until([&] { return was_said("still no connection to ZooKeeper at 127.0.0.1:"); }));
    proxy().refuse(false);
    EXPECT_TRUE(until([&] { return kept->session() != nullptr; }));
}

TEST_F(SessionKeeperTest, WaitsForAServerThatIsNotThereYet) {
    server().kill();
    const auto kept = keeper(server().port());
    run_for(loop, 200ms);
    server().start();

    EXPECT_TRUE(until([&] { return kept->session() != nullptr; }));
}

TEST_F(SessionKeeperTest, EndsTheSessionOnTheWayOut) {
    WatchedSession other{loop, server().port(), long_timeout};
    ASSERT_TRUE(connected(other));
    const auto kept = keeper(server().port());
    Diary diary{*kept};
    ASSERT_TRUE(until([&] { return kept->session() != nullptr; }));
    ASSERT_TRUE(create(*kept->session(), root, "", CreateMode::ephemeral));
    bool closed = false;
    kept->close(5s, [&] { closed = true; });

    ASSERT_TRUE(until([&] { return closed; }, 4s));
    EXPECT_EQ(kept->session(), nullptr);
    EXPECT_EQ(diary.lines, (Lines{"ready", "ended"}));
    EXPECT_FALSE(*get(*other.session, root));
}

TEST_F(SessionKeeperTest, IsClosedSoonWithoutAConnection) {
    proxy().refuse(true);
    auto kept = keeper(proxy().port());
    bool closed = false;
    kept->close(10s, [&] {
        closed = true;
        kept.reset();
    });
    EXPECT_FALSE(closed);

    EXPECT_TRUE(until([&] { return closed; }, 1s));
}

}  // namespace
}  // namespace redis_zk::zk
