// Proves that the simulation can fail: for each promise a policy that is broken on purpose, and a
// seed with which the simulation catches it. Each breaks what a real program of this kind broke.
#include <gtest/gtest.h>

#include "redis-wrapper/core/decide.h"
#include "redis-wrapper/core/election.h"
#include "sentinel-wrapper/core/decide.h"
#include "tests/simulation/breaks.h"
#include "watcher/core/decide.h"

namespace redis_zk::simulation {
namespace {

using redis_wrapper::Action;
using redis_wrapper::decide;
using redis_wrapper::View;
using Actions = std::vector<Action>;

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

// A plain Redis: whoever is promoted takes writes at once, also beside a master that lives.
Actions obeys_whoever_promotes_it(const View& view, TimePoint now) {
    Actions actions = decide(view, now);
    const bool is_closed_master = view.redis.role == core::Role::master && !view.redis.open;
    if (is_closed_master) actions.push_back(redis_wrapper::Open{"promoted"});
    return actions;
}

TEST(Simulation, CatchesAPolicyThatObeysWhoeverPromotesIt) {
    EXPECT_TRUE(breaks("P1", obeys_whoever_promotes_it));
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

// A master under a scheduler that starts it again at its address: it goes on with what it finds,
// and its replicas, which have not even noticed that it was gone, copy that.
Actions goes_on_with_older_data(const View& view, TimePoint now) {
    const auto& record = view.record.written;
    const bool was_master = record && record->node == view.self.id;
    const bool is_back = was_master && view.registered && view.redis.role == core::Role::parked;
    if (is_back && !core::is_pending(view.in_flight.redis_command, now))
        return {redis_wrapper::Promote{"the record names this node"}};
    return decide(view, now);
}

TEST(Simulation, CatchesAPolicyWithWhichReplicasFollowAnOlderRestartedMaster) {
    EXPECT_TRUE(breaks("P2 no-empty-promotion: the older", goes_on_with_older_data));
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

// Waits for the wrapper of a chosen master to open it, as one does who thinks that it is there.
Actions waits_for_whoever_was_chosen(const View& view, TimePoint now) {
    View blind = view;
    blind.abandoned_since.clear();
    return decide(blind, now);
}

TEST(Simulation, CatchesAPolicyThatWaitsForAFrozenSuccessorForEver) {
    EXPECT_TRUE(breaks("P4", waits_for_whoever_was_chosen));
}

// Waits for missing nodes anew whenever it was cut off from ZooKeeper, be it for a moment.
Actions waits_anew_after_each_gap(const View& view, TimePoint now) {
    View forgetful = view;
    forgetful.patience_began = view.informed_since;
    return decide(forgetful, now);
}

TEST(Simulation, CatchesAPolicyThatWaitsAnewAfterEachLostConnection) {
    EXPECT_TRUE(breaks("P4 always-heals: while connections break", waits_anew_after_each_gap));
}

// Reads the record again before it stops taking writes, after it was frozen together with its
// redis.
Actions reads_before_it_closes(const View& view, TimePoint now) {
    View trusting = view;
    trusting.lease_is_lost = false;
    return decide(trusting, now);
}

TEST(Simulation, CatchesAPolicyWithWhichAFrozenMasterTakesWritesAfterwards) {
    EXPECT_TRUE(breaks("P1", reads_before_it_closes));
}

using SentinelActions = std::vector<sentinel_wrapper::Action>;

// Plain Sentinel never forgets anybody.
SentinelActions never_forgets(const sentinel_wrapper::View& view, TimePoint now) {
    SentinelActions actions = sentinel_wrapper::decide(view, now);
    std::erase_if(actions, [](const auto& action) {
        return std::holds_alternative<sentinel_wrapper::Reset>(action);
    });
    return actions;
}

TEST(Simulation, CatchesASentinelPolicyThatNeverForgets) {
    EXPECT_TRUE(breaks("P4 reachable majority", {decide, never_forgets, watcher::decide}));
}

// A RESET whenever there is a ghost, as a cron job on each host does it.
SentinelActions forgets_without_the_lock(const sentinel_wrapper::View& view, TimePoint now) {
    sentinel_wrapper::View blind = view;
    blind.lock = sentinel_wrapper::Lock::held;
    blind.lock_held_since = now;
    SentinelActions actions = sentinel_wrapper::decide(blind, now);
    std::erase_if(actions, [](const auto& action) {
        return std::holds_alternative<sentinel_wrapper::ReleaseLock>(action);
    });
    return actions;
}

TEST(Simulation, CatchesASentinelPolicyThatForgetsWithoutTheLock) {
    EXPECT_TRUE(
        breaks("P4 one reset at a time", {decide, forgets_without_the_lock, watcher::decide}));
}

// The same, also while the master is down or is being replaced.
SentinelActions forgets_at_any_time(const sentinel_wrapper::View& view, TimePoint now) {
    SentinelActions actions = sentinel_wrapper::decide(view, now);
    const auto& own = view.sentinel;
    const bool is_due = !view.reset_at || now - *view.reset_at > std::chrono::minutes{1};
    if (own.monitored && own.monitored->down && is_due)
        actions.emplace_back(sentinel_wrapper::Reset{"the master is down"});
    return actions;
}

TEST(Simulation, CatchesASentinelPolicyThatForgetsWhileTheMasterIsDown) {
    EXPECT_TRUE(
        breaks("P4 reset without a master", {decide, forgets_at_any_time, watcher::decide}));
}

SentinelActions forgets_in_a_failover(const sentinel_wrapper::View& view, TimePoint now) {
    SentinelActions actions = sentinel_wrapper::decide(view, now);
    const bool is_due = !view.reset_at || now - *view.reset_at > std::chrono::minutes{1};
    if (sentinel_wrapper::is_failing_over(view, now) && is_due)
        actions.emplace_back(sentinel_wrapper::Reset{"a fail-over runs"});
    return actions;
}

TEST(Simulation, CatchesASentinelPolicyThatForgetsDuringAFailover) {
    EXPECT_TRUE(
        breaks("P4 reset in a fail-over", {decide, forgets_in_a_failover, watcher::decide}));
}

SentinelActions runs_as(const std::string& id, const sentinel_wrapper::View& view, TimePoint now) {
    sentinel_wrapper::View blind = view;
    if (view.sentinel.state != sentinel_wrapper::OwnSentinel::State::stopped)
        blind.identity.id = view.sentinel.id;
    SentinelActions actions = never_forgets(blind, now);
    for (auto& action : actions)
        if (auto* start = std::get_if<sentinel_wrapper::Start>(&action)) start->id = id;
    return actions;
}

// And each start of it is somebody new.
SentinelActions lets_ghosts_pile_up(const sentinel_wrapper::View& view, TimePoint now) {
    return runs_as(core::spoken(view.self.address) + " since " +
                       std::to_string(now.time_since_epoch().count()),
                   view, now);
}

TEST(Simulation, CatchesASentinelPolicyThatLetsGhostsTakeTheMajority) {
    EXPECT_TRUE(breaks("P4 reachable majority", {decide, lets_ghosts_pile_up, watcher::decide}));
}

// Sentinels that share their configuration, as copies of one container do.
SentinelActions runs_as_everybody_else(const sentinel_wrapper::View& view, TimePoint now) {
    return runs_as("the id of the image", view, now);
}

TEST(Simulation, CatchesASentinelPolicyThatDoesNotTakeItsIdFromThePool) {
    EXPECT_TRUE(breaks("P4 one owner of an id", {decide, runs_as_everybody_else, watcher::decide}));
}

// One who holds on to a dead master is dragged out by nobody.
SentinelActions never_turns(const sentinel_wrapper::View& view, TimePoint now) {
    SentinelActions actions = sentinel_wrapper::decide(view, now);
    std::erase_if(actions, [](const auto& action) {
        return std::holds_alternative<sentinel_wrapper::Monitor>(action);
    });
    return actions;
}

TEST(Simulation, CatchesASentinelPolicyThatNeverTurnsToTheTruth) {
    EXPECT_TRUE(breaks("P4 always-heals: the recorded master is not monitored",
                       {decide, never_turns, watcher::decide}));
}

// A script that does what the record says, whatever the sentinels are about to do.
SentinelActions obeys_the_record(const sentinel_wrapper::View& view, TimePoint now) {
    SentinelActions actions = sentinel_wrapper::decide(view, now);
    const auto& monitored = view.sentinel.monitored;
    const auto recorded = view.record.master();
    if (recorded && monitored && monitored->master != *recorded)
        actions.emplace_back(sentinel_wrapper::Monitor{*recorded, 2, "the record names it"});
    return actions;
}

TEST(Simulation, CatchesASentinelPolicyThatTurnsDuringAFailover) {
    EXPECT_TRUE(breaks("P4 turned in a fail-over", {decide, obeys_the_record, watcher::decide}));
}

// Somebody's preferred master, to which it goes back when all has been calm for a while.
SentinelActions goes_back_to_the_first(const sentinel_wrapper::View& view, TimePoint now) {
    SentinelActions actions = sentinel_wrapper::decide(view, now);
    const auto& own = view.sentinel;
    if (!own.monitored || own.replicas.empty() || own.monitored->failover_in_progress)
        return actions;
    const core::Endpoint& first = own.replicas.begin()->first;
    if (first < own.monitored->master && now - own.monitored_since > std::chrono::seconds{20})
        actions.emplace_back(sentinel_wrapper::Monitor{first, 2, "it is preferred"});
    return actions;
}

TEST(Simulation, CatchesASentinelPolicyThatTurnsAgainstAMajority) {
    EXPECT_TRUE(
        breaks("P4 turned against a majority", {decide, goes_back_to_the_first, watcher::decide}));
}

using WatcherActions = watcher::Actions;

// redis-zk: whatever a sentinel names is written down, without a question to the node.
WatcherActions believes_a_sentinel(const watcher::View& view, TimePoint now) {
    WatcherActions actions = watcher::decide(view, now);
    for (const auto& [sentinel, known] : view.sentinels) {
        if (!known.opinion.master || view.record.master() == known.opinion.master) continue;
        const auto entry = view.last_entries.find(*known.opinion.master);
        if (entry == view.last_entries.end()) continue;
        actions.emplace_back(
            watcher::Publish{{view.record.term() + 1, *known.opinion.master, view.cluster, "",
                              entry->second.run_id, "", view.self.name, "a sentinel names it"}});
        break;
    }
    return actions;
}

TEST(Simulation, CatchesAWatcherThatBelievesASentinelWithoutAskingTheNode) {
    EXPECT_TRUE(breaks("P3", {decide, sentinel_wrapper::decide, believes_a_sentinel}));
}

// A late writer that overwrites a newer truth.
WatcherActions writes_the_same_term(const watcher::View& view, TimePoint now) {
    WatcherActions actions = watcher::decide(view, now);
    for (auto& action : actions)
        if (auto* publish = std::get_if<watcher::Publish>(&action))
            publish->record.term = view.record.term();
    return actions;
}

TEST(Simulation, CatchesAWatcherThatDoesNotRaiseTheTerm) {
    EXPECT_TRUE(breaks("P3", {decide, sentinel_wrapper::decide, writes_the_same_term}));
}

// An address is taken for a node: somebody else may have it by now.
WatcherActions takes_anybody_for_ours(const watcher::View& view, TimePoint now) {
    watcher::View blind = view;
    for (auto& [node, probe] : blind.probes) probe.same_cluster = true;
    return watcher::decide(blind, now);
}

TEST(Simulation, CatchesAWatcherThatPublishesAStranger) {
    EXPECT_TRUE(breaks("P3", {decide, sentinel_wrapper::decide, takes_anybody_for_ours}));
}

// It takes the name of a process from somewhere else than the node that it has verified.
WatcherActions makes_a_process_up(const watcher::View& view, TimePoint now) {
    WatcherActions actions = watcher::decide(view, now);
    for (auto& action : actions)
        if (auto* publish = std::get_if<watcher::Publish>(&action))
            publish->record.run_id = "of nobody";
    return actions;
}

TEST(Simulation, CatchesAWatcherThatRecordsAProcessThatNeverWas) {
    EXPECT_TRUE(
        breaks("P3 true-record: nobody", {decide, sentinel_wrapper::decide, makes_a_process_up}));
}

// A watcher that lost its sentinel and took no other one.
WatcherActions stays_with_nobody(const watcher::View& view, TimePoint now) {
    WatcherActions actions = watcher::decide(view, now);
    if (now > TimePoint{} + std::chrono::minutes{1})
        std::erase_if(actions, [](const auto& action) {
            return std::holds_alternative<watcher::Listen>(action);
        });
    return actions;
}

TEST(Simulation, CatchesAWatcherThatStaysWithoutASentinel) {
    EXPECT_TRUE(breaks("P4 always-heals: no sentinel is listened to",
                       {decide, sentinel_wrapper::decide, stays_with_nobody}));
}

}  // namespace
}  // namespace redis_zk::simulation
