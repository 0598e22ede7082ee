// Everything a redis-wrapper knows, as a plain value: facts with the time of their observation.
// The shell fills it in from callbacks; decide() reads it and nothing else.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "common/core/attempts.h"
#include "common/core/endpoint.h"
#include "common/core/lineage_tracker.h"
#include "common/core/moments.h"
#include "common/core/opinion.h"
#include "common/core/probe.h"
#include "common/core/record.h"
#include "common/core/time.h"

namespace redis_zk::redis_wrapper {

using core::Endpoint;
using core::milliseconds;
using core::nowhere;
using core::Opinion;
using core::OwnWrites;
using core::Probe;
using core::Sentinels;
using core::TimePoint;

// What does not change while the process lives.
struct Self {
    std::string id;               // of the node: kept beside its data, survives restarts
    Endpoint address;             // announced
    int priority = 100;           // the user's replica-priority
    std::string name;             // who writes a record, for people: "redis-wrapper 5f3c…"
    std::string claimed_cluster;  // to which the data belong, as the file beside them says
    core::OwnWrites own_writes = core::OwnWrites::none;  // of its former life, as that file says
    std::string cluster_if_first;         // random: the cluster's identity if this node founds it
    bool accept_data_loss = false;        // the operator's explicit permission
    milliseconds cold_start_wait{30000};  // for nodes that may have fresher data
    bool keeps_quarantine = true;         // of data that are to be replaced, see quarantine.h
};

// The Redis whose parent we are, as of its last INFO.
struct OwnRedis {
    core::Role role = core::Role::stopped;
    std::optional<Endpoint> following;  // of a replica that is not parked
    bool link_up = false;
    // Writes are accepted as the user configured. Closed: they are refused even by a master
    // (min-replicas-to-write), so whoever promotes this node, no write is taken before we agree.
    bool open = false;
    // It has no login at any master: it keeps its data, whoever has pointed it somewhere. So it is
    // from its start on, when it is parked, and when it is a master, until it is told to follow.
    bool copies_nobody = false;
    // Sentinel may choose this node: replica-priority is the user's. It is 0 until then.
    bool offered = false;
    TimePoint offered_since{};
    bool synchronising = false;    // fully: it has no link while it gets the data
    TimePoint became_master_at{};  // by whomever, since this process runs
    TimePoint heard_master_at{};   // last, over the link of a replica
    // Of a master: a sentinel reached the former one when it promoted this node, by somebody's
    // wish.
    bool former_was_up = false;
    std::optional<Endpoint> followed_last;
    std::optional<core::Lineage> lineage;        // of the data in memory
    std::optional<core::Lineage> promoted_with;  // what it had when it became master
    OwnWrites own_writes = OwnWrites::none;
    TimePoint looked_at{};     // the last answer to INFO
    TimePoint seen_at{};       // the same, but never while nothing was seen since we stood still
    bool hangs = false;        // it has not answered for so long that nobody may count on it
    bool brings_data = false;  // it loaded data that belong to no cluster
    std::int64_t offset = 0;
    std::optional<std::int64_t> lag;  // bytes received and not applied, of a replica with a link
    std::string run_id;
    std::string replication_id;  // of the history that it is in
    // From which a master has gone on; of a replica it says nothing.
    std::string former_replication_id;
    std::vector<Endpoint> replicas;  // connected to this very process, as they announce themselves
    std::map<Endpoint, std::int64_t> replica_offsets;  // that they have acknowledged
    // Those that were heard of within min-replicas-max-lag; none while redis demands none.
    std::optional<std::int64_t> replicas_that_count;
    bool serves_stale_data = true;  // as a replica without a link, too
    bool loads = false;  // its own files, or its master's data, and answers no reads meanwhile
    double loading_percent = 0;
    int loading_seconds_left = 0;
};

enum class Lock { none, requested, held };

// Requests under way, each until its answer or its deadline: a turn does not repeat them.
struct InFlight {
    std::optional<TimePoint> redis_command;
    std::optional<TimePoint> registration;
    std::optional<TimePoint> publication;
    core::Attempts publications;  // that ZooKeeper did not write
    std::optional<TimePoint> roster;
    std::optional<TimePoint> failover_request;
};

// What this master has done so far to give its place to a replica.
struct HandOver {
    TimePoint asked_at{};
    std::optional<TimePoint> paused_at;  // since when its clients wait
    std::set<Endpoint> refused_by;       // sentinels
    // What it had when a sentinel was asked: it has taken no write since.
    std::string replication_id;
    std::int64_t offset = 0;
    std::optional<TimePoint> stepped_down_at;
    bool is_over = false;
    bool is_done = false;
    std::string outcome;  // who is master now, or why nobody has taken over
};

// With which data the term after that of our own data began, as the history says.
struct Succession {
    std::uint64_t term = 0;  // 0: nobody has asked
    bool is_known = false;   // its entry was read, or there is none
    core::Beginning beginning = {};
};

// What was done for data that are to be replaced.
struct Quarantine {
    core::Lineage lineage;
    bool is_over = false;  // they are kept, or cannot be
};

// Redis has ended by itself, and its wrapper will.
struct Death {
    TimePoint at{};
    bool was_master = false;         // recorded, and open for writes
    std::vector<Endpoint> replicas;  // that were connected then
    bool is_failover_under_way = false;
    std::set<Endpoint> refused_by;  // sentinels
};

struct View {
    Self self;
    OwnRedis redis;

