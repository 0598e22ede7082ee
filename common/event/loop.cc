#include "common/event/loop.h"

#include <csignal>
#include <ctime>
#include <memory>
#include <stdexcept>

#include <event2/event.h>

namespace redis_zk::event {
namespace {

// By default libevent takes the time from a coarse clock (4 ms), and keeps it for a while: in a
// busy loop a timer then comes before its time [both measured]. A deadline that is not reached yet
// would be asked for again and again.
event_base* make_base() {
    const std::unique_ptr<event_config, decltype(&event_config_free)> config{event_config_new(),
                                                                             &event_config_free};
    if (!config) return nullptr;
    event_config_set_flag(config.get(), EVENT_BASE_FLAG_PRECISE_TIMER);
    event_config_set_flag(config.get(), EVENT_BASE_FLAG_NO_CACHE_TIME);
    event_config_set_flag(config.get(), EVENT_BASE_FLAG_IGNORE_ENV);
    return event_base_new_with_config(config.get());
}

}  // namespace

void Loop::Free::operator()(event_base* base) const { event_base_free(base); }

Loop::Loop() : base_{make_base()} {
    if (!base_) throw std::runtime_error{"cannot make an event loop (libevent refused)"};
    std::signal(SIGPIPE, SIG_IGN);
}

Loop::~Loop() = default;

int Loop::run() {
    // libevent forgets a loopbreak that came before the loop, hence our own flag.
    while (!stopped_) event_base_loop(base_.get(), EVLOOP_NO_EXIT_ON_EMPTY);
    stopped_ = false;
    return exit_status_;
}

void Loop::stop(int exit_status) {
    if (stopped_) return;
    stopped_ = true;
    exit_status_ = exit_status;
    event_base_loopbreak(base_.get());
}

core::TimePoint Loop::now() const {
    timespec time{};
    clock_gettime(CLOCK_BOOTTIME, &time);
    return core::TimePoint{std::chrono::seconds{time.tv_sec} +
                           std::chrono::nanoseconds{time.tv_nsec}};
}

}  // namespace redis_zk::event
