#include "tests/simulation/faults.h"

#include <algorithm>

#include "tests/simulation/isolation.h"
#include "tests/simulation/lost_connections.h"
#include "tests/simulation/majority_watch.h"
#include "tests/simulation/node.h"
#include "tests/simulation/planned_changes.h"
#include "tests/simulation/promises.h"
#include "tests/simulation/sentinel.h"
#include "tests/simulation/sentinel_faults.h"
#include "tests/simulation/storm.h"
#include "tests/simulation/watcher_faults.h"

namespace redis_zk::simulation {

using namespace std::chrono_literals;

namespace {

Settings settings_for(std::uint64_t seed, Policies policies) {
    Random random{seed ^ 0x5eed};
    Settings settings;
    settings.seed = seed;
    settings.policy = policies.node;
    settings.sentinel_policy = policies.sentinel;
    settings.watcher_policy = policies.watcher;
    settings.longest_delay = milliseconds{random.between(2, 300)};
    settings.one_in_lost = random.one_in(3) ? static_cast<unsigned>(random.between(5, 100)) : 0;
    settings.cold_start_wait = milliseconds{random.between(5000, 30000)};
    settings.append_only = !random.one_in(4);
    settings.scheduler_restarts = true;
    settings.ghost_timeout = milliseconds{random.between(10000, 40000)};
    if (random.one_in(3)) settings.quorum.reset();
    return settings;
}

std::size_t number_of_nodes(Random& random) {
    if (random.one_in(200)) return 50;
    if (random.one_in(20)) return static_cast<std::size_t>(random.between(8, 15));
    return static_cast<std::size_t>(random.between(1, 5));
}

class Run {
  public:
    Run(std::uint64_t seed, Policies policies)
        : world_{settings_for(seed, policies)},
          kinds_{~seed},
          breaks_connections_{kinds_.one_in(8)},
          is_stormy_{world_.storms.one_in(8)} {}

    Outcome go() {
        const auto count = number_of_nodes(world_.random);
        for (std::size_t i = 0; i < count; ++i) world_.add_node("n" + std::to_string(i + 1));
        start_all();
        keep_writing();
        world_.run(milliseconds{world_.random.between(0, 20000)});
        if (world_.random.one_in(3)) sentinel_faults_.add_sentinels();
        const unsigned one_in = world_.sentinels().empty() ? 6 : 2;
        if (world_.random.one_in(one_in)) watcher_faults_.add_watchers();
        const auto faults = world_.random.between(1, world_.sentinels().empty() ? 10 : 20);
        for (int i = 0; i < faults && world_.broken_promise().empty(); ++i) {
            one_fault();
            const bool is_long = !world_.sentinels().empty() && world_.random.one_in(12);
            watch_majority(milliseconds{is_long ? world_.random.between(100000, 250000)
                                                : world_.random.between(0, 20000)});
        }
        heal();
        if (world_.broken_promise().empty()) check_healed();
        return {world_.steps(), world_.broken_promise(), world_.transcript()};
    }

  private:
    Node& any_node() { return *world_.nodes()[world_.random.below(world_.nodes().size())]; }

    // Where there are sentinels, the master more often: the others are not their matter.
    Node& node_at_risk() {
        const auto& named = world_.zookeeper.record().named;
        const bool prefers_master = !world_.sentinels().empty() && world_.random.one_in(3);
        Node* master = prefers_master && named ? world_.node_at(*named) : nullptr;
        return master != nullptr ? *master : any_node();
    }

    void start_all() {
        const bool at_once = world_.random.one_in(2);
        for (const auto& node : world_.nodes()) {
            node->start();
            if (!at_once) world_.run(milliseconds{world_.random.between(0, 3000)});
        }
    }

    void keep_writing() {
        if (stop_writing_) return;
        world_.write();
        world_.clock.after(milliseconds{world_.random.between(50, 500)},
                           [this] { keep_writing(); });
    }

    // Whoever comes next may get the old address.
    void move(Node& node) {
        if (node.is_running()) return;  // the scheduler was faster
        if (world_.random.one_in(3)) world_.add_stranger(node.address());
        node.move_to(new_address());
    }

