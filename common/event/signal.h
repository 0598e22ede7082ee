// A Unix signal as a callback on the loop: nothing runs inside the signal handler itself but
// libevent's note to the loop. Destroying it restores what the signal did before.
//
// Several may watch the same number. SIGCHLD belongs to the Reaper. libevent supports signals on
// one loop at a time, which is all a process has.
#pragma once

#include <functional>

#include "common/event/handler.h"
#include "common/event/loop.h"
#include "common/event/owned_event.h"

namespace redis_zk::event {

class Signal {
  public:
    // Calls back for as long as it exists, once or more often when the signal came several times
    // in a row.
    Signal(Loop& loop, int number, std::function<void()> on_signal);
    ~Signal();
    Signal(const Signal&) = delete;
    Signal& operator=(const Signal&) = delete;

  private:
    static void arrived(int, short, void* self) noexcept;

    Handler<> on_signal_;
    OwnedEvent event_;  // last: freed before what it points to
};

}  // namespace redis_zk::event
