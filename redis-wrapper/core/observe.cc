#include "redis-wrapper/core/observe.h"

namespace redis_zk::redis_wrapper {

using namespace std::chrono_literals;
using core::Role;

namespace {

constexpr milliseconds time_for_a_command = 2s;
// Twice what the connection waits for an answer.
constexpr milliseconds longest_silence_of_redis = 10s;
constexpr milliseconds time_for_a_probe = 1500ms;
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

}  // namespace

void observe_redis(View& view, core::LineageTracker& tracker, const RedisLook& look,
                   TimePoint now) {
    // Redis connects again by itself, to whoever listens at the address then.
    if (view.redis.link_up && !look.link_up && view.redis.following)
        view.probes.erase(*view.redis.following);
    view.redis.looked_at = now;
    const bool was_loading = view.redis.role == Role::stopped || view.redis.role == Role::loading;
    view.redis.role = role_of(look);
    view.redis.following =
        view.redis.role == Role::replica ? look.following : std::optional<Endpoint>{};
    view.redis.link_up = look.link_up;
    view.redis.open = look.open;
    view.redis.offset = look.offset;
    view.redis.lag = look.link_up ? look.lag : std::nullopt;
    view.redis.run_id = look.run_id;
    view.redis.replication_id = look.replication_id;
    view.redis.replicas = look.replicas;
    view.redis.loading_percent = look.loading_percent;
    view.redis.loading_seconds_left = look.loading_seconds_left;
    if (was_loading && view.redis.role != Role::loading) {
        tracker.loaded({look.append_only, look.replication_id, look.offset, look.keys});
        view.redis.brings_data = look.keys > 0 && view.self.claimed_cluster.empty();
    }
    tracker.observed(observation(view, look));
    // From here on the data belong to this cluster, and to no other.
    if (joined_term(view) && !view.record.cluster().empty()) {
        view.self.claimed_cluster = view.record.cluster();
        view.redis.brings_data = false;
    }
    view.redis.lineage = tracker.current();
    const bool is_master = view.redis.role == Role::master && look.open;
    if (hears_a_master(view) || is_master) view.master_seen_at = now;
}

void observe_redis_gone(View& view) {
    view.redis = OwnRedis{};
    view.in_flight.redis_command.reset();
}

void observe_probe(View& view, const Endpoint& node, Probe answer, TimePoint now) {
    Probe& known = view.probes[node];
    answer.answered_at = now;
    answer.asked_until.reset();
    if (answer.answer == Probe::Answer::silent)
        answer.silent_since = known.silent_since.value_or(now);
    if (answer.answer == Probe::Answer::master && answer.same_cluster) view.master_seen_at = now;
    known = std::move(answer);
}

void observe_opinions(View& view, const std::map<Endpoint, Opinion>& opinions, TimePoint now) {
    for (const auto& [sentinel, opinion] : opinions)
        if (view.sentinels.opinions.contains(sentinel)) view.sentinels.opinions[sentinel] = opinion;
    view.sentinels.asked_at = now;
    view.sentinels.asked_until.reset();
    view.sentinels.outdated = view.sentinels.asked_in_term != view.record.term();
}

void observe_sentinels(View& view, const std::vector<Endpoint>& registered) {
    std::map<Endpoint, Opinion> opinions;
    for (const Endpoint& sentinel : registered) {
        const auto known = view.sentinels.opinions.find(sentinel);
        const bool is_new = known == view.sentinels.opinions.end();
        opinions[sentinel] = is_new ? Opinion{} : known->second;
        if (is_new) view.sentinels.asked_at = {};
    }
    view.sentinels.opinions = std::move(opinions);
    view.sentinels.known = true;
}

void observe_session(View& view, bool connected, bool is_new) {
    view.zookeeper_connected = connected;
    if (!is_new) return;
    view.registered = false;
    view.lock = Lock::none;
    view.in_flight.registration.reset();
    view.in_flight.publication.reset();
    view.in_flight.roster.reset();
}

void observe_performed(View& view, const Action& action, TimePoint now) {
    if (const auto* ask = std::get_if<AskNode>(&action))
        view.probes[ask->node].asked_until = now + time_for_a_probe;
    if (std::holds_alternative<AskSentinels>(action)) {
        view.sentinels.asked_until = now + time_for_a_probe;
        view.sentinels.asked_in_term = view.record.term();
    }
    const bool is_redis_command =
        std::holds_alternative<Promote>(action) || std::holds_alternative<Follow>(action) ||
        std::holds_alternative<Park>(action) || std::holds_alternative<Open>(action) ||
        std::holds_alternative<Close>(action);
    if (is_redis_command) view.in_flight.redis_command = now + time_for_a_command;
    if (std::holds_alternative<Register>(action))
        view.in_flight.registration = now + time_for_a_publication;
    if (std::holds_alternative<Publish>(action))
        view.in_flight.publication = now + time_for_a_publication;
    if (std::holds_alternative<WriteRoster>(action))
        view.in_flight.roster = now + time_for_a_publication;
    if (std::holds_alternative<RequestFailover>(action))
        view.in_flight.failover_request = now + time_between_failover_requests;
    if (std::holds_alternative<TakeLock>(action)) view.lock = Lock::requested;
    if (std::holds_alternative<ReleaseLock>(action)) view.lock = Lock::none;
    if (std::holds_alternative<ShutDown>(action)) view.shutdown_sent = true;
}

void observe_time(View& view, TimePoint now) {
    const bool answers = view.redis.role == Role::stopped || view.redis.role == Role::loading ||
                         now - view.redis.looked_at < longest_silence_of_redis;
    view.redis.hangs = !answers;
    if (view.record.known) {
        Sentinels& sentinels = view.sentinels;
        const bool is_news = sentinels.last_term && sentinels.last_term != view.record.term();
        sentinels.outdated = sentinels.outdated || is_news;
        sentinels.last_term = view.record.term();
    }
    const bool informed = view.zookeeper_connected && view.record.known && view.members_known &&
                          view.sentinels.known && view.registered;
    if (!informed)
        view.informed_since.reset();
    else if (!view.informed_since)
        view.informed_since = now;
}

}  // namespace redis_zk::redis_wrapper
