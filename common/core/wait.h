// The action of who can do nothing now: it says what for, and is repeated at growing intervals
// (promise P7).
#pragma once

#include <string>

namespace redis_zk::core {

struct Wait {
    std::string reason;  // stays the same while nothing changes
    std::string detail;  // may change all the time: what was tried, seconds left, a percentage
};

// "wait: redis is loading (40 %)"
std::string spoken(const Wait& wait);

}  // namespace redis_zk::core
