// One event of libevent and its owner. Freeing an event removes it from the loop first; libevent
// allows both while the event's own callback is running.
#pragma once

#include <memory>

struct event;

namespace redis_zk::event {

struct FreeEvent {
    void operator()(::event* event) const;
};
using OwnedEvent = std::unique_ptr<::event, FreeEvent>;

}  // namespace redis_zk::event
