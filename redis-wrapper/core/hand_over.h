// A planned change of the master, in which no write is lost (P5): its clients wait while the
// replicas get all that it has, a sentinel makes one of them master, and the record says so before
// this node stops. Pure.
#pragma once

#include <optional>
#include <string>

#include "redis-wrapper/core/action.h"
#include "redis-wrapper/core/view.h"

namespace redis_zk::redis_wrapper {

// The next step of the hand-over that is under way; nothing when there is none, or none any more.
std::optional<Actions> hand_over(const View& view, TimePoint now);

// Why this node could not hand over now, in words; nothing when it could. The second: if it were
// asked for it now.
std::optional<std::string> obstacle_to_hand_over(const View& view, TimePoint now);
std::optional<std::string> obstacle_to_begin_a_hand_over(const View& view, TimePoint now);

}  // namespace redis_zk::redis_wrapper
