// A callback at a later time, on the loop. Destroying a Timer cancels it, also from inside its own
// callback. It never calls back before its time, by the clock of the loop. If the machine was
// suspended meanwhile it may be late: what was missing when it fell asleep is still waited for.
#pragma once

#include <functional>

#include "common/core/time.h"
#include "common/event/handler.h"
#include "common/event/loop.h"
#include "common/event/owned_event.h"

namespace redis_zk::event {

class Timer {
  public:
    Timer(Loop& loop, std::function<void()> on_due);
    ~Timer();
    Timer(const Timer&) = delete;
    Timer& operator=(const Timer&) = delete;

    // Calls back once. A timer that is armed already is moved, not doubled. A delay of zero means
    // "as soon as the callback that is running now has returned", never from inside this call.
    // A negative delay, or a time that has passed, counts as zero; TimePoint::max() is valid.
    void start(core::milliseconds delay);
    void start_at(core::TimePoint when);
    void stop();

    // False again as soon as the callback begins.
    bool is_armed() const;

  private:
    static void due(int, short, void* self) noexcept;
    void start_in(std::chrono::nanoseconds delay);

    Loop& loop_;
    Handler<> on_due_;
    OwnedEvent event_;  // last: freed before what it points to
};

}  // namespace redis_zk::event
