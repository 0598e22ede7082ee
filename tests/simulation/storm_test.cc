// A redis that crashes soon after each of its promotions: its node leaves it to others to lead, and
// leads when there are none.
#include "redis-wrapper/core/storm.h"

#include <algorithm>

#include <gtest/gtest.h>

#include "tests/simulation/breaks.h"
#include "tests/simulation/promises.h"
#include "tests/simulation/small_cluster.h"

namespace redis_zk::simulation {
namespace {

using namespace std::chrono_literals;
using redis_wrapper::decide;
using redis_wrapper::View;
using Actions = std::vector<redis_wrapper::Action>;

constexpr std::uint64_t seeds = 20;
constexpr int for_ever = 1000;

// Three nodes under a scheduler that starts again whatever ends; without sentinels, so that a
// master that is back in time leads again.
class Storm {
  public:
    explicit Storm(std::uint64_t seed, Policy policy = decide) : world{settings(seed, policy)} {
        for (const char* name : {"n1", "n2", "n3"}) world.add_node(name).start();
        world.run(20s);
    }

    Node& master() { return *world.node_at(*world.zookeeper.record().named); }

    void crash_for_ever(Node& node) {
        node.crash_when_open(for_ever);
        node.redis_ends();
    }

    World world;

  private:
    static Settings settings(std::uint64_t seed, Policy policy) {
        Settings settings = settings_for_story(seed, {policy});
        settings.scheduler_restarts = true;
        return settings;
    }
};

TEST(Storm, EndsWithAnotherMaster) {
    for (std::uint64_t seed = 1; seed <= seeds; ++seed) {
        Storm storm{seed};
        Node& cursed = storm.master();
        storm.crash_for_ever(cursed);
        storm.world.run(5min);
        EXPECT_EQ(why_not_healed(storm.world), "") << seed;
        EXPECT_NE(&storm.master(), &cursed) << seed;
        EXPECT_EQ(storm.world.broken_promise(), "") << seed;
    }
}

// It has the data, so it tries for as long as it takes.
TEST(Storm, KeepsNobodyFromLeadingWhoIsAlone) {
    for (std::uint64_t seed = 1; seed <= seeds; ++seed) {
        Storm storm{seed};
        Node& cursed = storm.master();
        storm.crash_for_ever(cursed);
        storm.world.run(5min);
        for (const auto& node : storm.world.nodes())
            if (node.get() != &cursed) node->kill();
        cursed.crash_when_open(0);
        storm.world.run(90s);
        EXPECT_EQ(&storm.master(), &cursed) << seed;
        EXPECT_TRUE(cursed.redis.accepts_writes()) << seed << ": " << cursed.doing();
    }
}

TEST(Storm, HealsWhenAllCrash) {
    for (std::uint64_t seed = 1; seed <= seeds; ++seed) {
        Storm storm{seed};
        for (const auto& node : storm.world.nodes()) storm.crash_for_ever(*node);
        storm.world.run(20min);
        const bool all = std::ranges::all_of(storm.world.nodes(), [](const auto& node) {
            return node->disk.claim && node->disk.claim->early_crashes.count > 0;
        });
        EXPECT_TRUE(all) << seed;
        for (const auto& node : storm.world.nodes()) node->crash_when_open(0);
        storm.world.run(90s);
        EXPECT_EQ(why_not_healed(storm.world), "") << seed;
        EXPECT_EQ(storm.world.broken_promise(), "") << seed;
    }
}

// A replica that steps back for the other one, and what it has got when first the link of the other
// one is cut, and then the master is gone: cut off too, or dead.
struct SteppedBack {
    enum class Fault { cut, death };
    SteppedBack(std::uint64_t seed, Fault fault, Policy policy = decide) : cluster{seed, {policy}} {
        Node& master = cluster.master();
        for (const auto& node : world.nodes())
            if (node.get() != &master) (one == nullptr ? one : other) = node.get();
        one->kill();
        one->disk.claim->early_crashes = {redis_wrapper::early_crashes_of_a_storm,
                                          world.unix_time()};
        one->start();
        world.run(20s);
        was_offered = one->redis.offered;

        world.cut_link(master, *other, 1min);
        world.write();
        world.run(1s);
        if (fault == Fault::death) master.kill();
        if (fault == Fault::cut) {
            world.cut_link(master, *one, 1min);
            for (const auto& sentinel : world.sentinels()) world.cut_link(master, *sentinel, 1min);
        }
        had = one->redis.version;
        other_had = other->redis.version;
        world.run(20s);
    }
    bool is_there_what_it_had() {
        return world.versions.continues(cluster.master().redis.version, had);
    }

