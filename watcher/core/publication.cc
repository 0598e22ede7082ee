#include "watcher/core/publication.h"

#include <algorithm>

#include "common/core/succession.h"

namespace redis_zk::watcher {

namespace {

// Those that have gone too: when ZooKeeper comes back without its data nobody is registered, and a
// term that begins anew would be smaller than those that the nodes' data have.
std::vector<core::Member> all_that_were_known(const View& view) {
    std::vector<core::Member> all;
    for (const auto& [id, member] : view.members) all.push_back(member);
    for (const auto& [address, member] : view.last_entries) all.push_back(member);
    return all;
}

// The identity of the data of this process. Empty when neither its entry nor the record have told
// it here; the node writes it anew then, see redis-wrapper/core/be_master.cc.
std::string data_of(const View& view, const Endpoint& node, const std::string& run_id) {
    const auto entry = view.last_entries.find(node);
    if (entry != view.last_entries.end() && entry->second.run_id == run_id) return entry->second.id;
    const auto& last = last_recorded(view);
    return last && last->run_id == run_id ? last->node : std::string{};
}

// A master says where it has left the history of the one before. Of none other is it known how much
// it had when it was promoted.
std::optional<core::Lineage> beginning_of_the_term(const View& view, const Probe& proof) {
    const auto& last = last_recorded(view);
    const std::string& former = proof.former_replication_id;
    if (!last || !proof.former_offset || former.empty()) return std::nullopt;
    const bool is_that_of_the_record =
        former == last->replication_id || core::PastId{former, last->term} == view.recorded_history;
    if (!is_that_of_the_record) return std::nullopt;
    return core::Lineage{last->term, *proof.former_offset};
}

core::Change change_to(const View& view, const Probe& proof, const core::Record& record,
                       TimePoint now) {
    core::Change change{beginning_of_the_term(view, proof),
                        core::freshest_of_others(view.roster, view.members, record.master),
                        {},
                        {}};
    const auto between = [](TimePoint from, TimePoint to) {
        return std::chrono::duration_cast<milliseconds>(to - from);
    };
    const auto promoted = view.master_since.find(record.master);
    const auto& last = last_recorded(view);
    // Else a record is restored that somebody has deleted.
    const bool is_change = last && last->master != record.master;
    if (promoted == view.master_since.end() || !is_change) return change;
    change.promoted_until_published = between(promoted->second, now);
    const auto heard = view.heard_at.find(last->master);
    if (heard != view.heard_at.end() && heard->second <= promoted->second)
        change.without_master = between(heard->second, promoted->second);
    return change;
}

}  // namespace

Publish publication(const View& view, const Choice& choice, TimePoint now) {
    const Probe& proof = view.probes.at(choice.master);
    const auto& last = last_recorded(view);
    core::Record record;
    record.term = core::next_term(view.record, view.roster, all_that_were_known(view));
    if (last) record.term = std::max(record.term, last->term + 1);
    record.master = choice.master;
    record.cluster = view.cluster;
    record.node = data_of(view, choice.master, proof.run_id);
    record.run_id = proof.run_id;
    record.replication_id = proof.replication_id;
    record.by = view.self.name;
    record.reason = choice.why;
    record.config_epoch = std::max(last ? last->config_epoch : 0, choice.config_epoch);
    core::Change change = change_to(view, proof, record, now);
    return {std::move(record), change};
}

}  // namespace redis_zk::watcher