    Endpoint new_address() {
        ++moves_;
        return {"10.1." + std::to_string(moves_ / 200) + '.' + std::to_string(moves_ % 200 + 1),
                6379};
    }

    void one_fault() {
        if (is_stormy_ && world_.storms.one_in(4)) {
            let_redis_crash_when_promoted(world_);
            return watch_majority(milliseconds{world_.storms.between(0, 60000)});
        }
        if (!world_.sentinels().empty() && kinds_.one_in(8)) return planned_changes_.one();
        if (!world_.sentinels().empty() && world_.random.one_in(2))
            return sentinel_faults_.one_fault();
        if (!world_.watchers().empty() && world_.random.one_in(4))
            return watcher_faults_.one_fault();
        Node& node = node_at_risk();
        const auto a_while = milliseconds{world_.random.between(100, 15000)};
        switch (world_.random.below(20)) {
            case 0: return restart(node, milliseconds{world_.random.between(0, 500)});
            case 1: return restart(node, milliseconds{world_.random.between(3000, 20000)});
            case 2: return node.is_running() ? node.kill() : node.start();
            case 3:
                world_.say("fault", node.name() + " loses its session");
                return node.expire_session();
            case 4: return cuts_links_ ? void() : node.cut_from_zookeeper(a_while);
            case 5: return zookeeper_away();
            case 6: return come_back_empty(node);
            case 7: return kill_all();
            case 8: return come_back_older(node);
            case 9: return cuts_links_ ? void() : node.freeze(a_while);
            case 10: return hang(node, 2 * a_while);
            case 11: return node.redis_ends();
            case 12: return cuts_links_ ? cut_a_link(node, any_node(), 2 * a_while) : void();
            case 13: return someone_promotes(node);
            case 14: return someone_points(node, any_node());
            case 15: return zookeeper_forgets();
            case 16: return someone_writes_garbage();
            case 17: return cuts_links_ ? void() : sentinel_faults_.someone_asks_for_a_failover();
            case 18: return freeze_successor(4 * a_while);
            case 19: return cuts_links_ ? isolate(world_, node, 2 * a_while) : void();
            default: return;
        }
    }

    // Alone only without sentinels: they replace a master that hangs before its wrapper can know.
    void hang(Node& node, milliseconds duration) {
        const bool with_wrapper = kinds_.one_in(3);
        if (with_wrapper && !cuts_links_) return node.freeze_whole(2 * duration + 5s);
        if (!with_wrapper && world_.sentinels().empty()) node.hang_redis(duration);
    }

    void cut_a_link(const Node& one, const Node& other, milliseconds duration) {
        world_.say("fault", one.name() + " and " + other.name() + " cannot reach each other");
        world_.cut_link(one, other, duration);
    }

    void someone_promotes(Node& node) {
        world_.say("fault", "REPLICAOF NO ONE by hand at " + node.name());
        node.promoted_by_sentinel();
    }

    // Who points a node at an empty one by hand wants that, or has to live with it.
    void someone_points(Node& node, const Node& at) {
        const bool would_wipe = at.redis.version == Versions::empty;
        if (!node.redis.running || would_wipe) return;
        world_.say("fault", "REPLICAOF " + at.name() + " by hand at " + node.name());
        node.reconfigured_by_sentinel(at.address());
        node.redis.was_pointed_by_hand = node.redis.following == at.address();
    }

    // An empty node that comes first in an empty ensemble founds a cluster of its own, and those
    // that have data then refuse to join it: the data are safe, and people have to say what they
    // want. So not both in one run.
    void zookeeper_forgets() {
        const bool all_have_data = std::ranges::all_of(world_.nodes(), [](const auto& node) {
            return node->is_running() && node->view().redis.lineage;
        });
        if (!all_have_data) return;
        has_forgotten_ = true;
        world_.say("fault", "ZooKeeper comes back without its data");
        world_.zookeeper.forget_everything();
        for (const auto& node : world_.nodes()) node->expire_session();
        for (const auto& sentinel : world_.sentinels()) sentinel->expire_session();
        for (const auto& watcher : world_.watchers()) watcher->expire_session();
    }

