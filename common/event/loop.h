// The one loop of a process. Owns libevent's event_base; everything else in event/ hangs on it and
// must be destroyed before it.
//
// A callback of the loop is never interrupted by another one: the process has one thread, and what
// must not happen inside somebody's callback is put off with a NextTurn.
//
// Constructing it ignores SIGPIPE for the whole process: the libraries on the loop write to sockets
// and pipes whose other end may be gone, and want EPIPE. (ChildProcess gives a child the default.)
#pragma once

#include <functional>
#include <memory>

#include "common/core/time.h"

struct event_base;

namespace redis_zk::event {

class Loop {
  public:
    Loop();  // throws std::runtime_error if the kernel refuses (out of descriptors)
    ~Loop();
    Loop(const Loop&) = delete;
    Loop& operator=(const Loop&) = delete;

    // Runs until stop() was called, also if nothing is left to wait for; returns the status given
    // there. A stop() before run() counts: then run() returns at once. May be called again.
    int run();

    // Ends run() after the callback that is running now. The first call decides the exit status.
    void stop(int exit_status);

    // The monotonic clock. The only place of the product that reads it. It is the one that goes on
    // while the machine is suspended (CLOCK_BOOTTIME), for so do the leases that others hold
    // against us; do not mix it with std::chrono::steady_clock::now(), which stands still.
    core::TimePoint now() const;

    event_base* base() const { return base_.get(); }

  private:
    struct Free {
        void operator()(event_base* base) const;
    };
    std::unique_ptr<event_base, Free> base_;
    int exit_status_ = 0;
    bool stopped_ = false;
};

}  // namespace redis_zk::event
