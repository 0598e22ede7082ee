// Proves that the simulation can fail: for each promise a policy that is broken on purpose, and a
// seed with which the simulation catches it. Each breaks what a real program of this kind broke.
#include <gtest/gtest.h>

#include "redis-wrapper/core/decide.h"
#include "redis-wrapper/core/election.h"
#include "tests/simulation/faults.h"

namespace redis_zk::simulation {
namespace {

using redis_wrapper::Action;
using redis_wrapper::decide;
using redis_wrapper::View;
using Actions = std::vector<Action>;

// Some run of the first seeds breaks this promise first.
bool breaks(const std::string& promise, Policy policy, std::uint64_t seeds = 500) {
    for (std::uint64_t seed = 1; seed <= seeds; ++seed)
        if (run_with_faults(seed, policy).broken_promise.rfind(promise, 0) == 0) return true;
    return false;
}

// The control; `simulate` runs it with thousands of seeds.
TEST(Simulation, KeepsEveryPromiseWithTheRealPolicy) { EXPECT_FALSE(breaks("P", decide, 50)); }

// redis-zk: looks whether there is a master, then promotes, without looking again under a lock.
Actions looks_before_it_locks(const View& view, TimePoint now) {
    Actions actions = decide(view, now);
    for (Action& action : actions) {
        if (std::holds_alternative<redis_wrapper::TakeLock>(action))
            action = redis_wrapper::Promote{"nobody is master as far as this node has seen"};
    }
    const bool unpublished = view.redis.role == core::Role::master && !view.redis.open;
    if (unpublished) actions.push_back(redis_wrapper::Open{"promoted"});
    return actions;
}

TEST(Simulation, CatchesAPolicyThatLooksBeforeItLocks) {
    EXPECT_TRUE(breaks("P1", looks_before_it_locks));
}

// Elects by itself while sentinels do the same.
Actions does_not_ask_the_sentinels(const View& view, TimePoint now) {
    View blind = view;
    blind.sentinels.opinions.clear();
    return decide(blind, now);
}

TEST(Simulation, CatchesAPolicyThatDoesNotAskTheSentinels) {
    EXPECT_TRUE(breaks("P1", does_not_ask_the_sentinels));
}

// Sentinel, Dictator: any living node is a candidate, whatever its data are.
Actions ranks_without_lineage(const View& view, TimePoint now) {
    View blind = view;
    const core::Lineage same{view.record.term(), 0};
    blind.redis.lineage = same;
    for (auto& [id, member] : blind.members) member.lineage = same;
    return decide(blind, now);
}

TEST(Simulation, CatchesAPolicyThatRanksWithoutLineage) {
    EXPECT_TRUE(breaks("P2", ranks_without_lineage));
}

// Dictator: publishes before it promotes.
Actions publishes_before_it_promotes(const View& view, TimePoint now) {
    Actions actions = decide(view, now);
    for (Action& action : actions)
        if (std::holds_alternative<redis_wrapper::Promote>(action))
            action = redis_wrapper::Publish{{redis_wrapper::next_term(view),
                                             view.self.address,
                                             redis_wrapper::cluster_of(view),
                                             view.self.id,
                                             view.redis.run_id,
                                             {},
                                             view.self.name,
                                             "elected"}};
    return actions;
}

TEST(Simulation, CatchesAPolicyThatPublishesBeforeItPromotes) {
    EXPECT_TRUE(breaks("P3", publishes_before_it_promotes));
}

// A term that does not grow: the record of a deposed writer could overwrite a newer one.
Actions never_raises_the_term(const View& view, TimePoint now) {
    Actions actions = decide(view, now);
    for (Action& action : actions)
        if (auto* publish = std::get_if<redis_wrapper::Publish>(&action)) publish->record.term = 1;
    return actions;
}

TEST(Simulation, CatchesAPolicyThatNeverRaisesTheTerm) {
    EXPECT_TRUE(breaks("P3", never_raises_the_term));
}

// Waits for the recorded master for ever, as one does who trusts the record.
Actions trusts_the_record(const View& view, TimePoint now) {
    Actions actions = decide(view, now);
    if (view.record.master())
        std::erase_if(actions, [](const Action& action) {
            return std::holds_alternative<redis_wrapper::TakeLock>(action);
        });
    return actions;
}

TEST(Simulation, CatchesAPolicyThatWaitsForTheRecordedMasterForEver) {
    EXPECT_TRUE(breaks("P4", trusts_the_record));
}

}  // namespace
}  // namespace redis_zk::simulation
