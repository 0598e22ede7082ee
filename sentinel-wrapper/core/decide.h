// The policy of sentinel-wrapper. Pure: a function of what is known and of the time.
//
// Level-triggered: it asks what is true and what should be true, never what just happened. A step
// that succeeded is a fact that enables the next one, so a lost answer is no special case.
#pragma once

#include <vector>

#include "sentinel-wrapper/core/action.h"
#include "sentinel-wrapper/core/view.h"

namespace redis_zk::sentinel_wrapper {

// What to do now, in this order. Contains at most one action on the own sentinel and at most one
// Wait.
std::vector<Action> decide(const View& view, TimePoint now);

// When to decide again although nothing happened. Always in the future.
TimePoint next_deadline(const View& view, TimePoint now);

}  // namespace redis_zk::sentinel_wrapper
