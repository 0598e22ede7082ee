// Which sentinels to ask for a fail-over, and whether they have to be heard before. Pure.
#pragma once

#include <set>
#include <vector>

#include "redis-wrapper/core/view.h"

namespace redis_zk::redis_wrapper {

// Those that could begin a fail-over from this node, and have not refused it.
std::vector<Endpoint> willing_sentinels(const View& view, const std::set<Endpoint>& refused_by,
                                        TimePoint now);

// Whom they may choose changes with each replica that comes and goes: so they are asked again, if
// none of these has answered since.
bool are_to_be_asked(const View& view, const std::vector<Endpoint>& sentinels, TimePoint since,
                     TimePoint now);

}  // namespace redis_zk::redis_wrapper
