#include "redis-wrapper/core/observe.h"

#include <algorithm>
#include <utility>

#include "common/core/inquiry.h"
#include "redis-wrapper/core/find_master.h"
#include "redis-wrapper/core/lease.h"
#include "redis-wrapper/core/quarantine.h"
#include "redis-wrapper/core/storm.h"

namespace redis_zk::redis_wrapper {

using namespace std::chrono_literals;
using core::Role;

namespace {

constexpr milliseconds time_for_a_command = 2s;
// Twice what the connection waits for an answer.
constexpr milliseconds longest_silence_of_redis = 10s;
constexpr milliseconds time_for_a_publication = 3s;
// Sentinel refuses a second fail-over while one runs, and needs its next INFO to see a new state.
constexpr milliseconds time_between_failover_requests = 3s;

Role role_of(const RedisLook& look) {
    if (look.loading_at_start) return Role::loading;
    if (look.is_master) return Role::master;
    return look.following == nowhere ? Role::parked : Role::replica;
}

core::LineageTracker::Observation observation(const View& view, const RedisLook& look) {
    return {view.redis.role,
            look.link_up,
            look.sync_in_progress,
            look.disk_settled,
            look.replication_id,
            look.offset,
            look.keys,
            joined_term(view),
            look.link_up && proof_of_the_followed(view) == Proof::stranger,
            look.unwritten};
}

// What is of interest as it is.
void take_over(OwnRedis& redis, const RedisLook& look) {
    redis.link_up = look.link_up;
    redis.open = look.open;
    redis.copies_nobody = look.copies_nobody;
    redis.synchronising = look.sync_in_progress;
    redis.offset = look.offset;
    redis.lag = look.link_up ? look.lag : std::nullopt;
    redis.run_id = look.run_id;
    redis.replication_id = look.replication_id;
    redis.former_replication_id = look.former_replication_id;
    redis.replicas = look.replicas;
    redis.replica_offsets = look.replica_offsets;
    redis.replicas_that_count = look.replicas_that_count;
    redis.serves_stale_data = look.serves_stale_data;
    redis.loads = look.refuses_reads_to_load;
    redis.loading_percent = look.loading_percent;
    redis.loading_seconds_left = look.loading_seconds_left;
}

// Redis connects again by itself, to whoever listens at the address then. (For how long nobody has
// answered there is as true as before.)
void forget_who_listens(View& view, const Endpoint& node) {
    const auto known = view.probes.find(node);
    if (known != view.probes.end() && known->second.answer != Probe::Answer::silent)
        view.probes.erase(known);
}

void observe_living_master(View& view, const RedisLook& look, TimePoint now) {
    const bool is_master = view.redis.role == Role::master && look.open;
    if (hears_a_master(view) || is_master) view.master_seen_at = now;
    // It does not answer our questions, as when some of the packets are lost, and its stream goes
    // on.
    if (look.link_up && look.silence_of_master && proof_of_the_followed(view) == Proof::unknown)
        view.master_seen_at =
            std::max(view.master_seen_at.value_or(TimePoint{}), view.redis.heard_master_at);
}

}  // namespace

void observe_redis(View& view, core::LineageTracker& tracker, const RedisLook& look,
                   TimePoint now) {
    if (view.redis.link_up && !look.link_up && view.redis.following)
        forget_who_listens(view, *view.redis.following);
    view.redis.looked_at = view.redis.seen_at = now;
    const bool was_loading = view.redis.role == Role::stopped || view.redis.role == Role::loading;
    const bool was_master = view.redis.role == Role::master;
    view.redis.role = role_of(look);
    if (view.redis.role == Role::master && !was_master) view.redis.became_master_at = now;
    if (view.redis.role != Role::master) view.redis.former_was_up = false;
    const bool was_demoted = was_master && view.redis.role != Role::master;
    if (was_demoted && view.hand_over && !view.hand_over->stepped_down_at)
        view.hand_over->stepped_down_at = now;
    // A replica has left, or leads its own life: the sentinels may be about to replace this master.
    const auto is_still_there = [&look](const Endpoint& replica) {
        return std::ranges::find(look.replicas, replica) != look.replicas.end();
    };
    if (was_master && !std::ranges::all_of(view.redis.replicas, is_still_there))
        view.sentinels.outdated_at = now;
    view.redis.following =
        view.redis.role == Role::replica ? look.following : std::optional<Endpoint>{};
    if (view.redis.following) view.redis.followed_last = view.redis.following;
    view.lease_is_lost = view.lease_is_lost && look.open;
    const bool was_offered = view.redis.offered;
    view.redis.offered = look.priority == view.self.priority;
    if (view.redis.offered && !was_offered) view.redis.offered_since = now;
    if (look.link_up && look.silence_of_master)
        view.redis.heard_master_at = now - *look.silence_of_master;
    take_over(view.redis, look);
    if (was_loading && view.redis.role != Role::loading) {
        tracker.loaded({look.append_only, look.replication_id, look.offset, look.keys});
        view.redis.brings_data = look.keys > 0 && view.self.claimed_cluster.empty();
        observe_loaded_writes(view);
    }
    tracker.observed(observation(view, look));
    observe_own_writes(view);
    // From here on the data belong to this cluster, and to no other.
    if (joined_term(view) && !view.record.cluster().empty()) {
        view.self.claimed_cluster = view.record.cluster();
        view.redis.brings_data = false;
    }
    view.redis.lineage = tracker.current();
    if (view.redis.role == Role::master && !was_master)
        view.redis.promoted_with = view.redis.lineage;
    observe_living_master(view, look, now);
}

void observe_redis_busy(View& view, TimePoint now) { view.redis.looked_at = now; }

void observe_redis_gone(View& view) {
    view.redis = OwnRedis{};
    view.lease_is_lost = false;
    view.in_flight.redis_command.reset();
}

void observe_probe(View& view, const Endpoint& node, Probe answer, TimePoint now) {
    if (core::is_outdated(view.probes, node, answer)) return;
    if (answer.answer == Probe::Answer::master && answer.same_cluster) view.master_seen_at = now;
    core::observe_answer(view.probes[node], std::move(answer), now);
}

void observe_session(View& view, bool connected, bool is_new) {
    view.zookeeper_connected = connected;
    if (!is_new) return;
    view.registered = false;
    view.lock = Lock::none;
    view.patience_began.reset();
    view.abandoned_since.clear();
    view.in_flight.registration.reset();
    view.in_flight.publication.reset();
    view.in_flight.roster.reset();
}

void observe_published(View& view, bool failed, std::uint64_t chance, TimePoint now) {
    view.in_flight.publication.reset();
    if (failed)
        core::observe_failure(view.in_flight.publications, chance, now);
    else
        view.in_flight.publications = {};
}

namespace {

bool is_handing_over(const View& view) { return view.hand_over && !view.hand_over->is_over; }

void observe_hand_over(HandOver& hand_over, OwnRedis& redis, const Action& action, TimePoint now) {
    if (std::holds_alternative<Pause>(action)) hand_over.paused_at = now;
    if (std::holds_alternative<RequestFailover>(action)) {
        hand_over.replication_id = redis.replication_id;
        hand_over.offset = redis.offset;
    }
    if (std::holds_alternative<Park>(action)) hand_over.stepped_down_at = now;
    const auto* end = std::get_if<EndHandOver>(&action);
    if (end == nullptr) return;
    hand_over.is_over = true;
    hand_over.is_done = end->is_done;
    if (end->is_done) redis.own_writes = OwnWrites::handed_over;
    hand_over.outcome = end->reason;
}

}  // namespace

void observe_hand_over_request(View& view, TimePoint now) {
    if (is_handing_over(view)) return;
    view.hand_over = HandOver{};
    view.hand_over->asked_at = now;
    view.in_flight.failover_request.reset();  // it was not for this one
}

void observe_stop(View& view, TimePoint now) {
    ++view.stop_requests;
    if (view.stop_requested_at) return;
    view.stop_requested_at = now;
    const bool may_hand_over = view.hand_over_timeout > 0ms && view.redis.open;
    if (may_hand_over && view.redis.role == Role::master) observe_hand_over_request(view, now);
}

void observe_failover_answer(View& view, const Endpoint& sentinel, bool is_under_way) {
    if (view.death) view.death->is_failover_under_way = is_under_way;
    if (is_under_way || (!view.death && !is_handing_over(view))) return;
    auto& refused_by = view.death ? view.death->refused_by : view.hand_over->refused_by;
    refused_by.insert(sentinel);
    view.in_flight.failover_request.reset();  // another one may be willing
}

void observe_redis_death(View& view, TimePoint now) {
    Death death;
    death.at = now;
    const bool serves = view.redis.open || is_handing_over(view);
    death.was_master = view.redis.role == Role::master && serves && is_recorded(view);
    death.replicas = view.redis.replicas;
    observe_redis_gone(view);
    view.in_flight.failover_request.reset();
    view.death = std::move(death);
}

void observe_performed(View& view, const Action& action, TimePoint now) {
    if (is_handing_over(view)) observe_hand_over(*view.hand_over, view.redis, action, now);
    if (const auto* ask = std::get_if<AskNode>(&action))
        core::observe_question(view.probes[ask->node], now);
    if (std::holds_alternative<AskSentinels>(action))
        core::observe_question(view.sentinels, now, core::time_for_a_question);
    if (const auto* touch = std::get_if<KeepInTouch>(&action))
        view.sentinels.opinions[touch->sentinel].contact_asked_at = now;
    const bool is_redis_command =
        std::holds_alternative<Promote>(action) || std::holds_alternative<Follow>(action) ||
        std::holds_alternative<Park>(action) || std::holds_alternative<Open>(action) ||
        std::holds_alternative<Offer>(action) || std::holds_alternative<Close>(action) ||
        std::holds_alternative<Pause>(action);
    if (is_redis_command) view.in_flight.redis_command = now + time_for_a_command;
    if (std::holds_alternative<Open>(action)) observe_opening(view);
    if (const auto* it = std::get_if<QuarantineData>(&action))
        view.quarantine = Quarantine{it->loss.had, !it->keeps_data};
    if (std::holds_alternative<Register>(action))
        view.in_flight.registration = now + time_for_a_publication;
    if (std::holds_alternative<Publish>(action))
        view.in_flight.publication = now + time_for_a_publication;
    if (std::holds_alternative<WriteRoster>(action))
        view.in_flight.roster = now + time_for_a_publication;
    if (std::holds_alternative<RequestFailover>(action)) {
        view.in_flight.failover_request = now + time_between_failover_requests;
        view.sentinels.outdated_at = now;  // what they said before
    }
    if (std::holds_alternative<TakeLock>(action)) view.lock = Lock::requested;
    if (std::holds_alternative<ReleaseLock>(action)) view.lock = Lock::none;
    if (std::holds_alternative<ShutDown>(action)) {
        view.shutdown_sent = true;
        view.stop_requests_until_shutdown = view.stop_requests;
    }
}

bool is_overdue(const View& view, TimePoint now, milliseconds tolerated) {
    return core::stood_still(view.next_turn_at, now, tolerated);
}

bool observe_jump(View& view, TimePoint now, milliseconds session_timeout) {
    if (!is_overdue(view, now, session_timeout / 3)) return false;
    core::outdate_answers(view.probes, now);
    core::observe_standstill(view.sentinels, now);
    // The silence was ours.
    view.redis.looked_at += now - view.next_turn_at;
    view.redis.seen_at = {};
    view.stood_still = true;
    if (view.informed_since) view.gap_began = view.turned_at;
    view.informed_since.reset();
    // A command that opens it may have been on its way.
    const bool may_be_open = view.redis.open || view.in_flight.redis_command;
    if (view.redis.role == Role::master && may_be_open &&
        now > view.turned_at + session_timeout * 2 / 3) {
        view.lease_is_lost = true;
        view.in_flight.redis_command.reset();
    }
    return true;
}

namespace {

// What is left of a wait after a gap is what was left before it. But not less than the gap was
// long, up to what a node needs that comes back: others may have been away too.
TimePoint without_gap(TimePoint began, milliseconds wait, TimePoint gap_began, TimePoint now) {
    const auto gap = now - gap_began;
    const auto shortest = std::min<TimePoint::duration>(gap, time_to_come_back);
    return std::min(now, std::max(began + gap, now - wait + shortest));
}

void observe_gap(View& view, bool informed, TimePoint now) {
    if (!informed) {
        if (view.informed_since) view.gap_began = now;
        view.informed_since.reset();
        return;
    }
    if (view.informed_since) return;
    view.informed_since = now;
    const auto gap_began = std::exchange(view.gap_began, std::nullopt).value_or(now);
    if (view.patience_began) {
        const TimePoint began =
            std::max(*view.patience_began, view.master_seen_at.value_or(TimePoint::min()));
        view.patience_began = without_gap(began, view.self.cold_start_wait, gap_began, now);
    } else {
        view.patience_began = now;
    }
    for (auto& [node, since] : view.abandoned_since)
        since = without_gap(since, time_to_come_back, gap_began, now);
}

void observe_abandoned(View& view, TimePoint now) {
    std::map<Endpoint, TimePoint> abandoned;
    for (const auto& [address, probe] : view.probes) {
        const Endpoint& node = address;  // clang 14 cannot capture a structured binding
        const bool is_closed_master =
            probe.answer == Probe::Answer::master && probe.same_cluster && probe.closed == true;
        const bool has_wrapper = std::ranges::any_of(
            view.members, [&](const auto& it) { return it.second.address == node; });
        if (!is_closed_master || has_wrapper) continue;
        const auto known = view.abandoned_since.find(node);
        abandoned[node] = known == view.abandoned_since.end() ? now : known->second;
    }
    view.abandoned_since = std::move(abandoned);
}

}  // namespace

void observe_time(View& view, TimePoint now) {
    view.turned_at = now;
    observe_touch(view, now);
    const bool answers = view.redis.role == Role::stopped || view.redis.role == Role::loading ||
                         now - view.redis.looked_at < longest_silence_of_redis;
    view.redis.hangs = !answers;
    forget_early_crashes(view, now);
    if (view.record.known) core::observe_term(view.sentinels, view.record.term(), now);
    const bool informed = view.zookeeper_connected && view.record.known && view.members_known &&
                          view.sentinels.known && view.registered;
    // Whoever answers next may let us write.
    if (!view.zookeeper_connected) view.in_flight.publications = {};
    if (view.zookeeper_connected || majority_of_sentinels(view) == view.self.address)
        view.stood_still = false;
    core::forget_old_answers(view.probes, now);
    observe_gap(view, informed, now);
    if (informed) observe_abandoned(view, now);
}

}  // namespace redis_zk::redis_wrapper
