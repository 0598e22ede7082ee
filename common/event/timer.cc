#include "common/event/timer.h"

#include <algorithm>
#include <cassert>
#include <utility>

#include <event2/event.h>

namespace redis_zk::event {
namespace {

// Far enough to mean "never", near enough that no clock overflows when it is added.
constexpr std::chrono::hours longest_delay{24 * 365 * 10};

}  // namespace

Timer::Timer(Loop& loop, std::function<void()> on_due)
    : loop_{loop}, on_due_{std::move(on_due)}, event_{evtimer_new(loop.base(), &Timer::due, this)} {
    assert(event_);
}

Timer::~Timer() = default;

void Timer::start(core::milliseconds delay) {
    start_in(std::min<core::milliseconds>(delay, longest_delay));
}

void Timer::start_at(core::TimePoint when) {
    const auto now = loop_.now();
    start_in(when <= now ? std::chrono::nanoseconds{0} : when - now);
}

void Timer::start_in(std::chrono::nanoseconds delay) {
    timeval wait{};
    if (delay.count() > 0) {
        delay = std::min<std::chrono::nanoseconds>(delay, longest_delay);
        // libevent cuts the time off at microseconds: without the one more we might be early.
        const auto microseconds = std::chrono::ceil<std::chrono::microseconds>(delay).count() + 1;
        wait.tv_sec = microseconds / 1'000'000;
        wait.tv_usec = microseconds % 1'000'000;
    }
    [[maybe_unused]] const int result = event_add(event_.get(), &wait);
    assert(result == 0);
}

void Timer::stop() { event_del(event_.get()); }

bool Timer::is_armed() const { return event_pending(event_.get(), EV_TIMEOUT, nullptr) != 0; }

void Timer::due(int, short, void* self) noexcept {
    static_cast<void>(static_cast<Timer*>(self)->on_due_.call());
}

}  // namespace redis_zk::event
