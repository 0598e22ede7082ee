// How facts enter the view. Pure, and shared with the simulation, so that what is simulated is what
// runs.
//
// The shell fills in directly what it knows as it is: self, zookeeper_connected, record, roster,
// members, chance. All else comes through here.
#pragma once

#include <string>
#include <vector>

#include "watcher/core/action.h"
#include "watcher/core/view.h"

namespace redis_zk::watcher {

// What a node answered; the times are filled in here.
void observe_probe(View& view, const Endpoint& node, Probe answer, TimePoint now);

// What a registered sentinel answered, or that it did not.
void observe_opinion(View& view, const Endpoint& sentinel, const Opinion& opinion, TimePoint now);

// The list of the registered sentinels, as ZooKeeper has it.
void observe_sentinels(View& view, const std::vector<Endpoint>& registered);

// A sentinel said something about our master or about none (the channel, and the words of the
// text). What it is worth is said in event_table.h; the words are not believed.
void observe_event(View& view, const std::string& name, const std::vector<std::string>& words,
                   TimePoint now);

// The sentinel that was chosen is listened to from now on; or it was lost.
void observe_listening(View& view, TimePoint now);
void observe_lost_sentinel(View& view, TimePoint now);

// How a publication ended; that was read back from ZooKeeper.
enum class Outcome { written, overtaken, failed };  // overtaken: by somebody else's
void observe_published(View& view, Outcome outcome, TimePoint now);

// The action is being performed: until its answer or a deadline it is not repeated.
void observe_performed(View& view, const Action& action, TimePoint now);

// True when this turn comes later than it may: the process was frozen or the machine suspended, and
// everything may have changed meanwhile. What others said is forgotten then, and what was read from
// ZooKeeper has to be read again before anything rests on it. Call it first in a turn.
bool observe_jump(View& view, TimePoint now, milliseconds tolerated);

// Call after any of the above, before decide().
void observe_time(View& view, TimePoint now);

}  // namespace redis_zk::watcher
