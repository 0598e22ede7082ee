// Runs a loop until something has become true: what tests do instead of sleeping.
#pragma once

#include <functional>

#include "common/event/loop.h"
#include "common/event/timer.h"

namespace redis_zk::event {

// False if the deadline came first.
inline bool run_until(Loop& loop, const std::function<bool()>& condition,
                      core::milliseconds deadline = core::milliseconds{20'000}) {
    const auto end = loop.now() + deadline;
    bool reached = condition();
    Timer* again = nullptr;
    Timer look{loop, [&] {
                   reached = condition();
                   if (reached || loop.now() >= end)
                       loop.stop(0);
                   else
                       again->start(core::milliseconds{1});
               }};
    again = &look;
    if (reached) return true;
    look.start(core::milliseconds{0});
    loop.run();
    return reached;
}

}  // namespace redis_zk::event
