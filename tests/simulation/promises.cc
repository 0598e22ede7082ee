#include "tests/simulation/promises.h"

#include <algorithm>

#include "tests/simulation/sentinels.h"

namespace redis_zk::simulation {

void check_opened(World& world, const Node& opened) {
    const auto& versions = world.versions;
    if (opened.accept_data_loss) return;
    for (const auto& node : world.nodes()) {
        if (node.get() == &opened || !node->is_running()) continue;
        const auto& redis = node->redis;
        if (!redis.running || redis.loading || redis.link_up || redis.is_master || redis.sync_ends)
            continue;
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
        if (is_behind && !just_came)
            world.broken("P2 no-empty-promotion: " + opened.name() +
                         " was opened and lacks writes of " + node->name());
    }
}

void check_wipe(World& world, const Node& replica, const Node& master) {
    if (master.accept_data_loss || replica.redis.version == Versions::empty) return;
    // A snapshot may be newer than the file beside it; what counts is the smaller of both.
    const auto& claim = replica.disk.claim;
    if (claim && claim->lineage && replica.disk.claimed == Versions::empty) return;
    if (master.redis.version == Versions::empty)
        world.broken("P2 no-empty-promotion: " + replica.name() + " is wiped by the empty " +
                     master.name());
}

void check_published(World& world, const core::FoundRecord& before, const core::Record& now) {
    if (now.term <= before.term())
        world.broken("P3 true-record: term " + std::to_string(now.term) + " was written after " +
                     std::to_string(before.term()));
    const Node* named = world.node_at(now.master);
    const bool was_verified =
        named == nullptr || named->redis.run_id != now.run_id || named->redis.is_master;
    if (!was_verified)
        world.broken("P3 true-record: " + named->name() + " was published and is no master");
}

std::string why_not_healed(World& world) {
    const auto& record = world.zookeeper.record();
    const bool has_data = std::ranges::any_of(world.nodes(), [](const auto& node) {
        return node->is_running() && (node->view().redis.lineage || node->accept_data_loss);
    });
    if (!has_data && record.written) {
        for (const auto& node : world.nodes())
            if (node->is_running() && node->redis.accepts_writes())
                return node->name() + " is open without data";
        return {};
    }
    const Node* master = record.named ? world.node_at(*record.named) : nullptr;
    if (master == nullptr) return "the record names nobody alive";
    if (!master->redis.accepts_writes()) return "the recorded master takes no writes";
    for (const auto& node : world.nodes()) {
        if (!node->is_running() || node.get() == master) continue;
        if (node->redis.following != record.named || !node->redis.link_up)
            return node->name() + " is not in sync with the master: " + node->doing();
        const bool may_be_open =
            !world.sentinels || world.sentinels->opinion().master == record.named;
        if (!node->redis.open && may_be_open) return node->name() + " is in sync and still closed";
        if (node->view().lock != redis_wrapper::Lock::none) return node->name() + " keeps the lock";
    }
    return {};
}

}  // namespace redis_zk::simulation
