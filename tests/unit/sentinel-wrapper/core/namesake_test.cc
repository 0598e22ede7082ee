#include "sentinel-wrapper/core/namesake.h"

#include <algorithm>

#include <gtest/gtest.h>

#include "sentinel-wrapper/core/decide.h"
#include "tests/unit/sentinel-wrapper/core/views.h"

namespace redis_zk::sentinel_wrapper {
namespace {

const Endpoint elsewhere{"10.0.1.9", 26379};

View without_zookeeper() {
    View view = monitoring();
    view.zookeeper_connected = false;
    view.informed_since.reset();
    return view;
}

PeerProbe answer_of(const std::string& id, std::optional<Endpoint> knows_us_at = {}) {
    PeerProbe peer;
    peer.answer = PeerProbe::Answer::alive;
    peer.id = id;
    peer.knows_us_at = std::move(knows_us_at);
    return peer;
}

TEST(Namesake, IsSearchedWhileZooKeeperCannotBeRead) {
    View view = without_zookeeper();
    EXPECT_EQ(peers_to_ask_for_us(view, t0), (std::vector{sentinel_2, sentinel_3}));
    const auto actions = decide(view, t0);
    EXPECT_EQ(std::ranges::count_if(
                  actions, [](const auto& it) { return std::holds_alternative<AskPeer>(it); }),
              2);
    view.zookeeper_connected = true;
    EXPECT_TRUE(peers_to_ask_for_us(view, t0).empty());
    view = without_zookeeper();
    view.sentinel.state = OwnSentinel::State::stopped;
    EXPECT_TRUE(peers_to_ask_for_us(view, t0).empty());
}

TEST(Namesake, IsSearchedOnceASecond) {
    View view = without_zookeeper();
    observe_performed(view, AskPeer{sentinel_2}, t0);
    EXPECT_EQ(peers_to_ask_for_us(view, t0), (std::vector{sentinel_3})) << "it is being asked";
    observe_peer(view, sentinel_2, answer_of("id2"), t0);
    EXPECT_EQ(peers_to_ask_for_us(view, t0 + 1s - 1ms), (std::vector{sentinel_3}));
    EXPECT_EQ(peers_to_ask_for_us(view, t0 + 1s), (std::vector{sentinel_2, sentinel_3}));
}

TEST(Namesake, IsAskedWhereTheOthersKnowOurId) {
    View view = without_zookeeper();
    observe_peer(view, sentinel_2, answer_of("id2", sentinel_1), t0);
    observe_peer(view, sentinel_3, answer_of("id3", elsewhere), t0);
    EXPECT_EQ(peers_to_ask_for_us(view, t0), (std::vector{elsewhere})) << "where we are is no news";
    EXPECT_FALSE(namesake(view, t0)) << "that one may be gone";
}

TEST(Namesake, IsWhoAnswersElsewhereUnderOurId) {
    View view = without_zookeeper();
    observe_peer(view, elsewhere, answer_of("another"), t0);
    EXPECT_FALSE(namesake(view, t0));
    observe_peer(view, sentinel_1, answer_of("id1"), t0);
    EXPECT_FALSE(namesake(view, t0)) << "that is ours";
    observe_peer(view, elsewhere, answer_of("id1"), t0);
    EXPECT_EQ(namesake(view, t0), elsewhere);
    EXPECT_FALSE(namesake(view, t0 + 5001ms)) << "it may have gone meanwhile";
    PeerProbe silent;
    silent.answer = PeerProbe::Answer::silent;
    observe_peer(view, elsewhere, silent, t0);
    EXPECT_FALSE(namesake(view, t0));
}

TEST(Namesake, IsNobodyOnceZooKeeperHasConfirmedThatTheIdIsOurs) {
    View view = without_zookeeper();
    observe_peer(view, elsewhere, answer_of("id1"), t0);
    view.zookeeper_connected = true;
    EXPECT_FALSE(the<Kill>(decide(view, t0)));
    view.identity.confirmed = false;
    EXPECT_EQ(namesake(view, t0), elsewhere);
}

// The answer is younger than the 5 s for which it counts, and ZooKeeper may be away once more.
TEST(Namesake, IsNobodyByAnAnswerToAFormerLife) {
    View view = without_zookeeper();
    observe_peer(view, elsewhere, answer_of("id1"), t0);
    observe_sentinel_gone(view);
    observe_performed(view, Start{"id1", at_a, 2, "", {}}, t0);
    EXPECT_FALSE(namesake(view, t0 + 1s));
    observe_peer(view, elsewhere, answer_of("id1"), t0 + 1s);
    EXPECT_EQ(namesake(view, t0 + 1s), elsewhere);
}

TEST(Namesake, SilencesOursUntilZooKeeperIsBack) {
    View view = without_zookeeper();
    observe_peer(view, elsewhere, answer_of("id1"), t0);
    EXPECT_EQ(deeds(decide(view, t0)),
              "kill the sentinel, because its id is that of the sentinel at 10.0.1.9:26379 by now, "
              "and it must not vote under it");
    observe_sentinel_gone(view);
    EXPECT_EQ(reason_to_wait(decide(view, t0)),
              "ZooKeeper is unreachable, and only there it is known whose the sentinel's id is");
}

}  // namespace
}  // namespace redis_zk::sentinel_wrapper