    SmallCluster cluster;
    World& world = cluster.world;
    Node* one = nullptr;
    Node* other = nullptr;
    bool was_offered = false;
    Version had = Versions::empty;
    Version other_had = Versions::empty;
};

// It may have been acknowledged for its sake.
TEST(Storm, CostsNothingThatOnlyTheNodeThatStepsBackHasGot) {
    for (const auto fault : {SteppedBack::Fault::cut, SteppedBack::Fault::death}) {
        for (std::uint64_t seed = 1; seed <= seeds; ++seed) {
            SteppedBack stepped_back{seed, fault};
            EXPECT_FALSE(stepped_back.was_offered) << seed;
            EXPECT_NE(stepped_back.had, stepped_back.other_had) << seed;
            EXPECT_TRUE(stepped_back.is_there_what_it_had()) << seed;
            EXPECT_EQ(&stepped_back.cluster.master(), stepped_back.one) << seed;
            EXPECT_EQ(stepped_back.world.broken_promise(), "") << seed;
        }
    }
}

// Without what was added after the chaos suite had lost fifty writes.
Actions never_offers_who_steps_back(const View& view, TimePoint now) {
    Actions actions = decide(view, now);
    if (redis_wrapper::may_be_ahead(view))
        std::erase_if(actions, [](const redis_wrapper::Action& action) {
            return std::holds_alternative<redis_wrapper::Offer>(action);
        });
    return actions;
}

TEST(Storm, CostsWritesWithAPolicyThatTrustsASilentLink) {
    for (const auto fault : {SteppedBack::Fault::cut, SteppedBack::Fault::death}) {
        int broken = 0;
        for (std::uint64_t seed = 1; seed <= seeds; ++seed) {
            SteppedBack stepped_back{seed, fault, never_offers_who_steps_back};
            broken += stepped_back.world.broken_promise().starts_with("P2");
        }
        EXPECT_GT(broken, 0);
    }
}

// As without the guard: the restarted master leads again, and crashes again.
Actions forgives_at_once(const View& view, TimePoint now) {
    View forgiving = view;
    forgiving.early_crashes = {};
    return decide(forgiving, now);
}

TEST(Storm, GoesOnWithAPolicyThatForgivesAtOnce) {
    int caught = 0;
    for (std::uint64_t seed = 1; seed <= seeds; ++seed) {
        Storm storm{seed, forgives_at_once};
        storm.crash_for_ever(storm.master());
        storm.world.run(5min);
        caught += storm.world.broken_promise().starts_with("P4 storm");
    }
    EXPECT_GT(caught, 0);
}

TEST(Simulation, CatchesAPolicyThatForgivesCrashesAtOnce) {
    EXPECT_TRUE(breaks("P4 storm", forgives_at_once));
}

// All that crash leave it to others, also when there are none.
Actions steps_back_for_nobody(const View& view, TimePoint now) {
    Actions actions = decide(view, now);
    if (redis_wrapper::crashes_early(view))
        std::erase_if(actions, [](const redis_wrapper::Action& action) {
            return std::holds_alternative<redis_wrapper::TakeLock>(action);
        });
    return actions;
}

TEST(Simulation, CatchesAPolicyThatStepsBackForNobody) {
    EXPECT_TRUE(breaks("P4 always-heals", steps_back_for_nobody));
}

}  // namespace
}  // namespace redis_zk::simulation
