// Everything a sentinel-wrapper knows, as a plain value: facts with the time of their observation.
// The shell fills it in from callbacks; decide() reads it and nothing else.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "common/core/endpoint.h"
#include "common/core/moments.h"
#include "common/core/opinion.h"
#include "common/core/probe.h"
#include "common/core/record.h"
#include "common/core/time.h"
#include "sentinel-wrapper/core/removed.h"

namespace redis_zk::sentinel_wrapper {

using core::Endpoint;
using core::milliseconds;
using core::Opinion;
using core::Probe;
using core::Sentinels;
using core::TimePoint;

// What does not change while the process lives.
struct Self {
    Endpoint address;                    // announced
    std::optional<int> quorum;           // none: the majority, see wanted_quorum()
    milliseconds master_timeout{30000};  // for a first master; 0: for ever
    milliseconds ghost_timeout{60000};
    milliseconds failover_timeout{10000};
    milliseconds drain{0};  // between the end of our entry and that of the sentinel
    milliseconds stop_timeout{10000};
};

// The id that this process has from the pool of the cluster (zk::IdentityPool). A sentinel's vote
// is counted by it, so it has one owner at a time.
struct Identity {
    enum class State { none, claiming, owned, releasing };
    State state = State::none;
    std::string id;          // empty: none, or lost to somebody else
    bool confirmed = false;  // ZooKeeper keeps it for us in the present session
};

// What the own sentinel watches as master, in its own words.
struct Monitored {
    Endpoint master;
    int quorum = 0;
    bool down = false;  // as the sentinel itself sees it (s_down)
    bool failover_in_progress = false;
    std::uint64_t config_epoch = 0;
    milliseconds time_to_fail_over{0};  // in which one that runs should have ended

    bool operator==(const Monitored&) const = default;
};

// A replica that the own sentinel knows.
struct KnownReplica {
    bool down = false;  // as the sentinel itself sees it
    // Since when no node with this address is registered in ZooKeeper.
    std::optional<TimePoint> absent_since;

    bool operator==(const KnownReplica&) const = default;
};

// Another sentinel that the own one knows.
struct KnownSentinel {
    Endpoint address;  // port 0: Sentinel itself found out that somebody else is there by now
    bool down = false;
    std::optional<TimePoint> absent_since;  // since when no sentinel of ours has this address
    // And since when its id was never in our pool either, or it is our sentinel itself.
    std::optional<TimePoint> foreign_since;

    bool operator==(const KnownSentinel&) const = default;
};

// The redis-sentinel whose parent we are, as of its last answers.
struct OwnSentinel {
    enum class State { stopped, starting, running };  // running: it has answered PONG
    State state = State::stopped;
    std::string id;  // with which it was started
    TimePoint started_at{};
    std::optional<Monitored> monitored;  // none: it knows no master of our name
    TimePoint monitored_since{};  // what is known of this master before is no judgement on it
    std::optional<core::FailOver> fail_over;  // its own, while it says that one runs
    std::map<Endpoint, KnownReplica> replicas;
    std::map<std::string, KnownSentinel> others;  // by id
    bool has_quorum = false;                      // CKQUORUM
    // It is being told who its own are, at the end of which it cuts all clients.
    bool cuts_clients_soon = false;
    TimePoint looked_at{};       // the last time it answered
    bool hangs = false;          // it has not answered for so long that nobody may count on it
    bool asked_to_stop = false;  // its end is no accident
    bool abandoned = false;      // it is killed because it never answered, and we end with it
    TimePoint may_stop_until{};  // then it is killed
};

// Who answers where a lost sentinel was.
struct PeerProbe {
    enum class Answer { none, silent, dead, alive, refuses_us };
    Answer answer = Answer::none;  // silent: no answer in time; dead: nobody listens there
    std::string id;                // SENTINEL MYID; empty: it is no sentinel
    TimePoint answered_at{};
    std::optional<TimePoint> silent_since{};  // first of the silences in a row
    std::optional<TimePoint> asked_until{};
    std::optional<Endpoint> knows_us_at{};  // where it believes the sentinel with our id to be
};

// While an id is being taken: whose it may become, unless that sentinel still lives
// (zk::IdentityPool).
struct Suspect {
    std::string id;
    Endpoint last_address;

