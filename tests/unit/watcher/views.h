// Views that tests of the pages start from.
#pragma once

#include <nlohmann/json.hpp>

#include "common/http/message.h"
#include "common/zk/watched_directory.h"
#include "watcher/core/view.h"

namespace redis_zk::watcher {

inline const Endpoint node_a{"10.0.0.1", 1};
inline const Endpoint node_b{"10.0.0.2", 2};
inline const Endpoint sentinel_a{"10.0.0.8", 31001};
inline const Endpoint sentinel_b{"10.0.0.9", 31002};
inline const TimePoint now{std::chrono::hours{1}};

inline KnownSentinel naming(const Endpoint& master) {
    KnownSentinel known;
    known.opinion.answered = true;
    known.opinion.master = master;
    known.opinion.master_is_up = true;
    known.opinion.has_quorum = known.opinion.can_act = true;
    known.opinion.config_epoch = 3;
    known.as_of = known.answered_at = now - milliseconds{1500};
    return known;
}

inline core::Member member(const std::string& id, const Endpoint& address, core::Role role) {
    core::Member member;
    member.id = id;
    member.address = address;
    member.role = role;
    member.lineage = core::Lineage{7, 1000};
    return member;
}

// Node a is master in term 7, node b follows it, two sentinels agree, one of them is listened to.
inline View healthy_view() {
    View view;
    view.self = {"watcher 5f3c", "mymaster"};
    view.zookeeper_connected = true;
    view.record.known = true;
    view.record.named = node_a;
    view.record.written = core::Record{};
    view.record.written->term = 7;
    view.record.written->master = node_a;
    view.record.written->run_id = "run-a";
    view.record.written->by = "watcher 5f3c";
    view.record.written->reason = "the majority names it";
    view.members_known = view.sentinels_known = true;
    view.members = {{"a", member("a", node_a, core::Role::master)},
                    {"b", member("b", node_b, core::Role::replica)}};
    view.sentinels = {{sentinel_a, naming(node_a)}, {sentinel_b, naming(node_a)}};
    view.listening = {Listening::State::listening, sentinel_b, now - milliseconds{60'000}};
    Probe& probe = view.probes[node_a];
    probe.answer = Probe::Answer::master;
    probe.same_cluster = true;
    probe.run_id = "run-a";
    probe.answered_at = now - milliseconds{2000};
    probe.offset = 5000;
    probe.replicas = {{node_b, 4900}};
    return view;
}

inline zk::WatchedDirectory::Nodes history_of_two() {
    return {{"6", {R"({"term":6,"master":"10.0.0.2 2","at":"2026-11-21T09:00:00Z"})", {}}},
            {"7", {R"({"term":7,"master":"10.0.0.1 1","at":"2026-11-21T10:00:00Z"})", {}}}};
}

inline nlohmann::json json_of(const http::Response& response) {
    return nlohmann::json::parse(response.body);
}

}  // namespace redis_zk::watcher
