// The promises that are checked at the moment in which they could be broken. P1 is checked after
// every step, in the World; P4 when the faults of a run have ended.
#pragma once

#include "tests/simulation/node.h"
#include "tests/simulation/world.h"

namespace redis_zk::simulation {

// P2, when a node begins to take writes: its data continue the cluster's, and no living node that
// could have been elected has data which it lacks.
void check_opened(World& world, const Node& opened);

// P4, when a node promotes itself: it knows of nobody who could lead in its place, if its own redis
// crashes soon after each promotion.
void check_promoted(World& world, const Node& promoted);

// P5, when a master says that it has handed over: its successor has all that it had.
void check_handed_over(World& world, const Node& former);

// P2, when a full synchronisation is about to replace a node's data: never by an empty dataset, and
// never by an older one that they continue. (Data of two histories are another matter: there
// somebody's writes are lost with whoever was not chosen.)
void check_wipe(World& world, const Node& replica, const Node& master);

// At the same moment: what a node took as a master and nobody else has is kept beside its data.
void check_quarantine(World& world, const Node& replica, const Node& master);

// P3, when a record was written.
enum class Writer { own_wrapper, other };
void check_published(World& world, const core::FoundRecord& before, const core::Record& now,
                     Writer writer = Writer::own_wrapper);

// P3, when a watcher has written it: nobody else takes writes, whom the record has just left; and
// it does not go back: another master was chosen in a larger config epoch, or has data of the term
// before. And P2: a node that the record opens has data, as far as its own wrapper knows.
void check_published_by_watcher(World& world, const core::FoundRecord& before,
                                const core::Record& now);

// When a redis-sentinel is started: nobody who answers it has its id, for a vote is counted by it.
// One that stood still or was cut off was asked in vain before its id was lent anew, and may be
// back at any moment: its wrapper has a little time to find out, once it has ZooKeeper.
void check_sentinel_started(World& world, const FakeSentinel& started);

// P4, after a time without faults: one recorded master that takes writes, everybody else in sync
// with it. Or no node has data of the cluster, and all say so.
std::string why_not_healed(World& world);

// The same for the watchers: each that runs listens to a sentinel, if there is one, and has nothing
// to object to the record.
std::string why_watchers_not_healed(const World& world);

// The same for the sentinels: each that lives is registered and monitors the recorded master.
std::string why_sentinels_not_healed(const World& world);

// P4, once GHOST_TIMEOUT has passed: the majority that a fail-over needs, which is that of all
// sentinels that were ever seen, can be reached by the living. At any time by more than half of
// them, counting the one who has just forgotten everybody under the lock; in the end by each.
std::string why_majority_unreachable(const World& world, bool for_everybody);

// When a sentinel is made to forget everybody: its master is up, no fail-over runs that may still
// end by itself, and, unless it is for the sake of strangers, no other one is still finding
// everybody again.
void check_reset(World& world, const Sentinel& sentinel, bool for_strangers);

// When a sentinel is turned to another master: no fail-over runs that may still end by itself,
// unless that master is whom a sentinel has promoted in it, and most of the registered sentinels
// have not agreed on another master that takes writes. As far as the wrapper knows, or for longer
// than it may need to hear of it.
void check_turned(World& world, const Sentinel& sentinel, const Endpoint& master);

}  // namespace redis_zk::simulation
