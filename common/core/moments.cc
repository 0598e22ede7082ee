#include "common/core/moments.h"

namespace redis_zk::core {

bool is_pending(const std::optional<TimePoint>& until, TimePoint now) {
    return until && now < *until;
}

void count_from(std::optional<TimePoint>& since, bool is_so, TimePoint now) {
    if (!is_so)
        since.reset();
    else if (!since)
        since = now;
}

bool stood_still(TimePoint next_turn_at, TimePoint now, milliseconds tolerated) {
    return next_turn_at != TimePoint{} && now > next_turn_at + tolerated;
}

}  // namespace redis_zk::core
