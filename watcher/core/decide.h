// The policy of a watcher. Pure: a function of what is known and of the time.
//
// Level-triggered: it asks what is true and what the record says, never what just happened. So a
// change that could not be written because ZooKeeper was away, or that nobody saw because no
// watcher ran, is no special case.
#pragma once

#include "watcher/core/action.h"
#include "watcher/core/view.h"

namespace redis_zk::watcher {

// What to do now, in this order. At most one Publish and at most one Wait.
Actions decide(const View& view, TimePoint now);

// When to decide again although nothing happened. Always in the future.
TimePoint next_deadline(const View& view, TimePoint now);

}  // namespace redis_zk::watcher
