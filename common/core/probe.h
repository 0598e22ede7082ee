// What a node answered when it was asked for its role.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>

#include "common/core/endpoint.h"
#include "common/core/time.h"

namespace redis_zk::core {

// A parked Redis is a replica of this address: port 0, where nobody can listen.
inline const Endpoint nowhere{"127.0.0.1", 0};

struct Probe {
    // silent: no answer in time, or none but that it is busy; dead: nobody listens there; refused:
    // whoever listens there does not tell us its role.
    enum class Answer { none, silent, dead, refused, loading, replica, master };
    Answer answer = Answer::none;
    std::optional<Endpoint> following;
    bool same_cluster = false;  // its wrapper proves that it belongs to our cluster
    // Refuses all writes, also as a master. Nothing where it does not tell: neither open nor closed
    // may be concluded from that.
    std::optional<bool> closed;
    std::string run_id;
    std::string replication_id;  // of the history that it is in
    // Of a master: the history from which it has gone on, and how much of that it has.
    std::string former_replication_id{};
    std::optional<std::int64_t> former_offset{};
    TimePoint answered_at{};                  // of any answer, also of "dead" and "silent"
    TimePoint asked_at{};                     // when the question was put that it answers
    TimePoint question_at{};                  // the last question
    std::optional<TimePoint> silent_since;    // first of the silences in a row
    milliseconds silent_before{0};            // before this process stood still, if it is so again
    std::optional<TimePoint> took_writes_at;  // last; kept while it is silent, for it may still do
    std::optional<TimePoint> asked_until;     // being asked; the deadline of the question
    // As it said then: what a master has written, what a replica has applied.
    std::optional<std::int64_t> offset;
    std::optional<int> priority;  // of a replica, for Sentinel's choice
    // Of a master: what each replica that is online has acknowledged, at most a second before.
    std::map<Endpoint, std::int64_t> replicas;
};

}  // namespace redis_zk::core
