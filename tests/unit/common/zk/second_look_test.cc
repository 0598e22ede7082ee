#include "common/zk/second_look.h"

#include "tests/unit/common/zk/world.h"

namespace redis_zk::zk {
namespace {

class SecondLookTest : public DirectTest {
  protected:
    std::string term() const { return root + "/term"; }
};

TEST_F(SecondLookTest, SeesWhatWasWrittenBeforeItBegan) {
    ASSERT_TRUE(make_path(*direct.session, term()));
    const auto other = keeper(server().port());
    WatchedNode node{*other, term(), {}};
    std::string seen;
    SecondLook look{*other, {{&node}, {}}, [&] { seen = node.node()->data; }};
    ASSERT_TRUE(set(*direct.session, term(), "7"));
    look.begin();
    EXPECT_TRUE(until([&] { return seen == "7"; }));
}

TEST_F(SecondLookTest, IsDoneWhenTheConnectionIsBack) {
    const auto other = keeper(proxy().port(), 10s);
    WatchedNode node{*other, term(), {}};
    int done = 0;
    SecondLook look{*other, {{&node}, {}}, [&] { ++done; }};
    ASSERT_TRUE(until([&] { return other->session() != nullptr; }));
    cut_off();
    ASSERT_TRUE(until([&] { return other->session() == nullptr; }));
    look.begin();
    run_for(loop, 1s);
    EXPECT_EQ(done, 0);
    proxy().refuse(false);
    ASSERT_TRUE(until([&] { return other->session() != nullptr; }));
    EXPECT_TRUE(until([&] { return done == 1; }, 1s))
        << "not after a pause that has grown meanwhile";
}

// A wrapper that stood still while ZooKeeper was away is none that is busy.
TEST_F(SecondLookTest, LetsTheLoopSleepWhileThereIsNoConnection) {
    const auto away = keeper(test::TcpProxy{loop, server().port()}.port());
    WatchedNode node{*away, term(), {}};
    SecondLook look{*away, {{&node}, {}}, [] {}};
    const int before = test::rounds_of(loop, 2s);
    look.begin();
    EXPECT_LT(test::rounds_of(loop, 2s), before + 15) << "of which the keeper makes " << before;
}

}  // namespace
}  // namespace redis_zk::zk
