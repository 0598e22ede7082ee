// Situations in which the node b finds itself, as views; and what was decided, as questions. In all
// of them b knows a and c, and it is t0.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "redis-wrapper/core/action.h"
#include "redis-wrapper/core/storm.h"
#include "redis-wrapper/core/view.h"

namespace redis_zk::redis_wrapper {

using namespace std::chrono_literals;
using core::Lineage;
using core::Member;
using core::Role;

inline const TimePoint t0 = TimePoint{} + std::chrono::hours{1};
inline const Endpoint at_a{"10.0.0.1", 6379};
inline const Endpoint at_b{"10.0.0.2", 6379};
inline const Endpoint at_c{"10.0.0.3", 6379};
inline const Endpoint sentinel_1{"10.0.1.1", 26379};
inline const Endpoint sentinel_2{"10.0.1.2", 26379};
inline const Endpoint sentinel_3{"10.0.1.3", 26379};

// b runs, is parked and registered, has no data, and ZooKeeper holds nothing else.
inline View first_node() {
    View view;
    view.self.id = "b";
    view.self.address = at_b;
    view.self.name = "redis-wrapper b";
    view.self.cluster_if_first = "founded by b";
    view.redis.role = Role::parked;
    view.redis.run_id = "run of b";
    view.zookeeper_connected = view.record.known = view.members_known = true;
    view.sentinels.known = view.registered = true;
    view.informed_since = view.patience_began = t0;
    return view;
}

inline void answers(View& view, const Endpoint& node, Probe::Answer answer,
                    std::optional<Endpoint> following = {}) {
    Probe& probe = view.probes[node];
    probe.answer = answer;
    probe.following = std::move(following);
    probe.same_cluster = true;
    probe.run_id = "run at " + node.host;
    probe.answered_at = t0;
}

inline void is_dead(View& view, const Endpoint& node) { answers(view, node, Probe::Answer::dead); }

inline void is_master(View& view, const Endpoint& node) {
    answers(view, node, Probe::Answer::master);
}

inline void is_replica(View& view, const Endpoint& node, const Endpoint& master) {
    answers(view, node, Probe::Answer::replica, master);
}

inline Member& registered(View& view, const std::string& id, const Endpoint& address,
                          std::optional<Lineage> lineage, Role role = Role::parked) {
    Member& member = view.members[id];
    member.id = id;
    member.address = address;
    member.role = role;
    member.lineage = lineage;
    member.run_id = "run at " + address.host;
    return member;
}

inline void recorded(View& view, std::uint64_t term, const std::string& node,
                     const Endpoint& master) {
    view.record.named = master;
    view.record.written =
        core::Record{term, master, "c1", node, "run at " + master.host, {}, "somebody", "why"};
    view.record.named_version = view.record.written_version = 4;
    view.self.claimed_cluster = "c1";
}

inline void sentinels_name(View& view, const Endpoint& master, bool can_act = true) {
    for (const Endpoint& sentinel : {sentinel_1, sentinel_2, sentinel_3})
        view.sentinels.opinions[sentinel] = {.answered = true,
                                             .master = master,
                                             .config_epoch = 1,
                                             .can_act = can_act,
                                             .time_to_act = 0ms};
    view.sentinels.asked_at = view.sentinels.as_of = t0;
}

// a is the recorded master of term 7 and lives; b is parked and has the data of term 7.
inline View parked_beside_a_master() {
    View view = first_node();
    recorded(view, 7, "a", at_a);
    registered(view, "a", at_a, Lineage{7, 99}, Role::master);
    is_master(view, at_a);
    view.redis.lineage = Lineage{7, 99};
    return view;
}

// As above, and b is in sync with a and offered to the sentinels.
inline View replica_in_sync() {
    View view = parked_beside_a_master();
    view.redis.role = Role::replica;
    view.redis.following = at_a;
    view.redis.link_up = view.redis.offered = true;
    view.master_seen_at = t0;
    return view;
}

// Its redis has crashed soon after its promotions, the last time now.
inline constexpr std::int64_t unix_time = 1795000000;
inline void crashes(View& view, int count = early_crashes_of_a_storm) {
    view.early_crashes = {count, unix_time};
    view.early_crashes_end = t0 + 600s;
}

inline View stormy(View view) {
    crashes(view);
    return view;
}

// b is in sync with a, and so is c.
inline View one_of_two_replicas() {
    View view = replica_in_sync();
    Member& c = registered(view, "c", at_c, Lineage{7, 99}, Role::replica);
    c.following = at_a;
    c.link_up = true;
    return view;
}

// All died and came back, a, the recorded master of term 7, is dead and its session has ended; b
// and c are parked and have all that a had when it last wrote the roster.
inline View after_the_death_of_the_master() {
    View view = first_node();
    recorded(view, 7, "a", at_a);
    is_dead(view, at_a);
    view.roster = {7, 90, {"a", "b", "c"}};
    view.redis.lineage = Lineage{7, 99};
    registered(view, "c", at_c, Lineage{7, 99});
    return view;
}

// All nodes are back, on other addresses; a is parked too and has the most.
inline View all_back() {
    View view = after_the_death_of_the_master();
    registered(view, "a", {"10.9.0.1", 6379}, Lineage{7, 120});
    return view;
}

// b was recorded in term 7, and has been restarted in place; c waits for it.
inline View restarted_master() {
    View view = first_node();
    recorded(view, 7, "b", at_b);
    view.roster = {7, 90, {"b", "c"}};
    view.redis.lineage = Lineage{7, 99};
    registered(view, "c", at_c, Lineage{7, 99}, Role::replica).following = at_b;
    return view;
}

// b is master and recorded, in term 7, and takes writes; c is in sync with it.
inline View recorded_master() {
    View view = first_node();
    recorded(view, 7, "b", at_b);
    view.record.written->run_id = view.redis.run_id;
    view.redis.role = Role::master;
    view.redis.looked_at = view.redis.seen_at = t0;
    view.redis.open = true;
    view.redis.lineage = Lineage{7, 99};
    Member& c = registered(view, "c", at_c, Lineage{7, 99}, Role::replica);
    c.following = at_b;
    c.link_up = true;
    view.roster = {7, 90, {"b", "c"}};
    return view;
}

// The sentinels have promoted b, a replica of a, and all of them name it; a, which the record still
// names, is dead. As every node that becomes master, b is closed.
inline View promoted_by_sentinels() {
    View view = replica_in_sync();
    view.redis.role = Role::master;
    view.redis.following.reset();
    view.redis.link_up = false;
    view.redis.became_master_at = t0 - 1s;
    view.members.erase("a");
    is_dead(view, at_a);
    sentinels_name(view, at_b);
    return view;
}

// b has promoted itself under the lock; nothing is written yet.
inline View promoted_under_the_lock() {
    View view = after_the_death_of_the_master();
    view.members.erase("c");
    view.roster = {7, 90, {"b"}};
    view.redis.role = Role::master;
    view.lock = Lock::held;
    return view;
}

using Actions = std::vector<Action>;

template <typename T>
const T* find(const Actions& actions) {
    for (const Action& action : actions)
        if (const T* found = std::get_if<T>(&action)) return found;
    return nullptr;
}

template <typename T>
bool has(const Actions& actions) {
    return find<T>(actions) != nullptr;
}

// All that is spoken, without the details of a wait; a line for each.
inline std::string spoken_actions(const Actions& actions) {
    std::string text;
    for (const Action& action : actions) {
        const Wait* wait = std::get_if<Wait>(&action);
        const std::string line = wait ? "wait: " + wait->reason : describe(action);
        if (!line.empty()) text += (text.empty() ? "" : "\n") + line;
    }
    return text;
}

}  // namespace redis_zk::redis_wrapper
