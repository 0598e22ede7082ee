// Everything a watcher knows, as a plain value: facts with the time of their observation. The shell
// fills it in from callbacks; decide() reads it and nothing else, and so do the pages.
//
// A watcher decides nothing about the cluster. It finds out who is master, proves it, and keeps the
// record in ZooKeeper true.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>

#include "common/core/attempts.h"
#include "common/core/endpoint.h"
#include "common/core/lineage.h"
#include "common/core/moments.h"
#include "common/core/opinion.h"
#include "common/core/probe.h"
#include "common/core/record.h"
#include "common/core/time.h"

namespace redis_zk::watcher {

using core::Endpoint;
using core::milliseconds;
using core::Opinion;
using core::Probe;
using core::TimePoint;

// What does not change while the process lives.
struct Self {
    std::string name;         // who writes a record, for people: "watcher 5f3c…"
    std::string master_name;  // of our cluster, among those that the sentinels watch
};

// A registered sentinel. Each is asked by itself: one that hangs must not delay the others'
// answers.
struct KnownSentinel {
    Opinion opinion;                       // the last; `answered` is false when there was none
    TimePoint as_of{};                     // when the question was put that it answers
    TimePoint answered_at{};               // of any outcome, also of silence; never: not asked yet
    TimePoint asked_at{};                  // the last question
    std::optional<TimePoint> asked_until;  // being asked; the deadline of the question
    std::optional<TimePoint>
        behind_since;  // since when it believes something older than the others
    // It was listened to in vain: it is not chosen before. Each time in a row longer.
    TimePoint shunned_until{};
    int failures = 0;
};

// The one sentinel whose events we hear. Any will do; what it says is only a reason to look.
struct Listening {
    enum class State {
        nobody,
        connecting,  // also: asking it first who is master
        listening,   // subscribed to everything it publishes
    };
    State state = State::nobody;
    std::optional<Endpoint> sentinel;  // unless it is nobody
    TimePoint since{};                 // when it was chosen
};

// Requests under way, each until its answer or its deadline: a turn does not repeat them.
struct InFlight {
    std::optional<TimePoint> publication;
    core::Attempts publications;  // that ZooKeeper did not write
};

struct View {
    Self self;

    // Of ZooKeeper. While it is away the last that was read stays here.
    bool zookeeper_connected = false;
    core::FoundRecord record;
    core::Roster roster;
    bool members_known = false;
    std::map<std::string, core::Member> members;  // by id
    bool sentinels_known = false;                 // the list was read from ZooKeeper

    std::map<Endpoint, KnownSentinel> sentinels;  // one for each that is registered
    Listening listening;
    std::map<Endpoint, Probe> probes;  // what nodes answered, and when they were asked

    // The cluster's name, also when the record is lost: nobody else may be taken for it.
    std::string cluster;
    // The term that was read last, also when it is lost: nothing older may be written instead.
    std::optional<core::Record> last_written;
    // Entries outlive their sessions here: the wrapper of a node that is promoted may be cut off
    // from ZooKeeper, and whether the node has the cluster's data was in its entry.
    std::map<Endpoint, core::Member> last_entries;
    // When a node was last heard to be no master, and since when it has been one in each answer. It
    // became one in between.
    std::map<Endpoint, TimePoint> no_master_at;
    std::map<Endpoint, TimePoint> master_since;
    // When a master last answered: this watcher, or a sentinel's PING as that one says.
    std::map<Endpoint, TimePoint> heard_at;
    // In which history the recorded process was when it answered last, and in which term that was:
    // a master gets another one after its record when its first replica comes.
    core::PastId recorded_history;
    // Of whom most sentinels that looked after it said last that it is down. That a node is silent
    // here proves nothing: it may be cut off from us alone.
    std::set<Endpoint> said_to_be_down;

    // Answers of sentinels to questions from before this time count no more: the record has got
    // another term since, or we stood still.
    TimePoint outdated_at{};
    // A sentinel was found to name another master than before, or in another epoch. What a former
    // master did before that says nothing of what it has done since.
    TimePoint chosen_anew_at{};
    // Something was heard of then: whoever was not asked since is asked again. What is known counts
    // meanwhile, or a flood of events would keep us from ever knowing anything.
    TimePoint look_at{};
    // Its two nodes in ZooKeeper arrive here one after the other.
    std::optional<TimePoint> half_read_since;
    std::optional<std::uint64_t> last_term;  // that the record was seen to have
    // A fail-over may be under way until then; looks are frequent.
    std::optional<TimePoint> alarmed_until;

    TimePoint next_turn_at{};  // at the latest
    std::uint64_t chance = 0;  // another random number in each turn
    InFlight in_flight;
};

}  // namespace redis_zk::watcher
