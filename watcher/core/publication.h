// What a watcher writes when the change of master is proven: the record, and for the history what
// it knows of the change. Whether it is proven is the business of decide.
#pragma once

#include "watcher/core/action.h"
#include "watcher/core/judge.h"
#include "watcher/core/view.h"

namespace redis_zk::watcher {

// The chosen node must have answered.
Publish publication(const View& view, const Choice& choice, TimePoint now);

}  // namespace redis_zk::watcher
