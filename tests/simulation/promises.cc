#include "tests/simulation/promises.h"

#include <algorithm>

#include "redis-wrapper/core/storm.h"
#include "tests/simulation/sentinel.h"
#include "tests/simulation/sentinel_times.h"
#include "tests/simulation/watcher.h"

namespace redis_zk::simulation {

void check_opened(World& world, const Node& opened) {
    const auto& versions = world.versions;
    if (opened.accept_data_loss) return;
    for (const auto& node : world.nodes()) {
        if (node.get() == &opened || !node->is_running()) continue;
        const auto& redis = node->redis;
        const bool is_copying = redis.link_up && !world.is_cut(*node, *redis.following);
        if (!redis.running || redis.loading || is_copying || redis.is_master || redis.sync_ends)
            continue;
        // One that hangs is as good as dead, and nobody waits for it longer than for that.
        if (redis.is_given_up || node->is_hanging()) continue;
        if (!node->view().registered || !node->view().redis.lineage || node->priority == 0)
            continue;
        // A master that stayed away for too long was replaced, and its last writes were given up
        // then.
        const auto& lineage = *node->view().redis.lineage;
        if (opened.promoted_with && lineage.term < opened.promoted_with->term) continue;
        // A snapshot of unknown history: nobody can tell how old it is.
        if (node->view().redis.lineage->term == 0) continue;
        // The file beside the data may be behind them; what it stood for must not be thrown away.
        const Version theirs = node->disk.claimed;
        const bool is_behind =
            opened.redis.version != theirs && versions.continues(theirs, opened.redis.version);
        const bool just_came =
            !node->view().informed_since ||
            world.clock.now() - *node->view().informed_since < std::chrono::seconds{2};
        // A sentinel asks a replica for its priority every ten seconds, and chooses among those
        // that it knows. (README, Limits.)
        const bool is_offered_late =
            world.clock.now() - redis.offered_at < std::chrono::seconds{15};
        const bool is_not_offered = !redis.offered && redis_wrapper::is_withheld(node->view());
        const bool is_unknown_to_sentinels =
            opened.redis.is_promoted_by_others && (is_offered_late || is_not_offered);
        if (is_behind && !just_came && !is_unknown_to_sentinels)
            world.broken("P2 no-empty-promotion: " + opened.name() +
                         " was opened and lacks writes of " + node->name());
    }
}

void check_promoted(World& world, const Node& promoted) {
    const redis_wrapper::View& view = promoted.view();
    if (view.early_crashes.count < redis_wrapper::early_crashes_of_a_storm) return;
    for (const auto& [id, member] : view.members) {
        const bool is_ready =
            member.role == core::Role::parked || member.role == core::Role::replica;
        const bool could_lead = id != view.self.id && is_ready && member.priority != 0 &&
                                !member.crashes_early && member.lineage >= view.redis.lineage;
        if (could_lead && member.lineage)
            world.broken("P4 storm: " + promoted.name() + " promotes itself after " +
                         std::to_string(view.early_crashes.count) + " crashes, and " + id +
                         " could lead");
    }
}

void check_handed_over(World& world, const Node& former) {
    const auto& named = former.view().record.named;
    const Node* successor = named ? world.node_at(*named) : nullptr;
    if (successor == nullptr || successor == &former || !successor->redis.running) return;
    if (!world.versions.continues(successor->redis.version, former.redis.version))
        world.broken("P5 planned stop: " + successor->name() + " lacks writes of " + former.name() +
                     ", which has handed over to it");
}

namespace {

// Our policy has made the one a master, and nobody has decided against what the other has: whoever
// was absent from an election, or was outvoted by sentinels, has lost what only it had; and a hand
// may replace anything by anything.
bool may_not_be_lost(const World& world, const Node& replica, const Node& master) {
    if (!master.redis.is_master || master.redis.is_promoted_by_others) return false;
    if (replica.redis.was_pointed_by_hand || replica.redis.is_given_up) return false;
    const auto& lineage = replica.view().redis.lineage;
    return lineage && lineage->term > 0 && lineage->term >= world.zookeeper.record().term();
}

}  // namespace

void check_wipe(World& world, const Node& replica, const Node& master) {
    if (master.accept_data_loss || replica.redis.version == Versions::empty) return;
    // A snapshot may be newer than the file beside it; what counts is the smaller of both.
    const auto& claim = replica.disk.claim;
    const Version claimed = replica.disk.claimed;
    if (claim && claim->lineage && claimed == Versions::empty) return;
    const Version kept = master.redis.version;
    if (kept == Versions::empty)
        world.broken("P2 no-empty-promotion: the empty " + master.name() + " wipes " +
                     replica.name());
    else if (kept != claimed && world.versions.continues(claimed, kept) &&
             may_not_be_lost(world, replica, master))
        world.broken("P2 no-empty-promotion: the older " + master.name() + " wipes " +
                     replica.name());
}

void check_quarantine(World& world, const Node& replica, const Node& master) {
    const auto& versions = world.versions;
    const Version lost = replica.redis.version;
    if (!replica.disk.has_own_writes || !replica.view().redis.lineage) return;
    if (versions.continues(master.redis.version, lost)) return;
    // Two fail-overs by hand at once: recorded, and before it was opened pointed to another one
    // that had less. What the history says of its term was true only until then. (README, Limits.)
    if (master.redis.copied_in_term == world.zookeeper.record().term()) return;
    const bool is_kept = std::ranges::any_of(replica.disk.quarantine, [&](const Version kept) {
        return versions.continues(kept, lost);
    });
    if (!is_kept)
        world.broken("loss accounting: " + replica.name() + " copies " + master.name() +
                     ", which lacks writes that it took, and has not kept them");
}

namespace {

void check_does_not_go_back(World& world, const core::FoundRecord& before,
                            const core::Record& now) {
    const Node* named = world.node_at(now.master);
    const bool is_newer = now.config_epoch > before.config_epoch();
    if (named == nullptr || is_newer || before.written->master == now.master) return;
    const auto& lineage = named->view().redis.lineage;
    if (lineage && lineage->term < before.term())
        world.broken("P3 true-record: it goes back, a watcher has written " + named->name() +
                     ", which has data of term " + std::to_string(lineage->term) + " after term " +
                     std::to_string(before.term()) + ", and for no newer reason");
}

// Of a watcher, and the way to ZooKeeper.
milliseconds age_of_a_proof(const World& world) {
    return milliseconds{500} + world.settings.longest_delay;
}

}  // namespace

void check_published(World& world, const core::FoundRecord& before, const core::Record& now,
                     Writer writer) {
    if (now.term <= before.term())
        world.broken("P3 true-record: term " + std::to_string(now.term) + " was written after " +
                     std::to_string(before.term()));
    const auto stranger = world.strangers.find(now.master);
    if (stranger != world.strangers.end() && stranger->second.run_id == now.run_id)
        world.broken("P3 true-record: a stranger was published, " + core::spoken(now.master));
    // Whoever was verified may be gone by now, and be back as another process, or somebody else.
    const bool is_of_ours = std::ranges::any_of(
        world.nodes(), [&](const auto& node) { return node->ran_as(now.master, now.run_id); });
    if (!is_of_ours)
        world.broken("P3 true-record: nobody at " + core::spoken(now.master) +
                     " was ever the process " + now.run_id + ", which was published");
    const Node* named = world.node_at(now.master);
    // Between the proof and the writing somebody else may demote it: that cannot be excluded.
    const milliseconds tolerated =
        writer == Writer::other ? age_of_a_proof(world) : milliseconds{2000};
    const auto is_just_now = [&](TimePoint when) { return world.clock.now() - when <= tolerated; };
    const bool was_verified =
        named == nullptr || named->redis.run_id != now.run_id || named->redis.is_master ||
        is_just_now(named->redis.demoted_at) ||
        (writer == Writer::other && is_just_now(named->redis.stepped_down_at));
    if (!was_verified)
        world.broken("P3 true-record: " + named->name() + " was published and is no master");
}

void check_published_by_watcher(World& world, const core::FoundRecord& before,
                                const core::Record& now) {
    if (before.written) check_does_not_go_back(world, before, now);
    // Its wrapper may open it between the proof and the writing. The node that is recorded waits
    // until it is closed again.
    const auto was_open = [&](const Node& node) {
        return node.takes_writes_now() &&
               world.clock.now() - node.redis.opened_at > age_of_a_proof(world);
    };
    for (const auto& node : world.nodes())
        if (was_open(*node) && node->address() != now.master)
            world.broken("P3 true-record: a watcher has written " + core::spoken(now.master) +
                         " while " + node->name() + " takes writes");
    const Node* named = world.node_at(now.master);
    if (named == nullptr || named->redis.run_id != now.run_id) return;
    const bool waits_to_be_opened = named->redis.is_master && !named->redis.accepts_writes();
    if (waits_to_be_opened && !named->view().redis.lineage && !named->accept_data_loss)
        world.broken("P2 no-empty-promotion: a watcher has written " + named->name() +
                     ", which has no data of the cluster");
}

namespace {

constexpr milliseconds time_to_find_out{3000};

// Every second as long as two run under it: for how long they could have found out.
void watch_owners(World& world, const std::string& id, milliseconds known) {
    const auto count = [&](const auto& is_one) {
        return std::ranges::count_if(world.sentinels(), [&](const auto& it) {
            const FakeSentinel* child = it->child();
            return child != nullptr && child->id() == id && is_one(*it);
        });
    };
    const auto could_know = [](const Sentinel& it) {
        return !it.child()->hangs && it.is_connected() && !it.is_frozen();
    };
    if (count([](const Sentinel&) { return true; }) < 2) return;
    known = count(could_know) > 1 ? known + milliseconds{1000} : milliseconds{0};
    if (known > time_to_find_out)
        world.broken("P4 one owner of an id: two sentinels go on as " + id);
    else
        world.clock.after(milliseconds{1000},
                          [&world, id, known] { watch_owners(world, id, known); });
}

}  // namespace

void check_sentinel_started(World& world, const FakeSentinel& started) {
    const std::string& id = started.id();
    for (const FakeSentinel* other : world.running_sentinels()) {
        if (other == &started || other->id() != id) continue;
        const bool was_silent = other->hangs ||
                                world.clock.now() - other->woke_at <= time_to_find_out ||
                                world.clock.now() - other->missed_at <= time_to_find_out ||
                                !world.reaches(started.address(), other->address());
        if (was_silent)
            watch_owners(world, id, milliseconds{0});
        else
            world.broken("P4 one owner of an id: two sentinels run as " + id);
    }
}

std::string why_not_healed(World& world) {
    const auto& record = world.zookeeper.record();
    // Whose wrapper is frozen cannot act, and nobody else may for it without the data.
    const auto is_awake = [](const auto& node) { return node->is_running() && !node->is_frozen(); };
    const bool has_data = std::ranges::any_of(world.nodes(), [&](const auto& node) {
        return is_awake(node) && (node->view().redis.lineage || node->accept_data_loss);
    });
    if (!has_data && record.written_version >= 0) {
        for (const auto& node : world.nodes())
            if (is_awake(node) && node->redis.accepts_writes())
                return node->name() + " is open without data";
        return {};
    }
    const Node* master = record.named ? world.node_at(*record.named) : nullptr;
    if (master == nullptr) return "the record names nobody alive";
    if (!master->redis.accepts_writes()) return "the recorded master takes no writes";
    for (const auto& node : world.nodes()) {
        if (!is_awake(node) || node.get() == master) continue;
        if (node->redis.following != record.named || !node->redis.link_up)
            return node->name() + " is not in sync with the master: " + node->doing();
        const bool may_be_chosen = world.do_sentinels_name(*record.named);
        const bool stays_behind = node->priority == 0 || redis_wrapper::steps_back(node->view());
        if (!node->redis.offered && !stays_behind && may_be_chosen)
            return node->name() + " is in sync and not offered to the sentinels";
        if (node->redis.offered && redis_wrapper::is_withheld(node->view()))
            return node->name() + " steps back and is offered to the sentinels";
        if (node->view().lock != redis_wrapper::Lock::none) return node->name() + " keeps the lock";
    }
    return {};
}

std::string why_watchers_not_healed(const World& world) {
    for (const auto& watcher : world.watchers()) {
        if (!watcher->is_running()) continue;
        const watcher::View& view = watcher->view();
        const std::string doing = watcher->name() + ": " + watcher->doing();
        if (view.record.master() != world.zookeeper.record().master())
            return "another record is known to " + doing;
        const bool listens = view.listening.state == watcher::Listening::State::listening;
        if (world.zookeeper.sentinels().empty()) continue;
        if (!listens) return "no sentinel is listened to by " + doing;
        // Nobody replaces what is not understood, while there is a master.
        if (view.record.unreadable) continue;
        if (!watcher->doing().empty()) return "the record does not satisfy " + doing;
    }
    return {};
}

std::string why_sentinels_not_healed(const World& world) {
    const auto& record = world.zookeeper.record();
    for (const auto& sentinel : world.sentinels()) {
        if (!sentinel->is_running()) continue;
        const FakeSentinel* child = sentinel->child();
        const std::string doing = sentinel->name() + ": " + sentinel->doing();
        if (child == nullptr) return "there is no redis-sentinel of " + doing;
        const auto look = child->look();
        if (!look.monitored || look.monitored->master != record.named)
            return "the recorded master is not monitored by " + doing;
        if (!sentinel->view().registered) return "not registered is " + doing;
    }
    return {};
}

namespace {

constexpr milliseconds time_to_hear_of_a_failover{3000};
constexpr milliseconds time_to_hear_it_from_others{8000};
constexpr milliseconds time_to_notice_a_death{2000};
constexpr milliseconds time_to_hear_of_an_agreement{15000};

bool is_finding_everybody_again(const sentinel_wrapper::View& view) {
    return view.lock == sentinel_wrapper::Lock::held && view.reset_at &&
           view.lock_held_since <= view.reset_at;
}

}  // namespace

std::string why_majority_unreachable(const World& world, bool for_everybody) {
    std::string reason;
    std::size_t able = 0;
    std::size_t living = 0;
    for (const auto& sentinel : world.sentinels()) {
        if (!sentinel->is_running() || sentinel->child() == nullptr) continue;
        ++living;
        const auto look = sentinel->child()->look();
        if (look.has_quorum || (!for_everybody && is_finding_everybody_again(sentinel->view())))
            ++able;
        else
            reason = sentinel->name() + " has seen " + std::to_string(look.others.size()) +
                     " others, and too few of them live: " + sentinel->doing();
    }
    // As many as the user demands have to live at all.
    const bool could_agree = living >= static_cast<std::size_t>(world.settings.quorum.value_or(1));
    return !could_agree || (2 * able > living && !for_everybody) ? "" : reason;
}

namespace {

// That may still end by itself: of the own one, or of one on the list that it reaches and that has
// said so.
bool knows_of_a_failover(const World& world, const Sentinel& sentinel) {
    const TimePoint now = world.clock.now();
    const auto& seen = sentinel.view().sentinel.monitored;
    if (seen && seen->failover_in_progress && !sentinel_wrapper::is_stuck(sentinel.view(), now))
        return true;
    return std::ranges::any_of(world.sentinels(), [&](const auto& it) {
        const FakeSentinel* child = it->child();
        if (child == nullptr) return false;
        const auto since = child->failing_over_since();
        const bool is_own = it.get() == &sentinel;
        const bool is_heard = is_own || (it->view().registered && it->is_connected() &&
                                         !child->hangs && !world.is_cut(sentinel, it->address()));
        const auto time = is_own ? time_to_hear_of_a_failover : time_to_hear_it_from_others;
        // Its last step, which may last for ever, began before any wrapper saw it.
        return since && is_heard && now - *since > time && now - *since < longest_failover;
    });
}

}  // namespace

void check_reset(World& world, const Sentinel& sentinel, bool for_strangers) {
    const FakeSentinel& child = *sentinel.child();
    const TimePoint now = world.clock.now();
    // Neither has it seen what happened meanwhile.
    if (child.hangs || now - child.woke_at < time_to_hear_of_a_failover) return;
    if (!child.master_well_at() || now - *child.master_well_at() > time_to_notice_a_death)
        world.broken("P4 reset without a master: " + sentinel.name());
    if (knows_of_a_failover(world, sentinel))
        world.broken("P4 reset in a fail-over: " + sentinel.name());
    for (const auto& other : world.sentinels())
        if (other.get() != &sentinel && !for_strangers && !other->is_frozen() &&
            other->is_finding_everybody_again())
            world.broken("P4 one reset at a time: " + sentinel.name() + " while " + other->name() +
                         " finds everybody again");
}

void check_turned(World& world, const Sentinel& sentinel, const Endpoint& master) {
    const TimePoint now = world.clock.now();
    // Or that of another one, which has ended before it.
    const core::Opinion known = sentinel.child()->opinion();
    const bool is_its_outcome =
        known.master == master ||
        std::ranges::any_of(world.running_sentinels(), [&](const FakeSentinel* it) {
            const core::Opinion other = it->opinion();
            const bool is_newer = other.master == master && other.config_epoch > known.config_epoch;
            return other.promoted == master || it->has_promoted_lately(master) || is_newer;
        });
    if (knows_of_a_failover(world, sentinel) && !is_its_outcome)
        world.broken("P4 turned in a fail-over: " + sentinel.name());
    for (const auto& node : world.nodes()) {
        if (!node->redis.accepts_writes() || node->address() == master) continue;
        const auto agree = std::ranges::count_if(world.sentinels(), [&](const auto& it) {
            const auto& own = it->view().sentinel;
            return it->is_running() && !it->is_frozen() && it->view().registered && own.monitored &&
                   own.monitored->master == node->address() && !own.monitored->down &&
                   now - own.monitored_since > time_to_hear_of_an_agreement;
        });
        if (2 * static_cast<std::size_t>(agree) > world.zookeeper.sentinels().size())
            world.broken("P4 turned against a majority: " + sentinel.name() + " to " +
                         core::spoken(master) + ", and most agree on " + node->name());
    }
}

}  // namespace redis_zk::simulation
