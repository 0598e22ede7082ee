// Watches one descriptor that belongs to somebody else (a C library, a pipe) and says when it can
// be read or written. Level-triggered: it says so again in each round until the owner has read or
// written, or reset() was called.
//
// The owner of the descriptor must not close it while it is watched: the kernel may give the number
// to somebody else at once, whose events would then be ours. Where a library closes when it likes
// (zookeeper_st), call reset() before each call into it and watch() afterwards.
#pragma once

#include <functional>

#include "common/event/handler.h"
#include "common/event/loop.h"
#include "common/event/owned_event.h"

namespace redis_zk::event {

class Readiness {
  public:
    enum class Interest { read, write, read_and_write };

    // An error or the end of the stream makes both true, as far as they are watched for: the
    // owner's next read or write tells which.
    struct Ready {
        bool readable = false;
        bool writable = false;
    };

    // Watches nothing until watch() is called.
    Readiness(Loop& loop, std::function<void(Ready)> on_ready);
    ~Readiness();
    Readiness(const Readiness&) = delete;
    Readiness& operator=(const Readiness&) = delete;

    // Replaces what was watched before. Returns false, and watches nothing, if the kernel cannot
    // watch this descriptor (it is closed, or a plain file).
    [[nodiscard]] bool watch(int descriptor, Interest interest);

    // Watches nothing any more; what was ready but not yet said is not said. May be called, as the
    // destructor, from inside the callback.
    void reset();

    bool is_watching() const { return event_ != nullptr; }

  private:
    static void ready(int, short what, void* self) noexcept;

    Loop& loop_;
    Handler<Ready> on_ready_;
    OwnedEvent event_;  // last: freed before what it points to
};

}  // namespace redis_zk::event
