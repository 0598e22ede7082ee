// Does what the table of events says (core/event_table.h) when a sentinel publishes something.
//
// An event is a hint and nothing else. The record depends on none of them: it is published when a
// look has proven it, and the looks come without events, too.
#pragma once

#include <cstddef>
#include <deque>
#include <functional>
#include <string>
#include <string_view>

#include "common/app/logging.h"
#include "common/app/metrics.h"
#include "common/core/repetition.h"
#include "common/event/loop.h"
#include "common/event/reaper.h"
#include "common/event/timer.h"
#include "watcher/config.h"
#include "watcher/core/event_table.h"
#include "watcher/event.h"
#include "watcher/hooks.h"

namespace redis_zk::watcher {

class Behaviours {
  public:
    // For /events.
    static constexpr std::size_t events_to_keep = 200;

    // `on_hint` is told that it is time to look who is master. `config` and `metrics` must live
    // longer.
    Behaviours(event::Loop& loop, event::Reaper& reaper, const Config& config,
               app::Metrics& metrics, std::function<void(const Event&)> on_hint);

    // A message that this sentinel has published, whatever it may be.
    void heard(std::string_view channel, std::string_view text, const core::Endpoint& sentinel);
    void happened(const Event& event);

    // The newest is the last.
    const std::deque<Event>& events() const { return events_; }

  private:
    void perform(Behaviour behaviour, const Event& event);
    void count(const Event& event);
    void write_to_log(app::LogLevel level, const Event& event);
    void keep(const Event& event);
    void end_of_window();

    event::Loop& loop_;
    const Config& config_;
    app::Metrics& metrics_;
    std::function<void(const Event&)> on_hint_;
    std::deque<Event> events_;
    core::Repetition complaints_;
    std::size_t logged_ = 0;  // in this window
    event::Timer window_;
    Hooks hooks_;
};

}  // namespace redis_zk::watcher
