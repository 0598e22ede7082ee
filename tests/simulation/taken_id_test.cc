// A sentinel that was cut off from everybody until its id was lent to another one, and then reaches
// the others but not ZooKeeper (sentinel-wrapper/core/namesake.h).
#include <gtest/gtest.h>

#include "tests/simulation/small_cluster.h"

namespace redis_zk::simulation {
namespace {

using namespace std::chrono_literals;

constexpr milliseconds time_to_find_out = 10s;
constexpr std::uint64_t seeds = 10;

class TakenId : public SmallCluster {
  public:
    explicit TakenId(std::uint64_t seed) : SmallCluster{seed, {}} {}

    // Everybody but ZooKeeper is reached again when this returns.
    void lend_the_id_of_s1_to_s2() {
        const milliseconds time =
            world.settings.session_timeout + world.settings.ghost_timeout + 20s;
        sentinel("s1").cut_from_zookeeper(time + 1min);
        for (const auto& other : world.sentinels())
            if (other->name() != "s1") world.cut_link(sentinel("s1"), *other, time);
        for (const auto& node : world.nodes()) world.cut_link(sentinel("s1"), *node, time);
        world.run(time - 10s);
        sentinel("s2").kill();
        sentinel("s2").move_to({"10.1.2.1", 31000});
        world.cut_link(sentinel("s1"), sentinel("s2"), 10s);
        sentinel("s2").start();
        world.run(10s);
    }
};

TEST(TakenId, IsNotVotedUnderByTheFormerOwnerForLong) {
    for (std::uint64_t seed = 1; seed <= seeds; ++seed) {
        TakenId story{seed};
        const std::string id = story.sentinel("s1").child()->id();
        story.lend_the_id_of_s1_to_s2();
        ASSERT_NE(story.sentinel("s1").child(), nullptr) << seed << ": it reaches nobody";
        ASSERT_EQ(story.sentinel("s2").child()->id(), id) << seed;
        story.world.run(time_to_find_out);
        EXPECT_EQ(story.sentinel("s1").child(), nullptr) << seed;
        EXPECT_NE(story.sentinel("s1").doing().find("whose the sentinel's id is"),
                  std::string::npos)
            << story.sentinel("s1").doing();
        ASSERT_NE(story.sentinel("s2").child(), nullptr) << seed << ": it is the owner";
        story.world.run(90s);
        ASSERT_NE(story.sentinel("s1").child(), nullptr) << seed << ": ZooKeeper is back";
        EXPECT_NE(story.sentinel("s1").child()->id(), id) << seed;
        EXPECT_EQ(story.world.broken_promise(), "") << seed;
    }
}

TEST(TakenId, IsFearedByNobodyWhileZooKeeperIsAwayForAll) {
    for (std::uint64_t seed = 1; seed <= seeds; ++seed) {
        TakenId story{seed};
        story.world.zookeeper_is_up = false;
        for (const auto& sentinel : story.world.sentinels()) sentinel->cut_from_zookeeper(10min);
        story.world.run(5min);
        for (const auto& sentinel : story.world.sentinels()) {
            ASSERT_NE(sentinel->child(), nullptr) << seed << ' ' << sentinel->doing();
            EXPECT_TRUE(sentinel->child()->look().has_quorum) << seed;
        }
    }
}

}  // namespace
}  // namespace redis_zk::simulation
