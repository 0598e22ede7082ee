// Loss accounting: a master that was cut off, and killed or not, comes back with writes that its
// successor has not got. The real policy keeps them before they are replaced, and one that does not
// is caught.
#include "redis-wrapper/core/quarantine.h"

#include <gtest/gtest.h>

#include "redis-wrapper/core/decide.h"
#include "sentinel-wrapper/core/decide.h"
#include "tests/simulation/isolation.h"
#include "tests/simulation/small_cluster.h"

namespace redis_zk::simulation {
namespace {

using namespace std::chrono_literals;
using redis_wrapper::decide;
using redis_wrapper::View;
using Actions = std::vector<redis_wrapper::Action>;

constexpr std::uint64_t seeds = 20;

enum class End { is_closed, is_killed };

// In how many stories what only the former master had is thrown away, and nobody has kept it.
int thrown_away(Policy policy, End end) {
    int count = 0;
    for (std::uint64_t seed = 1; seed <= seeds; ++seed) {
        SmallCluster cluster{seed, {policy, sentinel_wrapper::decide, nullptr}};
        Node& former = cluster.master();
        isolate(cluster.world, former, 0, 30s);
        cluster.world.run(500ms);
        cluster.world.write();
        if (end == End::is_killed) former.kill();
        cluster.world.run(20s);
        cluster.world.write();
        if (end == End::is_killed) former.start();
        cluster.world.run(60s);
        const std::string& broken = cluster.world.broken_promise();
        EXPECT_TRUE(!broken.empty() || former.redis.link_up) << seed << ": it is a replica now";
        EXPECT_TRUE(!broken.empty() || former.disk.quarantine.size() == 1) << seed;
        count += broken.starts_with("loss accounting");
    }
    return count;
}

TEST(QuarantineStory, NothingIsThrownAwayThatWasNotKept) {
    EXPECT_EQ(thrown_away(decide, End::is_closed), 0);
    EXPECT_EQ(thrown_away(decide, End::is_killed), 0);
}

// Redis alone: it copies whom it is told to.
Actions copies_at_once(const View& view, TimePoint now) {
    View careless = view;
    careless.redis.own_writes = redis_wrapper::OwnWrites::none;
    return decide(careless, now);
}

TEST(QuarantineStory, OfANodeThatCopiesAtOnceIsCaught) {
    EXPECT_EQ(thrown_away(copies_at_once, End::is_closed), static_cast<int>(seeds));
    EXPECT_EQ(thrown_away(copies_at_once, End::is_killed), static_cast<int>(seeds));
}

}  // namespace
}  // namespace redis_zk::simulation
