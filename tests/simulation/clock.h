// Fake time and the queue of what will happen in it. Two events of the same instant happen in the
// order in which they were planned, so a run is the same every time.
#pragma once

#include <functional>
#include <queue>
#include <vector>

#include "common/core/time.h"

namespace redis_zk::simulation {

using core::milliseconds;
using core::TimePoint;

class Clock {
  public:
    TimePoint now() const { return now_; }

    void after(milliseconds delay, std::function<void()> what) {
        queue_.push({now_ + delay, ++planned_, std::move(what)});
    }

    // The next event, if it is due before `end`; else time moves to `end`.
    bool step(TimePoint end) {
        if (queue_.empty() || queue_.top().when > end) {
            now_ = end;
            return false;
        }
        auto what = std::move(const_cast<Planned&>(queue_.top()).what);
        now_ = queue_.top().when;
        queue_.pop();
        what();
        return true;
    }

  private:
    struct Planned {
        TimePoint when;
        std::uint64_t number;
        std::function<void()> what;
        bool operator<(const Planned& other) const {
            return when != other.when ? when > other.when : number > other.number;
        }
    };

    // Not the epoch: a TimePoint of zero means "never" in the view.
    TimePoint now_{std::chrono::hours{1}};
    std::uint64_t planned_ = 0;
    std::priority_queue<Planned> queue_;
};

}  // namespace redis_zk::simulation
