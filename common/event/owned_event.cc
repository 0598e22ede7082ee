#include "common/event/owned_event.h"

#include <event2/event.h>

namespace redis_zk::event {

void FreeEvent::operator()(::event* event) const { event_free(event); }

}  // namespace redis_zk::event
