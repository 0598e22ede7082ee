// The steps of a hand-over from b to c, as views. It was asked for at t0, and b looks at `soon`.
#pragma once

#include <optional>
#include <string>

#include "common/core/inquiry.h"
#include "redis-wrapper/core/decide.h"
#include "redis-wrapper/core/hand_over.h"
#include "redis-wrapper/core/observe.h"
#include "tests/unit/redis-wrapper/core/views.h"

namespace redis_zk::redis_wrapper {

inline const TimePoint soon = t0 + core::shortest_pace;

// b could hand over to c.
inline View master_with_an_heir() {
    View view = recorded_master();
    view.redis.replicas = {at_c};
    view.redis.replication_id = "history of b";
    view.redis.offset = 500;
    sentinels_name(view, at_b);
    for (auto& [sentinel, opinion] : view.sentinels.opinions) {
        opinion.asked_at = t0;
        opinion.candidates = {{at_c, false}};
    }
    return view;
}

inline View asked_to_hand_over() {
    View view = master_with_an_heir();
    observe_hand_over_request(view, t0);
    return view;
}

inline View paused() {
    View view = asked_to_hand_over();
    observe_performed(view, Pause{}, t0);
    view.in_flight.redis_command.reset();
    view.redis.looked_at = t0 + 1ms;
    return view;
}

inline Probe& has_all(View& view, const Endpoint& replica, TimePoint asked_at) {
    is_replica(view, replica, at_b);
    Probe& probe = view.probes[replica];
    probe.asked_at = asked_at;
    probe.replication_id = "history of b";
    probe.offset = 500;
    probe.priority = 100;
    return probe;
}

inline Probe& has_taken_over(View& view, const Endpoint& replica) {
    is_master(view, replica);
    Probe& probe = view.probes[replica];
    probe.asked_at = t0 + 6ms;
    probe.former_replication_id = "history of b";
    probe.former_offset = 500;
    return probe;
}

inline View caught_up() {
    View view = paused();
    has_all(view, at_c, t0);
    return view;
}

inline View closed() {
    View view = caught_up();
    view.redis.open = false;
    return view;
}

inline View failover_requested() {
    View view = closed();
    observe_performed(view, RequestFailover{sentinel_1, {}}, t0 + 5ms);
    return view;
}

// c is master, and b has parked; the record names b.
inline View stepped_down() {
    View view = failover_requested();
    has_taken_over(view, at_c);
    observe_performed(view, Park{}, t0 + 8ms);
    view.in_flight.redis_command.reset();
    view.redis.role = Role::parked;
    return view;
}

inline std::string decided(const View& view, TimePoint now = soon) {
    return spoken_actions(decide(view, now));
}

inline std::optional<Endpoint> requested_of(const View& view, TimePoint now = soon) {
    const auto actions = decide(view, now);
    const auto* request = find<RequestFailover>(actions);
    return request ? std::optional{request->sentinel} : std::nullopt;
}

// When others have had the time to do it.
inline std::optional<Publish> published(const View& view) {
    const auto actions = decide(view, *view.hand_over->stepped_down_at + 100ms);
    const auto* publish = find<Publish>(actions);
    return publish ? std::optional{*publish} : std::nullopt;
}

}  // namespace redis_zk::redis_wrapper
