// What people ask before anything happens: why is this node master, or why not, and what would
// become of the cluster if the master died now. In words, for /status; nothing is decided by it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "redis-wrapper/core/view.h"

namespace redis_zk::redis_wrapper {

std::string why_this_role(const View& view);

struct AfterDeath {
    std::optional<Endpoint> successor;
    // Bytes of the master's stream that it has not acknowledged: replication is asynchronous. They
    // may be fewer, for a replica acknowledges once a second.
    std::optional<std::int64_t> loss;
    std::string how;
};

// Only the master knows what its replicas have: on another node it says no more than that.
AfterDeath if_the_master_died(const View& view, TimePoint now);

}  // namespace redis_zk::redis_wrapper
