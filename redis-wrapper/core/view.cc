#include "redis-wrapper/core/view.h"

#include "redis-wrapper/core/storm.h"

namespace redis_zk::redis_wrapper {

Proof proof_of_the_followed(const View& view) {
    const auto followed = view.probes.find(view.redis.following.value_or(nowhere));
    if (followed == view.probes.end()) return Proof::unknown;
    const auto answer = followed->second.answer;
    // It lives and refuses our questions: nothing that we could call ours.
    if (answer == Probe::Answer::refused) return Proof::stranger;
    if (answer != Probe::Answer::master && answer != Probe::Answer::replica) return Proof::unknown;
    return followed->second.same_cluster ? Proof::ours : Proof::stranger;
}

bool is_silent(const View& view, TimePoint now) {
    constexpr milliseconds longest_silence{2000};  // it is looked at every second
    return now - view.redis.looked_at >= longest_silence;
}

bool hears_a_master(const View& view) {
    if (view.redis.role != core::Role::replica || !view.redis.link_up) return false;
    const auto followed = view.probes.find(view.redis.following.value_or(nowhere));
    return followed != view.probes.end() && followed->second.answer == Probe::Answer::master &&
           followed->second.same_cluster;
}

bool may_be_copied(const View& view) {
    // What the files may hold counts in an election. Here it counts what they do hold.
    return view.redis.lineage && view.redis.role != core::Role::loading;
}

bool is_in_sync(const View& view) {
    return view.redis.role == core::Role::replica && view.redis.link_up &&
           (view.redis.lineage || !view.record.written) &&
           proof_of_the_followed(view) != Proof::stranger;
}

std::string progress_of_loading(const View& view) {
    return std::to_string(static_cast<int>(view.redis.loading_percent)) + " %, about " +
           std::to_string(view.redis.loading_seconds_left) + " s left";
}

core::Member self_as_member(const View& view) {
    // A master that hangs may take writes again at any moment: it is one until it is killed.
    const bool counts_as_stopped = view.redis.hangs && view.redis.role != core::Role::master;
    const auto role = counts_as_stopped ? core::Role::stopped : view.redis.role;
    const int priority = view.stop_requested_at ? 0 : view.self.priority;  // it leaves
    return {view.self.id,
            view.self.address,
            role,
            view.redis.following,
            hears_a_master(view),
            view.redis.lineage,
            view.redis.brings_data,
            priority,
            view.redis.run_id,
            crashes_early(view)};
}

bool is_entry_outdated(const core::Member& entry, const core::Member& self) {
    const bool moves = self.link_up || self.role == core::Role::master;
    const bool same_term =
        entry.lineage && self.lineage && entry.lineage->term == self.lineage->term;
    core::Member expected = entry;
    if (moves && same_term) expected.lineage = self.lineage;
    return expected != self;
}

core::Claim claim_of(const View& view, const core::LineageTracker& tracker) {
    core::Claim claim = tracker.claim(view.self.id, view.self.claimed_cluster);
    claim.own_writes = view.redis.own_writes;
    // Whoever reads this cannot know what was taken after it was written.
    if (claim.own_writes == OwnWrites::counted) claim.own_writes = OwnWrites::uncounted;
    claim.early_crashes = view.early_crashes;
    return claim;
}

bool is_recorded(const View& view) {
    const auto& record = view.record;
    return record.written && record.named == view.self.address &&
           record.written->master == view.self.address && !view.redis.run_id.empty() &&
           record.written->run_id == view.redis.run_id;
}

std::optional<std::uint64_t> joined_term(const View& view) {
    if (!view.record.written) return std::nullopt;
    const bool is_master = view.redis.role == core::Role::master;
    const std::string& history = view.record.written->replication_id;
    // A replica may have been promoted before it was seen in the history that it was in.
    const std::string& joined =
        is_master ? view.redis.former_replication_id : view.redis.replication_id;
    if (!history.empty() && history == joined) return view.record.term();
    if (is_master) return is_recorded(view) ? std::optional{view.record.term()} : std::nullopt;
    const bool follows_the_recorded = view.redis.link_up && view.redis.following &&
                                      proof_of_the_followed(view) == Proof::ours &&
                                      view.redis.following == view.record.written->master &&
                                      view.redis.following == view.record.named;
    return follows_the_recorded ? std::optional{view.record.term()} : std::nullopt;
}

std::string cluster_of(const View& view) {
    if (!view.record.cluster().empty()) return view.record.cluster();
    if (!view.self.claimed_cluster.empty()) return view.self.claimed_cluster;
    return view.self.cluster_if_first;
}

}  // namespace redis_zk::redis_wrapper
