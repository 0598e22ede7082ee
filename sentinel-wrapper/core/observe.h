// How facts enter the view. Pure, and shared with the simulation, so that what is simulated is what
// runs.
//
// The shell fills in directly what it knows as it is: self, zookeeper_connected, record, members,
// ids, identity, lock, registered, and the requests to stop. All else comes through here.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "sentinel-wrapper/core/action.h"
#include "sentinel-wrapper/core/view.h"

namespace redis_zk::sentinel_wrapper {

// One look at the own sentinel: SENTINEL MASTER, REPLICAS, SENTINELS and CKQUORUM. That they were
// answered is the PONG: a sentinel has no other life.
struct SentinelLook {
    struct Replica {
        Endpoint address;
        bool down = false;  // s_down or disconnected
    };
    struct Other {
        std::string id;
        Endpoint address;  // port 0 as Sentinel tells it
        bool down = false;
    };
    std::optional<Monitored> monitored;  // none: it knows no master of our name
    std::vector<Replica> replicas;
    std::vector<Other> others;
    bool has_quorum = false;
};

void observe_sentinel(View& view, const SentinelLook& look, TimePoint now);
// It has ended. Unless view.sentinel.asked_to_stop was set before, by its own accident: then the
// wrapper ends with its status.
void observe_sentinel_gone(View& view);

// What a node answered; the times are filled in here.
void observe_probe(View& view, const Endpoint& node, Probe answer, TimePoint now);
// What was found where a sentinel was; the times are filled in here.
void observe_peer(View& view, const Endpoint& sentinel, PeerProbe answer, TimePoint now);
// Only what is answered from now on counts for a new one.
void observe_suspect(View& view, const std::optional<Suspect>& suspect);

// The opinions of all registered sentinels that were asked together.
void observe_opinions(View& view, const std::map<Endpoint, Opinion>& opinions, TimePoint now);
// The list of the registered sentinels, as ZooKeeper has it.
void observe_sentinels(View& view, const std::vector<Endpoint>& registered);

// A new session, or the loss of one: nothing of ours is there any more.
void observe_session(View& view, bool connected, bool is_new);

// The own sentinel has answered a command, whatever it said; or our entry was made or removed.
// Until then, or a deadline, the request is not repeated.
void observe_command_done(View& view);
void observe_registration_done(View& view);

// The action is being performed. Start and ShutDown are believed: if the process cannot be started,
// it is gone.
void observe_performed(View& view, const Action& action, TimePoint now);

// True when this turn comes later than it may: the process was frozen or the machine suspended, and
// everything may have changed meanwhile. What others said is forgotten then, and what was read from
// ZooKeeper has to be read again before anything rests on it. Call it first in a turn.
bool observe_jump(View& view, TimePoint now, milliseconds tolerated);

// Call after any of the above, before decide().
void observe_time(View& view, TimePoint now);

}  // namespace redis_zk::sentinel_wrapper
