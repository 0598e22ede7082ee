// How long an open master may count on being the only one (P1). Others can replace it when so many
// sentinels have not reached it for `down-after` that they are a majority. So it takes no more
// writes before that time has passed since it was last in touch with so many of them that the rest
// is none. All times are of the monotonic clock, and count from the last contact, not from when its
// loss was noticed. Pure.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "redis-wrapper/core/view.h"

namespace redis_zk::redis_wrapper {

// Of all sentinels of which it is known: whoever finds us dead first begins a fail-over.
std::optional<milliseconds> shortest_down_after(const View& view);

// When this node has to be closed unless it gets in touch with more sentinels before. Nothing where
// no sentinel is registered: nobody can replace it then.
std::optional<TimePoint> lease_ends(const View& view);

// It has ended. In words; nothing while it lasts.
std::optional<std::string> why_out_of_touch(const View& view, TimePoint now);

// The sentinels to be asked now, each for itself, so that a silent one delays no other.
std::vector<Endpoint> contacts_due(const View& view, TimePoint now);

// When the next one is to be asked. A turn has to come then: one that comes now and then would ask
// up to twice as late.
std::optional<TimePoint> next_contact(const View& view);

// So many sentinels have reached it that it stays in touch until it has asked them again.
bool is_in_touch(const View& view, TimePoint now);

// With each turn: since when it is in touch.
void observe_touch(View& view, TimePoint now);

// Whether it may begin to take writes: a sentinel that has not reached this node for a while, as
// after a restart, may be about to replace it, and goes on with that when it reaches it again. Most
// of them are not enough: one that takes it for dead, still, may have heard the same of the others
// just before.
std::optional<std::string> why_not_in_touch_yet(const View& view, TimePoint now);

// How often, so that one lost answer does not end the lease.
std::optional<milliseconds> pace_of_contact(const View& view);

}  // namespace redis_zk::redis_wrapper
