// When the own sentinel is made to forget those whom it should not know (ghosts.h). RESET forgets
// the living, too: it finds the other sentinels with their next hello, every 2 s, and the replicas
// with the next INFO of its master, up to 10 s later (sentinelResetMaster). Until then it can
// replace no master. So only while there is a master that is up and no fail-over runs, and one
// sentinel after the other: there are always others that know somebody.
#pragma once

#include <vector>

#include "sentinel-wrapper/core/action.h"
#include "sentinel-wrapper/core/find_master.h"
#include "sentinel-wrapper/core/view.h"

namespace redis_zk::sentinel_wrapper {

// Replicas of another cluster, which waits for nobody else: 8 s after such a node has said that it
// is a master, the sentinel makes a replica of it, and that wipes its data. Some 4 s of these pass
// until it is sure, and a turn under the lock would take up to 10 s, so all sentinels forget at
// once. None can replace the master then; if it dies, the nodes see that no sentinel knows a living
// replica (can_act), and elect. To monitor the master afresh would be no better: the config epoch
// would be 0, and whoever was left behind at an old master would drag the sentinel there. Nothing
// to do: empty.
std::vector<Action> forget_strangers(const View& view, const Finding& finding, TimePoint now);

// Ghosts and the sentinels of another cluster, under the lock in ZooKeeper. Whoever has it keeps it
// until its sentinel has found everybody again who still lives, however long that takes: who has
// died or fallen silent meanwhile is not waited for. Nothing to do: empty.
std::vector<Action> forget_in_turn(const View& view, const Finding& finding, TimePoint now);

}  // namespace redis_zk::sentinel_wrapper
