// Whether somebody else has our id by now, while ZooKeeper cannot tell it.
//
// Who is cut off from everybody for longer than GHOST_TIMEOUT is taken for gone, its id is lent to
// somebody else, and then it may reach the other sentinels again before it reaches ZooKeeper. To
// stop voting because ZooKeeper is away for so long would not do: in an outage of ZooKeeper all
// would stop, though nobody can take an id then. But a vote matters only to sentinels that are
// reached, and who hears a known id at another address believes that it has moved
// (sentinelProcessHelloMessage in sentinel.c), now here, now there. So they are asked where they
// know our id, and who answers there under it (SENTINEL MYID) is the proof.
//
// The bound: both may vote in one epoch for some seconds, from when the first sentinel that hears
// both is reached again, as long as the other one is reached too. Whoever has killed its sentinel
// for that starts the next one when ZooKeeper has given it another id. (If the new owner has lost
// ZooKeeper as well, both may do so: two votes fewer are better than one too many.)
#pragma once

#include <optional>
#include <vector>

#include "sentinel-wrapper/core/view.h"

namespace redis_zk::sentinel_wrapper {

// The other sentinels, and who is said to be where we are not. Nobody while ZooKeeper can be read.
std::vector<Endpoint> peers_to_ask_for_us(const View& view, TimePoint now);

// Where another sentinel lives under the id of ours. Nowhere once ZooKeeper has confirmed that the
// id is ours, and nowhere by what was heard before our sentinel was started: an answer outlives the
// sentinel that was killed for its sake, and the next one may be the rightful owner.
std::optional<Endpoint> namesake(const View& view, TimePoint now);

}  // namespace redis_zk::sentinel_wrapper
