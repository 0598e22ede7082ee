#include "common/event/readiness.h"

#include <cassert>
#include <utility>

#include <event2/event.h>

namespace redis_zk::event {
namespace {

short flags_for(Readiness::Interest interest) {
    switch (interest) {
        case Readiness::Interest::read: return EV_PERSIST | EV_READ;
        case Readiness::Interest::write: return EV_PERSIST | EV_WRITE;
        case Readiness::Interest::read_and_write: return EV_PERSIST | EV_READ | EV_WRITE;
    }
    return EV_PERSIST;
}

}  // namespace

Readiness::Readiness(Loop& loop, std::function<void(Ready)> on_ready)
    : loop_{loop}, on_ready_{std::move(on_ready)} {}

Readiness::~Readiness() = default;

bool Readiness::watch(int descriptor, Interest interest) {
    // The old event goes first: if it was for the same number, the new one must not be merged
    // with what libevent remembers of a descriptor that has been closed meanwhile.
    event_.reset();
    event_.reset(event_new(loop_.base(), descriptor, flags_for(interest), &Readiness::ready, this));
    assert(event_);
    if (descriptor >= 0 && event_add(event_.get(), nullptr) == 0) return true;
    event_.reset();
    return false;
}

void Readiness::reset() { event_.reset(); }

void Readiness::ready(int, short what, void* self) noexcept {
    const Ready ready{(what & EV_READ) != 0, (what & EV_WRITE) != 0};
    static_cast<void>(static_cast<Readiness*>(self)->on_ready_.call(ready));
}

}  // namespace redis_zk::event
