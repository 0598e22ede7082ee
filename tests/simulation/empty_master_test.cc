// A master that comes back without its data before anybody has noticed, and is promoted by hand in
// the very instant in which its wrapper freezes: the sentinels still name it, it answers as a
// master of the cluster, and its replicas would be wiped if somebody opened it. Its own wrapper
// cannot take the promotion back, and a record would be an order to open it.
#include <gtest/gtest.h>

#include "redis-wrapper/core/decide.h"
#include "sentinel-wrapper/core/decide.h"
#include "tests/simulation/promises.h"
#include "tests/simulation/small_cluster.h"
#include "tests/simulation/watcher.h"
#include "watcher/core/decide.h"

namespace redis_zk::simulation {
namespace {

using namespace std::chrono_literals;

class EmptyMaster {
  public:
    EmptyMaster(std::uint64_t seed, WatcherPolicy policy)
        : cluster_{seed, {redis_wrapper::decide, sentinel_wrapper::decide, policy}} {
        for (const char* name : {"w1", "w2"}) world_.add_watcher(name).start();
        world_.run(5s);
        world_.write();
        world_.run(1s);
        Node& master = cluster_.master();
        master.kill();
        master.wipe_disk();
        master.start();
        while (master.redis.loading || !master.view().record.known) world_.run(1ms);
        master.promoted_by_sentinel();
        master.freeze(1h);
        empty_run_ = master.redis.run_id;
        for (int i = 0; i < 200; ++i) {
            world_.run(100ms);
            is_tempting_ = is_tempting_ ||
                           (master.redis.is_master && world_.do_sentinels_name(master.address()));
        }
    }

    // It is as the sentinels say, and still it must not be written down.
    bool is_tempting() const { return is_tempting_; }
    const std::string& broken_promise() const { return world_.broken_promise(); }
    bool is_recorded() const {
        const auto& written = world_.zookeeper.record().written;
        return written && written->run_id == empty_run_;
    }

    // The others have the data, and do without it.
    std::string why_not_healed_after(milliseconds time) {
        world_.run(time);
        return why_not_healed(world_);
    }
    const World& world() const { return world_; }

  private:
    SmallCluster cluster_;
    World& world_ = cluster_.world;
    std::string empty_run_;
    bool is_tempting_ = false;
};

TEST(EmptyMaster, IsNotRecordedByAWatcher) {
    for (std::uint64_t seed = 1; seed <= 20; ++seed) {
        const EmptyMaster story{seed, watcher::decide};
        EXPECT_TRUE(story.is_tempting()) << seed;
        EXPECT_FALSE(story.is_recorded()) << seed;
        EXPECT_EQ(story.broken_promise(), "") << seed;
    }
}

TEST(EmptyMaster, IsReplacedByANodeThatHasTheData) {
    for (std::uint64_t seed = 1; seed <= 20; ++seed) {
        EmptyMaster story{seed, watcher::decide};
        EXPECT_EQ(story.why_not_healed_after(60s), "") << seed;
        EXPECT_EQ(story.broken_promise(), "") << seed;
    }
}

// redis-zk: a master is a master, whatever it holds.
std::vector<watcher::Action> believes_that_everybody_has_data(const watcher::View& view,
                                                              TimePoint now) {
    watcher::View blind = view;
    for (auto& [node, probe] : blind.probes) {
        core::Member& entry = blind.last_entries[node];
        entry.run_id = probe.run_id;
        entry.lineage = core::Lineage{view.record.term(), 0};
    }
    return watcher::decide(blind, now);
}

TEST(EmptyMaster, IsRecordedByAWatcherThatDoesNotAskForItsData) {
    int caught = 0;
    for (std::uint64_t seed = 1; seed <= 20; ++seed) {
        const EmptyMaster story{seed, believes_that_everybody_has_data};
        caught += story.broken_promise().starts_with("P2 no-empty-promotion: a watcher");
    }
    EXPECT_GT(caught, 0);
}

}  // namespace
}  // namespace redis_zk::simulation
