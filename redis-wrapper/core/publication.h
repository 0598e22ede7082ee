// What is written when there is another master. Pure.
#pragma once

#include <optional>
#include <string>

#include "redis-wrapper/core/action.h"
#include "redis-wrapper/core/view.h"

namespace redis_zk::redis_wrapper {

// This node.
Publish publication(const View& view, std::string reason, TimePoint now);

// The member that this node has handed over to, which has all that it had. Nothing if it is not
// registered any more.
std::optional<Publish> publication_of(const View& view, const Endpoint& successor,
                                      std::string reason);

}  // namespace redis_zk::redis_wrapper
