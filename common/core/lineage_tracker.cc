#include "common/core/lineage_tracker.h"

#include <algorithm>

namespace redis_zk::core {

namespace {
// A snapshot is hardly older than so many changes of master.
constexpr std::size_t longest_past = 8;
}  // namespace

void LineageTracker::loaded(const LoadedDataset& dataset) {
    memory_ = restored_lineage(stored_, dataset);
    keys_ = dataset.keys;
    // From here on the claim is what the loaded data really carry, which may be less.
    if (stored_) {
        stored_->lineage = memory_;
        stored_->replication_id = dataset.replication_id;
        stored_->keys = dataset.keys;
    }
    counts_in_this_run_ = false;
    loaded_ = true;
}

void LineageTracker::observed(const Observation& look) {
    if (look.role == Role::stopped || look.role == Role::loading) {
        return;
    }
    if (look.stranger) {
        memory_.reset();
        if (stored_) stored_->lineage.reset();
        return;
    }
    if (look.sync_in_progress) {
        being_replaced_ = disk_behind_ = true;
        return;
    }
    const bool joined = look.role == Role::master || look.link_up || look.joined_term;
    if (being_replaced_) {
        // A synchronisation that broke off before the old data were dropped left them whole.
        const bool is_over = look.role == Role::master || look.link_up;
        if (!is_over && look.keys != keys_) return;
        being_replaced_ = false;
    }
    if (joined && look.joined_term) {
        disk_behind_ =
            disk_behind_ || !counts_in_this_run_ || !memory_ || memory_->term != *look.joined_term;
        memory_ = Lineage{*look.joined_term, look.offset};
        counts_in_this_run_ = true;
    } else if (counts_in_this_run_ && memory_) {
        memory_->offset = look.offset;
    }
    keys_ = look.keys;
    if (!look.disk_settled) return;
    if (memory_ && (joined || !disk_behind_)) {
        disk_behind_ = false;
        store(look);
    }
}

void LineageTracker::store(const Observation& look) {
    if (!stored_) stored_.emplace();
    const bool is_new_id = stored_->lineage && stored_->replication_id != look.replication_id;
    if (is_new_id) {
        stored_->past.push_back({stored_->replication_id, stored_->lineage->term});
        if (stored_->past.size() > longest_past) stored_->past.erase(stored_->past.begin());
    }
    stored_->lineage = memory_;
    stored_->lineage->offset = std::max<std::int64_t>(0, memory_->offset - look.unwritten);
    stored_->replication_id = look.replication_id;
    stored_->keys = look.keys;
}

std::optional<Lineage> LineageTracker::current() const {
    if (!loaded_) return stored_ ? stored_->lineage : std::nullopt;
    return being_replaced_ ? std::nullopt : memory_;
}

Claim LineageTracker::claim(const std::string& node, const std::string& cluster) const {
    Claim claim = stored_.value_or(Claim{});
    claim.node = node;
    claim.cluster = cluster;
    return claim;
}

}  // namespace redis_zk::core
