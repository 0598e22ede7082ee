// The redis-server has ended by itself. Its wrapper knows that in a millisecond, and nobody else
// can: when it was the master, the sentinels are told at once, instead of finding out by their own
// clocks. Pure.
#pragma once

#include "redis-wrapper/core/action.h"
#include "redis-wrapper/core/view.h"

namespace redis_zk::redis_wrapper {

// What is left to do before the wrapper exits, too. Only with `view.death`.
Actions after_death(const View& view, TimePoint now);

}  // namespace redis_zk::redis_wrapper
