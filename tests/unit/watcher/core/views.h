// Views that tests of the policy start from, named after situations, and what is decided in words.
#pragma once

#include <string>

#include "watcher/core/action.h"
#include "watcher/core/view.h"

namespace redis_zk::watcher {

using namespace std::chrono_literals;

inline const TimePoint t0 = TimePoint{} + std::chrono::hours{1};
inline const Endpoint at_a{"10.0.0.1", 6379};
inline const Endpoint at_b{"10.0.0.2", 6379};
inline const Endpoint sentinel_1{"10.0.1.1", 26379};
inline const Endpoint sentinel_2{"10.0.1.2", 26379};
inline const Endpoint sentinel_3{"10.0.1.3", 26379};

inline void names(View& view, const Endpoint& sentinel, const Endpoint& master, std::uint64_t epoch,
                  std::uint64_t last_vote = 0, const Endpoint& voted_for = sentinel_1) {
    KnownSentinel& known = view.sentinels[sentinel];
    known.opinion.answered = known.opinion.master_is_up = known.opinion.has_quorum = true;
    known.opinion.master = known.opinion.watched = master;
    known.opinion.config_epoch = epoch;
    known.opinion.id = core::spoken(sentinel);
    known.opinion.last_vote = last_vote;
    known.opinion.voted_for = core::spoken(voted_for);
    known.asked_at = known.as_of = known.answered_at = known.opinion.asked_at = t0;
}

inline void all_name(View& view, const Endpoint& master, std::uint64_t epoch) {
    for (const Endpoint& sentinel : {sentinel_1, sentinel_2, sentinel_3})
        names(view, sentinel, master, epoch);
}

inline void answers(View& view, const Endpoint& node, Probe::Answer answer, bool open = false) {
    Probe& probe = view.probes[node];
    probe = Probe{};
    probe.answer = answer;
    probe.same_cluster = true;
    probe.closed = !open;
    probe.run_id = "run at " + node.host;
    probe.replication_id = "history of " + node.host;
    probe.answered_at = probe.asked_at = t0;
    if (answer == Probe::Answer::master) view.master_since[node] = t0;
    if (answer == Probe::Answer::silent) probe.silent_since = t0;
}

inline void registered(View& view, const std::string& id, const Endpoint& address) {
    core::Member& member = view.members[id];
    member.id = id;
    member.address = address;
    member.role = core::Role::replica;
    member.lineage = core::Lineage{7, 99};
    member.run_id = "run at " + address.host;
    view.last_entries[address] = member;
}

// a is the recorded master of term 7 and takes writes, b follows it, all three sentinels agree.
inline View calm() {
    View view;
    view.self = {"watcher 5f3c", "mymaster"};
    view.zookeeper_connected = view.members_known = view.sentinels_known = true;
    view.cluster = "c1";
    view.record.known = true;
    view.record.named = at_a;
    view.record.written =
        core::Record{7, at_a, "c1", "a", "run at 10.0.0.1", {}, "somebody", "why"};
    view.record.written->config_epoch = 1;
    view.last_term = 7;
    registered(view, "a", at_a);
    registered(view, "b", at_b);
    view.members["a"].role = core::Role::master;
    answers(view, at_a, Probe::Answer::master, true);
    answers(view, at_b, Probe::Answer::replica);
    all_name(view, at_a, 1);
    view.listening = {Listening::State::listening, sentinel_1, t0};
    return view;
}

// a has died and all three sentinels name b, which is promoted and closed.
inline View failed_over() {
    View view = calm();
    answers(view, at_a, Probe::Answer::dead);
    answers(view, at_b, Probe::Answer::master);
    all_name(view, at_b, 2);
    return view;
}

inline std::string spoken_actions(const Actions& actions) {
    std::string all;
    for (const Action& action : actions)
        if (const auto one = describe(action); !one.empty()) all += (all.empty() ? "" : "; ") + one;
    return all;
}

template <typename T>
bool has(const Actions& actions) {
    for (const Action& action : actions)
        if (std::holds_alternative<T>(action)) return true;
    return false;
}

}  // namespace redis_zk::watcher
