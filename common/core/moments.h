// Times that a view keeps, and what is asked about them.
#pragma once

#include <optional>

#include "common/core/time.h"

namespace redis_zk::core {

// A request is under way until its answer, which resets `until`, or until that time: its deadline.
bool is_pending(const std::optional<TimePoint>& until, TimePoint now);

// Since when something is so, without a break.
void count_from(std::optional<TimePoint>& since, bool is_so, TimePoint now);

// This turn comes so much later than it was to come at the latest that the process was frozen, or
// the machine suspended. Not the first turn, before which TimePoint{} stands there.
bool stood_still(TimePoint next_turn_at, TimePoint now, milliseconds tolerated);

}  // namespace redis_zk::core
