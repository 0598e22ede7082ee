#include "redis-wrapper/core/storm.h"

#include <algorithm>
#include <limits>

#include "common/core/inquiry.h"
#include "redis-wrapper/core/lease.h"

namespace redis_zk::redis_wrapper {

using core::Member;
using core::Role;

namespace {

// The others need that to notice that their links have ended, and to say what they have.
constexpr milliseconds time_to_say_what_one_has{1000};

// Short beside the silence after which the sentinels replace a master.
milliseconds longest_silence(const View& view) {
    constexpr milliseconds longest{1000};
    return std::min(longest, shortest_down_after(view).value_or(3 * longest) / 3);
}

// Since when the followed one has answered no question. Its link stays up for much longer.
std::optional<TimePoint> unanswered_since(const View& view) {
    const auto followed = view.probes.find(view.redis.following.value_or(nowhere));
    if (followed == view.probes.end()) return std::nullopt;
    const Probe& probe = followed->second;
    const bool is_first_silence = probe.silent_since && probe.asked_at < *probe.silent_since;
    if (is_first_silence && probe.asked_at != TimePoint{}) return probe.asked_at;
    if (probe.silent_since) return probe.silent_since;
    if (core::is_pending(probe.asked_until, view.turned_at)) return probe.question_at;
    return std::nullopt;
}

bool is_master_silent(const View& view) {
    if (view.redis.role != Role::replica || !view.redis.link_up) return false;
    const auto since = unanswered_since(view);
    return since && view.turned_at - *since > longest_silence(view);
}

// Its link has ended, and it was in sync with the recorded master. Everybody else whose link has
// ended has said how much it has, and nobody has as much.
bool is_ahead_without_a_link(const View& view) {
    if (view.redis.role != Role::replica || view.redis.link_up || steps_back(view)) return false;
    const bool was_in_sync = view.redis.heard_master_at != TimePoint{} && view.redis.lineage &&
                             view.redis.lineage->term >= view.record.term();
    return was_in_sync &&
           view.turned_at - view.master_seen_at.value_or(TimePoint{}) > time_to_say_what_one_has;
}

bool has_lasted(const View& view, TimePoint now) {
    return now - view.redis.became_master_at >= time_to_prove_itself;
}

// What a member has while its link is up is written down only when it ends: of those that copy one
// master the term tells enough. And only they can take the place of one that others cannot open.
bool has_the_data_of(const Member& one, const Member& other) {
    if (!other.lineage) return true;
    if (!other.link_up) return one.lineage >= other.lineage;
    return one.link_up && one.following == other.following &&
           one.lineage->term >= other.lineage->term;
}

// One that is master already is no reason: when it dies, somebody has to be offered.
bool could_lead_instead(const Member& one, const Member& other) {
    if (one.priority == 0 || one.crashes_early || !one.lineage) return false;
    const bool is_ready = one.role == Role::replica || one.role == Role::parked;
    return is_ready && has_the_data_of(one, other);
}

}  // namespace

void recall_early_crashes(View& view, const core::EarlyCrashes& claimed, std::int64_t unix_time,
                          TimePoint now) {
    const std::chrono::seconds memory = memory_of_early_crashes;
    if (claimed.count <= 0 || claimed.last_at <= unix_time - memory.count()) return;
    view.early_crashes = {claimed.count, std::min(claimed.last_at, unix_time)};
    const std::chrono::seconds passed{unix_time - view.early_crashes.last_at};
    view.early_crashes_end = now + memory - passed;
}

bool count_early_crash(View& view, std::int64_t unix_time, TimePoint now) {
    if (view.redis.role != Role::master || has_lasted(view, now)) return false;
    if (view.stop_requested_at) return false;  // whoever stops us may have stopped redis, too
    forget_early_crashes(view, now);
    // A file may hold any number.
    const int before = std::min(view.early_crashes.count, std::numeric_limits<int>::max() - 1);
    view.early_crashes = {before + 1, unix_time};
    view.early_crashes_end = now + memory_of_early_crashes;
    return true;
}

void forget_early_crashes(View& view, TimePoint now) {
    const bool is_forgiven =
        view.redis.role == Role::master && view.redis.open && has_lasted(view, now);
    if (is_forgiven || now >= view.early_crashes_end) view.early_crashes = {};
}

bool crashes_early(const View& view) {
    return view.early_crashes.count >= early_crashes_of_a_storm && view.self.priority != 0;
}

bool steps_back(const View& view, const Member& member) {
    if (!member.crashes_early || member.role == Role::master) return false;
    Member self = self_as_member(view);
    // Promoted a moment ago, for the other steps back: that goes on until this node leads.
    if (self.role == Role::master && !view.redis.open) self.role = Role::parked;
    if (could_lead_instead(self, member)) return true;
    return std::ranges::any_of(view.members, [&](const auto& it) {
        const Member& one = it.second;
        return one.id != self.id && could_lead_instead(one, member);
    });
}

bool steps_back(const View& view) { return steps_back(view, self_as_member(view)); }

bool is_withheld(const View& view) { return steps_back(view) && !is_master_silent(view); }

bool may_be_ahead(const View& view) {
    return crashes_early(view) && view.redis.lineage &&
           (is_master_silent(view) || is_ahead_without_a_link(view));
}

std::string spoken_crashes(const View& view) {
    return "redis has crashed " + std::to_string(view.early_crashes.count) +
           " times within a minute of its promotion";
}

std::string why_it_steps_back(const View& view) {
    return spoken_crashes(view) + ", and another node can lead";
}

std::int64_t seconds_to_step_back(const View& view, TimePoint now) {
    const auto left = std::chrono::ceil<std::chrono::seconds>(view.early_crashes_end - now).count();
    return crashes_early(view) ? std::max<std::int64_t>(left, 0) : 0;
}

}  // namespace redis_zk::redis_wrapper
