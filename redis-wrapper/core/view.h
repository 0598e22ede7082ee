// Everything a redis-wrapper knows, as a plain value: facts with the time of their observation.
// The shell fills it in from callbacks; decide() reads it and nothing else.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "common/core/endpoint.h"
#include "common/core/record.h"
#include "common/core/time.h"

namespace redis_zk::redis_wrapper {

using core::Endpoint;
using core::milliseconds;
using core::TimePoint;

// A parked Redis is a replica of this address: port 0, where nobody can listen.
inline const Endpoint nowhere{"127.0.0.1", 0};

// What does not change while the process lives.
struct Self {
    std::string id;                 // of the node: kept beside its data, survives restarts
    Endpoint address;               // announced
    int priority = 100;             // the user's replica-priority
    std::string name;               // who writes a record, for people: "redis-wrapper 5f3c…"
    std::string claimed_cluster;    // to which the data belong, as the file beside them says
    std::string cluster_if_first;   // random: the cluster's identity if this node founds it
    bool accept_data_loss = false;  // the operator's explicit permission
    milliseconds cold_start_wait{30000};  // for nodes that may have fresher data
};

// The Redis whose parent we are, as of its last INFO.
struct OwnRedis {
    core::Role role = core::Role::stopped;
    std::optional<Endpoint> following;  // of a replica that is not parked
    bool link_up = false;
    // Writes are accepted as the user configured, and Sentinel may choose this node. Closed: writes
    // are refused even by a master (min-replicas-to-write), and replica-priority is 0.
    bool open = false;
    std::optional<core::Lineage> lineage;  // of the data in memory
    TimePoint looked_at{};                 // the last answer to INFO
    bool hangs = false;        // it has not answered for so long that nobody may count on it
    bool brings_data = false;  // it loaded data that belong to no cluster
    std::int64_t offset = 0;
    std::optional<std::int64_t> lag;  // bytes behind the master, of a replica whose link is up
    std::string run_id;
    std::string replication_id;      // of the history that it is in
    std::vector<Endpoint> replicas;  // connected to this very process, as they announce themselves
    double loading_percent = 0;
    int loading_seconds_left = 0;
};

// What a node answered when it was asked for its role.
struct Probe {
    enum class Answer { none, silent, dead, loading, replica, master };
    Answer answer = Answer::none;  // silent: no answer in time; dead: nobody listens there
    std::optional<Endpoint> following;
    bool same_cluster = false;  // its wrapper proves that it belongs to our cluster
    std::string run_id;
    TimePoint answered_at{};                // of any answer, also of "dead" and "silent"
    std::optional<TimePoint> silent_since;  // first of the silences in a row
    std::optional<TimePoint> asked_until;   // being asked; the deadline of the question
};

// What a registered sentinel says about our cluster.
struct Opinion {
    bool answered = false;
    std::optional<Endpoint> master;
    std::uint64_t config_epoch = 0;
    bool can_act = false;  // has its quorum and knows a living replica
    bool failover_in_progress = false;
};

struct Sentinels {
    bool known = false;                    // the list has been read from ZooKeeper
    std::map<Endpoint, Opinion> opinions;  // one for each that is registered
    TimePoint asked_at{};
    std::optional<TimePoint> asked_until;
    // The record has got another term since they were asked: whoever wrote it may have known more.
    bool outdated = false;
    std::uint64_t asked_in_term = 0;
    std::optional<std::uint64_t> last_term;  // that the record was seen to have
};

enum class Lock { none, requested, held };

// Requests under way, each until its answer or its deadline: a turn does not repeat them.
struct InFlight {
    std::optional<TimePoint> redis_command;
    std::optional<TimePoint> registration;
    std::optional<TimePoint> publication;
    std::optional<TimePoint> roster;
    std::optional<TimePoint> failover_request;

    static bool busy(const std::optional<TimePoint>& until, TimePoint now) {
        return until && now < *until;
    }
};

struct View {
    Self self;
    OwnRedis redis;

    bool zookeeper_connected = false;
    core::FoundRecord record;
    core::Roster roster;
    bool members_known = false;
    std::map<std::string, core::Member> members;  // by id; our own entry too, once registered
    bool registered = false;                      // our own entry belongs to our session
    // `held` only when record, members and sentinels were read again since the lock was ours.
    Lock lock = Lock::none;

    Sentinels sentinels;
    std::map<Endpoint, Probe> probes;

    // Since when all of the above is known; and when a living master of our cluster was last seen.
    std::optional<TimePoint> informed_since;
    std::optional<TimePoint> master_seen_at;
    InFlight in_flight;

    std::optional<TimePoint> stop_requested_at;
    int stop_requests = 0;
    milliseconds stop_timeout{10000};
    bool shutdown_sent = false;
};

// The link is up, and the node that it leads to was a master when it was asked last. A link can
// stay up to a node that is none any more: its stream stands still then.
bool hears_a_master(const View& view);

// Whether the node that this one follows has proven, when it was asked last, that it belongs to our
// cluster: an address alone may be a stranger's by now.
enum class Proof { unknown, ours, stranger };
Proof proof_of_the_followed(const View& view);

// A replica that has everything its master has. A master that nobody has given a term (redis-zk's,
// or a plain one) gives its replicas no lineage.
bool is_in_sync(const View& view);

// This node as others shall see it in ZooKeeper.
core::Member self_as_member(const View& view);

// The entry in ZooKeeper is no longer what this node is. An offset that merely moves does not
// count: an idle cluster costs ZooKeeper nothing, and who needs an offset asks for it.
bool is_entry_outdated(const core::Member& entry, const core::Member& self);

// The term whose history the own Redis has joined, as far as record and link prove it.
std::optional<std::uint64_t> joined_term(const View& view);

// The record names the very redis-server process that runs now.
bool is_recorded(const View& view);

// The cluster's identity: the record's, else that of our data, else a new one.
std::string cluster_of(const View& view);

}  // namespace redis_zk::redis_wrapper
