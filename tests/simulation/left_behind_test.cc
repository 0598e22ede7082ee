// Sentinels that have failed over once, and whose wrappers stand still while all nodes move: one
// wrapper that works has to be enough to bring all of them along (behaviour 5 of sentinel-wrapper).
// On real servers: tests/integration/test_sentinel_wrapper.py.
#include <algorithm>

#include <gtest/gtest.h>

#include "redis-wrapper/core/decide.h"
#include "sentinel-wrapper/core/decide.h"
#include "tests/simulation/small_cluster.h"

namespace redis_zk::simulation {
namespace {

using namespace std::chrono_literals;
using Actions = std::vector<sentinel_wrapper::Action>;

class LeftBehind {
  public:
    LeftBehind(std::uint64_t seed, SentinelPolicy policy)
        : cluster_{seed, {redis_wrapper::decide, policy, nullptr}} {
        cluster_.sentinel("s1").child()->request_failover();
        world_.run(40s);
        for (const char* name : {"s2", "s3"}) cluster_.sentinel(name).freeze(1h);
        for (const auto& node : world_.nodes()) node->kill();
        world_.run(1s);
        std::uint16_t port = 7000;
        for (const auto& node : world_.nodes()) {
            node->move_to({node->address().host, port});
            node->start();
        }
    }

    bool do_all_follow() {
        const auto& master = world_.zookeeper.record().named;
        return std::ranges::all_of(world_.sentinels(), [&](const auto& it) {
            return it->child() != nullptr && it->child()->opinion().master == master;
        });
    }

    void wait(milliseconds time) { world_.run(time); }

    std::ptrdiff_t fail_overs() {
        return std::ranges::count_if(world_.transcript(), [](const std::string& line) {
            return line.find("+switch-master") != line.npos;
        });
    }

    bool is_epoch_known() {
        return std::ranges::all_of(world_.sentinels(), [](const auto& it) {
            return it->child()->opinion().config_epoch > 0;
        });
    }

  private:
    SmallCluster cluster_;
    World& world_ = cluster_.world;
};

TEST(LeftBehind, SentinelsAreBroughtAlongByOneThatIsToldTheNews) {
    for (std::uint64_t seed = 1; seed <= 10; ++seed) {
        LeftBehind story{seed, sentinel_wrapper::decide};
        ASSERT_TRUE(story.is_epoch_known()) << seed;
        story.wait(15s);
        EXPECT_TRUE(story.do_all_follow()) << seed;
        story.wait(1min);
        EXPECT_TRUE(story.do_all_follow()) << seed;
        EXPECT_EQ(story.fail_overs(), 1) << seed << ": that of the beginning";
    }
}

// Says SENTINEL REMOVE and MONITOR, as people do.
Actions tells_no_news(const sentinel_wrapper::View& view, TimePoint now) {
    Actions actions = sentinel_wrapper::decide(view, now);
    for (auto& action : actions)
        if (auto* monitor = std::get_if<sentinel_wrapper::Monitor>(&action)) monitor->news.reset();
    return actions;
}

// They know the living nodes through it, then, and fail over although there is a living master.
TEST(LeftBehind, SentinelsDragBackOneThatIsToldNoNews) {
    for (std::uint64_t seed = 1; seed <= 10; ++seed) {
        LeftBehind story{seed, tells_no_news};
        ASSERT_TRUE(story.is_epoch_known()) << seed;
        story.wait(75s);
        EXPECT_GT(story.fail_overs(), 1) << seed;
    }
}

}  // namespace
}  // namespace redis_zk::simulation
