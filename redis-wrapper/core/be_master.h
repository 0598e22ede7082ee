// The policy of a node whose Redis is a master: by our own doing, under the lock, or by that of a
// sentinel or a person. It takes writes only when the record names it, and nobody else can.
#pragma once

#include <optional>

#include "redis-wrapper/core/action.h"
#include "redis-wrapper/core/find_master.h"

namespace redis_zk::redis_wrapper {

Actions be_master(const View& view, const Finding& finding, TimePoint now);

// Safety before everything else, also before anything is read: others may take writes already.
std::optional<Close> close_without_lease(const View& view, TimePoint now);

// As soon as it was read: a record that is newer than all that this open master has been
// told of means that others may take writes by now.
std::optional<Close> close_the_replaced(const View& view);
// The same for one that stands still. What its clients have sent it before would be written before
// anything that it could be told now.
std::optional<Kill> kill_the_replaced(const View& view, TimePoint now);

}  // namespace redis_zk::redis_wrapper