    bool zookeeper_connected = false;
    core::FoundRecord record;
    core::Roster roster;
    Succession succession;
    bool members_known = false;
    std::map<std::string, core::Member> members;  // by id; our own entry too, once registered
    bool registered = false;                      // our own entry belongs to our session
    // `held` only when record, members and sentinels were read again since the lock was ours.
    Lock lock = Lock::none;

    Sentinels sentinels;
    std::map<Endpoint, Probe> probes;
    // Masters of our cluster that take no writes and whose wrapper is not registered: since when.
    // Nobody else can open them.
    std::map<Endpoint, TimePoint> abandoned_since;

    // Since when all of the above is known; and when a living master of our cluster was last seen.
    std::optional<TimePoint> informed_since;
    std::optional<TimePoint> master_seen_at;
    std::optional<TimePoint> in_touch_since;  // with most of the sentinels: is_in_touch()
    // From when the time counts that absent nodes are given to come. A gap in what is known is left
    // out of it, and begins nothing anew while the session lives.
    std::optional<TimePoint> patience_began;
    std::optional<TimePoint> gap_began;
    TimePoint turned_at{};     // the last turn
    TimePoint next_turn_at{};  // at the latest
    bool stood_still = false;  // this process, and nobody has told it since who is master
    // This process stood still for so long that its session may have ended, and this master, if its
    // redis stood still too, may have been replaced. Until it is closed.
    bool lease_is_lost = false;
    InFlight in_flight;

    std::optional<TimePoint> stop_requested_at;
    int stop_requests = 0;
    int stop_requests_until_shutdown = 1;  // one more is in a hurry
    milliseconds stop_timeout{10000};
    bool shutdown_sent = false;

    milliseconds hand_over_timeout{3000};  // 0: a planned stop is a stop
    std::optional<HandOver> hand_over;     // the last one
    std::optional<Quarantine> quarantine;
    std::optional<Death> death;

    core::EarlyCrashes early_crashes;
    TimePoint early_crashes_end{};  // from when on they count no more
};

// In which a wrapper whose session has ended comes back, if it is alive.
constexpr milliseconds time_to_come_back{5000};

// Redis has missed an answer or two: it stands still, or is busy.
bool is_silent(const View& view, TimePoint now);

// The link is up, and the node that it leads to was a master when it was asked last. A link can
// stay up to a node that is none any more: its stream stands still then.
bool hears_a_master(const View& view);

// Whether the node that this one follows has proven, when it was asked last, that it belongs to our
// cluster: an address alone may be a stranger's by now.
enum class Proof { unknown, ours, stranger };
Proof proof_of_the_followed(const View& view);

// Its data are the cluster's. Others must not replace theirs with anything else, whoever made this
// node a master.
bool may_be_copied(const View& view);

// A replica that has everything its master has. A master that nobody has given a term (redis-zk's,
// or a plain one) gives its replicas no lineage.
bool is_in_sync(const View& view);

// "42 %, about 3 s left"
std::string progress_of_loading(const View& view);

// This node as others shall see it in ZooKeeper.
core::Member self_as_member(const View& view);

// The entry in ZooKeeper is no longer what this node is. An offset that merely moves does not
// count: an idle cluster costs ZooKeeper nothing, and who needs an offset asks for it.
bool is_entry_outdated(const core::Member& entry, const core::Member& self);

// The term whose history the own Redis has joined, as far as record and link prove it.
std::optional<std::uint64_t> joined_term(const View& view);

// For the file beside the data.
core::Claim claim_of(const View& view, const core::LineageTracker& tracker);

// The record names the very redis-server process that runs now.
bool is_recorded(const View& view);

// The cluster's identity: the record's, else that of our data, else a new one.
std::string cluster_of(const View& view);

}  // namespace redis_zk::redis_wrapper
