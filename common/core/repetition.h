// When a wait that lasts is to be spoken of again: with a growing interval, never silent, never a
// flood (promise P7). A sentence that was not heard before is said at once, the same one again
// after 1 s, 2 s, 4 s ... and then every 60 s.
//
// Two sentences that take turns quickly are one wait that cannot make up its mind, so each keeps
// its interval. One that returns after another held for five seconds is news, and is said at once.
// A number that changes all the time does not belong into the sentence: put it into what is logged.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "common/core/time.h"

namespace redis_zk::core {

class Repetition {
  public:
    // Whether to say it now. True counts as said.
    bool should_say(std::string_view sentence, TimePoint now);

    // The wait is over: whatever comes next is new.
    void forget();

  private:
    struct Said {
        std::string sentence;
        TimePoint said_at;
        TimePoint asked_at;
        milliseconds interval;
    };

    std::vector<Said> said_;  // the last one asked about is at the back
};

}  // namespace redis_zk::core