    void someone_writes_garbage() {
        world_.say("fault", "somebody writes garbage into the record");
        core::FoundRecord record = world_.zookeeper.record();
        if (world_.random.one_in(2)) record.named.reset();
        if (world_.random.one_in(2)) record.written.reset();
        record.unreadable = true;
        ++record.named_version;
        ++record.written_version;
        world_.zookeeper.overwrite(record);
    }

    void freeze_successor(milliseconds duration) {
        if (cuts_links_) return;
        world_.say("fault", "the wrapper of whom the sentinels promote next will be frozen");
        world_.freeze_successor(duration);
    }

    void restart(Node& node, milliseconds pause) {
        if (world_.random.one_in(2))
            node.kill();
        else if (node.is_running())
            node.stop();
        world_.run(pause);
        if (node.is_running()) return;
        if (world_.random.one_in(3)) move(node);
        node.start();
    }

    void zookeeper_away() {
        world_.say("fault", "ZooKeeper is away");
        world_.zookeeper_is_up = false;
        const auto duration = milliseconds{world_.random.between(1000, 15000)};
        for (const auto& node : world_.nodes()) node->cut_from_zookeeper(duration);
        for (const auto& sentinel : world_.sentinels()) sentinel->cut_from_zookeeper(duration);
        for (const auto& watcher : world_.watchers()) watcher->cut_from_zookeeper(duration);
        world_.run(duration);
        world_.zookeeper_is_up = true;
    }

    // A single node: when all lose their data nothing is left to promise.
    void come_back_empty(Node& node) {
        if (has_forgotten_) return;
        node.kill();
        world_.run(milliseconds{world_.random.between(0, 1000)});
        if (node.is_running()) return;  // the scheduler was faster
        node.wipe_disk();
        node.start();
    }

    void come_back_older(Node& node) {
        const Disk backup = node.disk_now();
        world_.run(milliseconds{world_.random.between(100, 5000)});
        node.kill();
        node.disk = backup;
        node.start();
    }

    void kill_all() {
        world_.say("fault", "all are killed");
        for (const auto& node : world_.nodes()) node->kill();
        world_.run(milliseconds{world_.random.between(0, 15000)});
        const bool with_sentinels = !world_.sentinels().empty() && world_.random.one_in(2);
        if (with_sentinels) sentinel_faults_.kill_all();
        const bool elsewhere = world_.random.one_in(2);
        for (const auto& node : world_.nodes()) {
            if (elsewhere) move(*node);
            node->start();
            world_.run(milliseconds{world_.random.between(0, 4000)});
        }
        if (with_sentinels) sentinel_faults_.start_all();
    }

    void heal() {
        world_.say("fault", "no more faults");
        world_.settings.one_in_lost = 0;
        for (const auto& node : world_.nodes()) node->crash_when_open(0);
        for (const auto& node : world_.nodes()) node->start();
        for (const auto& sentinel : world_.sentinels()) sentinel->start();
        watcher_faults_.heal();
        if (world_.sentinels().empty()) return;
        // Those that are stopping just now.
        world_.run(15s);
        for (const auto& sentinel : world_.sentinels()) sentinel->start();
    }

    // After it nothing else happens that might help.
    void last_fault() {
        if (world_.running_sentinels().empty()) return;
        switch (world_.random.below(3)) {
            case 0: return freeze_the_last_successor();
            case 1: return kill_all_in_the_last_failover();
            default: return;
        }
    }

    // When the leader has promoted a node and not yet told the others.
    void kill_all_in_the_last_failover() {
        if (cuts_links_) return;
        world_.run(60s);
        sentinel_faults_.ask_for_a_failover();
        const auto has_promoted = [](const FakeSentinel* sentinel) {
            const core::Opinion opinion = sentinel->opinion();
            return opinion.failover_in_progress && opinion.master != opinion.watched;
        };
        for (int i = 0; i < 50; ++i) {
            if (std::ranges::any_of(world_.running_sentinels(), has_promoted)) break;
            world_.run(100ms);
        }
        kill_all();
    }