    bool operator==(const Suspect&) const = default;
};

// A sentinel that the own one was made to forget.
struct Forgotten {
    TimePoint at{};        // the last time
    int times = 1;         // in a row, each of which but the last was in vain
    bool is_back = false;  // it is known again: this time was in vain too
};

// Requests under way, each until its answer or its deadline: a turn does not repeat them.
struct InFlight {
    std::optional<TimePoint> sentinel_command;
    std::optional<TimePoint> registration;  // and its end
};

// To monitor somebody, which the own sentinel has not obeyed yet.
struct Order {
    Endpoint master;
    TimePoint given_at{};
    int times = 0;  // in a row
};

enum class Lock { none, requested, held };

struct View {
    Self self;
    OwnSentinel sentinel;
    Identity identity;

    bool zookeeper_connected = false;  // and nothing that was read there is outdated
    bool session_is_up = false;        // connected, but not everything may be read (again) yet
    core::FoundRecord record;
    bool members_known = false;
    std::map<std::string, core::Member> members;  // by id
    bool ids_known = false;
    std::set<std::string> ids;  // all that are in the pool of our cluster, ours among them
    // All that have been there since this process looks. One that has vanished from it, as when
    // ZooKeeper came back without its data, is still no stranger's.
    std::set<std::string> once_ours;
    bool registered = false;  // our own entry belongs to our session
    // The right to RESET. `held` only when members and sentinels were read again since it was ours.
    Lock lock = Lock::none;
    std::optional<TimePoint> lock_held_since;

    Sentinels registered_sentinels;  // with their opinions; ourselves among them, once registered
    std::map<Endpoint, Probe> probes;
    std::map<Endpoint, TimePoint> strangers;  // since when a node has answered, each time without
                                              // a proof that it belongs to our cluster
    std::map<Endpoint, PeerProbe> peers;
    std::optional<Suspect> suspect;

    std::optional<TimePoint> informed_since;        // all that ZooKeeper has to say is known
    std::optional<TimePoint> master_missing_since;  // informed, and no sentinel runs yet
    // The same node has been the verified master since then.
    std::optional<Endpoint> verified;
    TimePoint verified_since{};
    TimePoint next_turn_at{};                    // at the latest
    std::optional<TimePoint> calm_since;         // no fail-over that may end by itself
    std::optional<TimePoint> reset_at;           // the last RESET of the own sentinel...
    std::optional<TimePoint> foreign_reset_at;   // ...and the last because of foreign sentinels
    std::map<std::string, Forgotten> forgotten;  // by id
    Removed removed;
    std::optional<Order> order;
    InFlight in_flight;

    std::optional<TimePoint> stop_requested_at;
    int stop_requests = 0;
    std::optional<TimePoint> deregistered_at;  // on the way out: clients can know that we leave
};

// Who was silent for so long, whenever he was asked, is gone. One answer may be lost, or be late
// because a host or a link is busy.
inline constexpr milliseconds time_to_be_gone{5000};

// The sentinel with this id may live where it was asked for: nobody knows before there is an
// answer, or before the silence has lasted. Who refuses our password may be it.
std::optional<bool> may_live(const PeerProbe& answer, const std::string& id);

// The own sentinel runs under an id that is somebody else's by now.
bool has_lost_its_identity(const View& view);

// How many sentinels have to agree that the master is down. The majority is that of the registered
// and of those that the own sentinel sees alive: who has lost ZooKeeper alone still votes, and
// without it a single sentinel could decide that the master is down.
int wanted_quorum(const View& view);

// The own sentinel answers, and monitors a master.
bool is_monitoring(const View& view);

// The own sentinel could replace its master: it has its quorum, knows a living replica, and no
// fail-over that does not end keeps it from beginning one.
bool can_act(const View& view);

// The own sentinel, or a registered one, is failing over, and may still come to an end.
bool is_failing_over(const View& view, TimePoint now);

// The own sentinel is failing over for longer than that takes: whom it has promoted is down.
bool is_stuck(const View& view, TimePoint now);

// Replicas that are registered as in sync with our master, and that the own sentinel does not know.
std::vector<Endpoint> unknown_replicas(const View& view);

// The living among them, and the registered sentinels that answer and name our master, which the
// own sentinel does not know. Empty: it has found everybody.
std::string not_found_yet(const View& view);

// Why the registered sentinels are not all seen: one is unknown to the own sentinel, does not
// answer, or names another master. Empty: they could act together. (To forget ghosts does not wait
// for the last two: who hangs, or was left behind at another master, would keep them for ever.)
std::string not_seen(const View& view);

}  // namespace redis_zk::sentinel_wrapper
