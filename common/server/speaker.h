// Says what an agent does: each change and each wait has its line in the log, with its reason (P7).
// What lasts, or comes again and again, is repeated at growing intervals. Counts the actions.
#pragma once

#include <string>

#include "common/app/metrics.h"
#include "common/core/repetition.h"
#include "common/core/result.h"
#include "common/core/time.h"
#include "common/core/wait.h"

namespace redis_zk::server {

class Speaker {
  public:
    explicit Speaker(app::Metrics& metrics) : metrics_{metrics} {}

    // Around the actions of a turn: a turn without a wait ends the one that lasted.
    void begin_turn() { doing_.clear(); }
    void end_turn();

    // An action, before it is done. `wait` is the action itself if it is one, else nullptr. An
    // empty sentence is not said: a question.
    void speak(const std::string& sentence, const core::Wait* wait, core::TimePoint now);
    // Nothing when it worked.
    void outcome(const std::string& what, const core::Result<core::Done>& result,
                 core::TimePoint now);

    // What is waited for; empty when nothing is.
    const std::string& doing() const { return doing_; }

  private:
    void deed(const std::string& sentence, core::TimePoint now);

    app::Metrics& metrics_;
    std::string doing_;
    core::Repetition waits_;
    core::Repetition deeds_;
    core::Repetition complaints_;
};

// A warning, when core::stood_still().
void say_that_we_stood_still();

}  // namespace redis_zk::server
