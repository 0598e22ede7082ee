#include "common/event/signal.h"

#include <cassert>
#include <utility>

#include <event2/event.h>

namespace redis_zk::event {

Signal::Signal(Loop& loop, int number, std::function<void()> on_signal)
    : on_signal_{std::move(on_signal)},
      event_{evsignal_new(loop.base(), number, &Signal::arrived, this)} {
    assert(event_);
    [[maybe_unused]] const int result = event_add(event_.get(), nullptr);
    assert(result == 0);
}

Signal::~Signal() = default;

void Signal::arrived(int, short, void* self) noexcept {
    static_cast<void>(static_cast<Signal*>(self)->on_signal_.call());
}

}  // namespace redis_zk::event
