#include "common/event/next_turn.h"

#include <utility>

namespace redis_zk::event {

NextTurn::NextTurn(Loop& loop, std::function<void()> function)
    : timer_{loop, std::move(function)} {}

// Only once: arming it again would put it behind everything that has become due meanwhile, and
// under a steady flow of facts it would never run.
void NextTurn::schedule() {
    if (!timer_.is_armed()) timer_.start(core::milliseconds{0});
}

void NextTurn::cancel() { timer_.stop(); }

}  // namespace redis_zk::event
