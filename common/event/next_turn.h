// A function that runs as an event of its own, after the callback that is running now. The agent's
// turn is one: it closes connections and sessions, which must never happen inside a callback of
// the library that owns them.
//
// Before it runs, the loop looks at its descriptors and timers once more: facts that are waiting
// already are all known when the turn begins, and a turn that schedules itself starves nobody.
// (libevent's event_active() promises neither.)
#pragma once

#include <functional>

#include "common/event/loop.h"
#include "common/event/timer.h"

namespace redis_zk::event {

class NextTurn {
  public:
    NextTurn(Loop& loop, std::function<void()> function);

    // However often it is called before the function runs, it runs once. Inside the function it
    // asks for one more run. Never calls from inside.
    void schedule();

    void cancel();

  private:
    Timer timer_;
};

}  // namespace redis_zk::event
