#include "redis-wrapper/core/publication.h"

#include <algorithm>

#include "common/core/succession.h"
#include "redis-wrapper/core/election.h"

namespace redis_zk::redis_wrapper {

namespace {

// A master that was opened while ZooKeeper was away has taken writes since that nobody else has.
std::optional<core::Lineage> beginning_of_the_term(const OwnRedis& redis) {
    const bool is_recorded_since =
        !redis.promoted_with || !redis.lineage || redis.promoted_with->term != redis.lineage->term;
    return is_recorded_since ? redis.lineage : redis.promoted_with;
}

// For the history.
core::Change change_to(const View& view, TimePoint now) {
    core::Change change{beginning_of_the_term(view.redis),
                        core::freshest_of_others(view.roster, view.members, view.self.address),
                        {},
                        {}};
    const TimePoint promoted = view.redis.became_master_at;
    const TimePoint heard = view.redis.heard_master_at;
    const auto between = [](TimePoint from, TimePoint to) {
        return std::chrono::duration_cast<milliseconds>(to - from);
    };
    if (heard != TimePoint{} && heard <= promoted) change.without_master = between(heard, promoted);
    if (promoted != TimePoint{}) change.promoted_until_published = between(promoted, now);
    return change;
}

core::Record record_of(const View& view, const Endpoint& master, std::string reason) {
    core::Record record;
    record.master = master;
    record.term = next_term(view);
    record.cluster = cluster_of(view);
    record.by = view.self.name;
    if (view.record.unreadable) reason += "; it replaces a record that could not be read";
    record.reason = std::move(reason);
    record.config_epoch =
        std::max({view.record.config_epoch(), core::largest_config_epoch(view.sentinels),
                  core::epoch_of(view.sentinels, master)});
    return record;
}

}  // namespace

Publish publication(const View& view, std::string reason, TimePoint now) {
    core::Record record = record_of(view, view.self.address, std::move(reason));
    record.node = view.self.id;
    record.run_id = view.redis.run_id;
    record.replication_id = view.redis.replication_id;
    return {std::move(record), change_to(view, now)};
}

std::optional<Publish> publication_of(const View& view, const Endpoint& successor,
                                      std::string reason) {
    const auto member = std::ranges::find_if(
        view.members, [&](const auto& it) { return it.second.address == successor; });
    const auto answer = view.probes.find(successor);
    if (member == view.members.end() || answer == view.probes.end()) return std::nullopt;
    core::Record record = record_of(view, successor, std::move(reason));
    // It was promoted in a fail-over that none of them has told of yet, in an epoch that is larger
    // than all before: whoever names this node has not heard of it.
    if (core::epoch_of(view.sentinels, successor) == 0) ++record.config_epoch;
    record.node = member->first;
    record.run_id = answer->second.run_id;
    record.replication_id = answer->second.replication_id;
    core::Change change;
    change.lineage = change.freshest_known = view.redis.lineage;
    return Publish{std::move(record), change};
}

}  // namespace redis_zk::redis_wrapper