    // Whoever has just been chosen stands still, for longer than the others may need to go on.
    void freeze_the_last_successor() {
        world_.run(60s);
        const auto& named = world_.zookeeper.record().named;
        Node* master = named ? world_.node_at(*named) : nullptr;
        if (master == nullptr) return;
        world_.say("fault", "the wrapper of the next successor will be frozen");
        const bool comes_back_soon = world_.random.one_in(2);
        world_.freeze_successor(comes_back_soon ? milliseconds{world_.random.between(5000, 30000)}
                                                : milliseconds{400s});
        if (world_.random.one_in(2))
            return cuts_links_ ? void() : sentinel_faults_.someone_asks_for_a_failover();
        master->kill();
        world_.run(milliseconds{world_.random.between(0, 20000)});
        master->start();
    }

    void check_healed() {
        last_fault();
        if (breaks_connections_) lose_the_master_for_good(world_);
        watch_majority(120s);
        if (!world_.sentinels().empty()) watch_majority(world_.settings.ghost_timeout + 60s);
        stop_writing_ = true;
        world_.run(20s);
        if (!world_.broken_promise().empty()) return;
        const auto reason = why_not_healed(world_);
        if (!reason.empty()) return world_.broken("P4 always-heals: " + reason);
        if (has_master()) check_sentinels_healed();
        check_thawed();
    }

    // Who comes back after all that takes nothing from his own successor.
    void check_thawed() {
        const auto is_frozen = [](const auto& node) { return node->is_frozen(); };
        if (std::ranges::none_of(world_.nodes(), is_frozen)) return;
        while (std::ranges::any_of(world_.nodes(), is_frozen) && world_.broken_promise().empty())
            world_.run(1s);
        world_.run(30s);
        const auto reason = why_not_healed(world_);
        if (!reason.empty()) world_.broken("P4 always-heals: after the thaw: " + reason);
    }

    // Whether nodes without data or a record can have a master is not the sentinels' matter.
    bool has_master() const {
        const auto& named = world_.zookeeper.record().named;
        const Node* master = named ? world_.node_at(*named) : nullptr;
        return master != nullptr && master->redis.accepts_writes();
    }

    void check_sentinels_healed() {
        for (const auto& reason :
             {why_sentinels_not_healed(world_), why_watchers_not_healed(world_)})
            if (!reason.empty()) world_.broken("P4 always-heals: " + reason);
        check_majority(true);
    }

    void check_majority(bool for_everybody) {
        const auto reason = why_majority_unreachable(world_, for_everybody);
        if (!reason.empty()) world_.broken("P4 reachable majority: " + reason);
    }

    void watch_majority(milliseconds duration) {
        if (world_.sentinels().empty()) return world_.run(duration);
        for (milliseconds passed{0}; passed < duration && world_.broken_promise().empty();
             passed += 1s) {
            world_.run(std::min<milliseconds>(1s, duration - passed));
            const auto master = has_master() ? world_.zookeeper.record().named : std::nullopt;
            if (majority_.is_due(master, sentinel_faults_.strangers())) check_majority(false);
        }
    }

    World world_;
    Random kinds_;  // of their own, so that more kinds of faults do not change every story
    bool breaks_connections_;
    bool is_stormy_;
    bool stop_writing_ = false;
    bool has_forgotten_ = false;
    // A master that neither ZooKeeper nor the other nodes can see counts as dead after a while;
    // that it may then take writes beside its successor is a bound of this mode, see README.
    bool cuts_links_ = world_.random.one_in(3);
    int moves_ = 0;
    MajorityWatch majority_{world_};
    SentinelFaults sentinel_faults_{world_, !cuts_links_};
    WatcherFaults watcher_faults_{world_};
    PlannedChanges planned_changes_{world_, kinds_};
};

}  // namespace

Outcome run_with_faults(std::uint64_t seed, Policies policies) { return Run{seed, policies}.go(); }

}  // namespace redis_zk::simulation
