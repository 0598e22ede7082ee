// What this node is good for to clients, as they ask over HTTP. Each answer is a reason why they
// should go elsewhere, as a sentence; "" when they need not.
//
// A page is answered at any time between two turns of the policy, and rests on what was seen
// before: whatever may have changed meanwhile counts as changed.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "redis-wrapper/core/view.h"

namespace redis_zk::redis_wrapper {

// "This node" is the master that takes writes, as far as its fence is concerned. 200 turns into 503
// before somebody else may be master: also when redis has not been looked at for 3 s (a look comes
// each second; the sentinels and the members take longer to replace anybody who may still take
// writes), when this process stood still and nobody has told it since who is master, and when the
// record names another, or the majority of the sentinels while ZooKeeper is away. Who is cut off
// from ZooKeeper and the sentinels alike cannot know that. `tolerated` as for is_overdue().
std::string why_no_master(const View& view, TimePoint now, milliseconds tolerated);

// For readers who bear a lag of `most` bytes (none: any).
std::string why_no_replica(const View& view, std::optional<std::int64_t> most);

// For readers who bear anything, in either role.
std::string why_no_reads(const View& view);

// Of a master that is open and refuses writes all the same, being told to want so many replicas.
std::string why_no_writes(const View& view, int min_replicas_to_write);

}  // namespace redis_zk::redis_wrapper
