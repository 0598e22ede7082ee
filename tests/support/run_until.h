// Lets a loop run until a condition holds. Tests wait for what they want to see, with a deadline,
// and never for a time to pass.
#pragma once

#include <event2/event.h>

#include "common/core/time.h"
#include "common/event/loop.h"
#include "common/event/timer.h"

namespace redis_zk::test {

// Returns whether the condition came true in time.
template <typename Condition>
bool run_until(event::Loop& loop, Condition condition,
               core::milliseconds patience = core::milliseconds{10000}) {
    event::Timer deadline{loop, [] {}};
    deadline.start(patience);
    // A condition may ask somebody outside, of whose change the loop hears nothing by itself.
    event::Timer look_again{loop, [] {}};
    while (!condition()) {
        if (!deadline.is_armed()) return false;
        look_again.start(core::milliseconds{10});
        event_base_loop(loop.base(), EVLOOP_ONCE);
    }
    return true;
}

// How often the loop woke up in that time.
inline int rounds_of(event::Loop& loop, core::milliseconds time) {
    event::Timer end{loop, [] {}};
    end.start(time);
    int rounds = 0;
    for (; end.is_armed(); ++rounds) event_base_loop(loop.base(), EVLOOP_ONCE);
    return rounds;
}

// Lets everything happen that is due already, and nothing that is not.
inline void run_what_is_due(event::Loop& loop) {
    for (int round = 0; round < 10; ++round) event_base_loop(loop.base(), EVLOOP_NONBLOCK);
}

}  // namespace redis_zk::test
