// Situations in which a sentinel-wrapper finds itself, as views; and what was decided, as
// questions. In all of them there are the nodes a, b and c, and it is t0.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "sentinel-wrapper/core/action.h"
#include "sentinel-wrapper/core/observe.h"
#include "sentinel-wrapper/core/view.h"

namespace redis_zk::sentinel_wrapper {

using namespace std::chrono_literals;

inline const TimePoint t0 = TimePoint{} + std::chrono::hours{1};
inline const Endpoint at_a{"10.0.0.1", 6379};
inline const Endpoint at_b{"10.0.0.2", 6379};
inline const Endpoint at_c{"10.0.0.3", 6379};
inline const Endpoint sentinel_1{"10.0.1.1", 26379};  // ours
inline const Endpoint sentinel_2{"10.0.1.2", 26379};
inline const Endpoint sentinel_3{"10.0.1.3", 26379};

inline Probe& answers(View& view, const Endpoint& node, Probe::Answer answer,
                      std::optional<Endpoint> following = {}, TimePoint at = t0) {
    Probe& probe = view.probes[node];
    probe = {};
    probe.answer = answer;
    probe.following = std::move(following);
    probe.same_cluster = true;
    probe.answered_at = at;
    return probe;
}

inline void is_dead(View& view, const Endpoint& node) { answers(view, node, Probe::Answer::dead); }
inline void is_master(View& view, const Endpoint& node) {
    answers(view, node, Probe::Answer::master);
}
inline void is_replica(View& view, const Endpoint& node, const Endpoint& master) {
    answers(view, node, Probe::Answer::replica, master);
}
// For as long as it takes to believe it.
inline void becomes_stranger(View& view, const Endpoint& node, Probe::Answer answer,
                             std::optional<Endpoint> following = {}) {
    answers(view, node, answer, std::move(following)).same_cluster = false;
    view.strangers[node] = t0 - 2s;
}

inline void recorded(View& view, std::uint64_t term, const Endpoint& master) {
    view.record.named = master;
    view.record.written = core::Record{term, master, "c1", "node", {}, {}, "somebody", "why"};
    view.registered_sentinels.last_term = term;
}

inline void opinion(View& view, const Endpoint& sentinel, const Endpoint& master) {
    Opinion& opinion = view.registered_sentinels.opinions[sentinel];
    opinion.answered = true;
    opinion.master = opinion.watched = master;
    view.registered_sentinels.asked_at = t0;
}

// a is the recorded master of b and c; ZooKeeper has told everything; no sentinel was started yet.
inline View informed() {
    View view;
    view.self.address = sentinel_1;
    view.self.quorum = 2;
    view.zookeeper_connected = view.record.known = view.members_known = view.ids_known = true;
    view.registered_sentinels.known = true;
    view.informed_since = view.calm_since = view.master_missing_since = t0 - 1min;
    view.ids = {"id1", "id2", "id3"};
    recorded(view, 1, at_a);
    is_master(view, at_a);
    is_replica(view, at_b, at_a);
    is_replica(view, at_c, at_a);
    for (const auto& [id, address] : {std::pair{"a", at_a}, {"b", at_b}, {"c", at_c}}) {
        core::Member& member = view.members[id];
        member.id = id;
        member.address = address;
        const bool is_replica = address != at_a;
        member.role = is_replica ? core::Role::replica : core::Role::master;
        member.link_up = is_replica;
        if (is_replica) member.following = at_a;
    }
    view.self.master_timeout = 5min;
    return view;
}

// Our sentinel monitors a, knows everybody, and is registered, as sentinels 2 and 3 are.
inline View monitoring() {
    View view = informed();
    view.master_missing_since.reset();
    view.identity = {Identity::State::owned, "id1", true};
    view.sentinel.state = OwnSentinel::State::running;
    view.sentinel.id = "id1";
    view.sentinel.monitored = Monitored{at_a, 2, false, false};
    view.sentinel.monitored_since = t0 - 1min;
    view.sentinel.replicas[at_b];
    view.sentinel.replicas[at_c];
    view.sentinel.others["id2"].address = sentinel_2;
    view.sentinel.others["id3"].address = sentinel_3;
    view.sentinel.has_quorum = true;
    view.sentinel.looked_at = t0;
    view.registered = true;
    view.verified = at_a;
    view.verified_since = t0 - 1min;
    for (const Endpoint& sentinel : {sentinel_1, sentinel_2, sentinel_3})
        opinion(view, sentinel, at_a);
    return view;
}

// Everybody had to do with a; it is dead, b has been master for long, and the record says so.
inline View left_behind() {
    View view = monitoring();
    is_dead(view, at_a);
    is_master(view, at_b);
    is_replica(view, at_c, at_b);
    recorded(view, 2, at_b);
    view.sentinel.has_quorum = false;
    view.verified = at_b;
    view.verified_since = t0 - 6s;
    return view;
}

template <typename Kind>
std::optional<Kind> the(const std::vector<Action>& actions) {
    for (const Action& action : actions)
        if (const auto* found = std::get_if<Kind>(&action)) return *found;
    return std::nullopt;
}

// What is done or waited for, without the questions: "monitor", "wait".
inline std::string deeds(const std::vector<Action>& actions) {
    std::string all;
    for (const Action& action : actions) {
        const std::string sentence = describe(action);
        if (!sentence.empty()) all += (all.empty() ? "" : "; ") + sentence;
    }
    return all;
}

inline std::string reason_to_wait(const std::vector<Action>& actions) {
    const auto wait = the<Wait>(actions);
    return wait ? wait->reason : "";
}

}  // namespace redis_zk::sentinel_wrapper
