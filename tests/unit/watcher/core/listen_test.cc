#include "watcher/core/listen.h"

#include <gtest/gtest.h>

#include "tests/unit/watcher/core/views.h"

namespace redis_zk::watcher {
namespace {

std::string chosen(const View& view, TimePoint now = t0) {
    return spoken_actions(choose_sentinel(view, now));
}

TEST(Listen, StaysWithASentinelThatIsWell) { EXPECT_EQ(chosen(calm()), ""); }

TEST(Listen, PicksAnyOfThemByChance) {
    View view = calm();
    view.listening = {};
    std::string all;
    for (view.chance = 0; view.chance < 3; ++view.chance) all += chosen(view);
    for (const Endpoint& sentinel : {sentinel_1, sentinel_2, sentinel_3})
        EXPECT_NE(all.find(core::spoken(sentinel)), std::string::npos);
}

TEST(Listen, PassesOverOneThatWasLostJustNow) {
    View view = calm();
    view.listening = {};
    view.sentinels[sentinel_1].shunned_until = t0 + 1s;
    for (view.chance = 0; view.chance < 3; ++view.chance)
        EXPECT_EQ(chosen(view).find(core::spoken(sentinel_1)), std::string::npos);
}

TEST(Listen, LeavesOneThatHasNoQuorumIfAnotherHas) {
    View view = calm();
    view.sentinels[sentinel_1].opinion.has_quorum = false;
    EXPECT_EQ(chosen(view),
              "listen to 10.0.1.2:26379, because 10.0.1.1:26379 says that it has no quorum");
    view.sentinels[sentinel_2].opinion.has_quorum = false;
    view.sentinels[sentinel_3].opinion.has_quorum = false;
    EXPECT_EQ(chosen(view), "");
}

TEST(Listen, LeavesOneThatBelievesSomethingOlderForSomeSeconds) {
    View view = calm();
    view.sentinels[sentinel_1].behind_since = t0;
    EXPECT_EQ(chosen(view, t0 + 3999ms), "");
    EXPECT_NE(chosen(view, t0 + 4s), "");
}

TEST(Listen, LeavesOneThatHasVanishedFromZooKeeper) {
    View view = calm();
    view.sentinels.erase(sentinel_1);
    EXPECT_NE(chosen(view).find("listen to 10.0.1.2:26379"), std::string::npos);
    view.sentinels.clear();
    EXPECT_NE(chosen(view).find("stop listening"), std::string::npos);
}

TEST(Listen, SaysWhyNobodyIsListenedTo) {
    View view = calm();
    EXPECT_FALSE(reason_not_to_listen(view));
    view.listening = {};
    EXPECT_TRUE(reason_not_to_listen(view));
    view.sentinels.clear();
    EXPECT_EQ(reason_not_to_listen(view)->reason, "no sentinel is registered");
}

}  // namespace
}  // namespace redis_zk::watcher
