// The cluster's place in ZooKeeper, as a watcher uses it: local copies of what is there, and the
// writing of the record. Has no entry of its own there. Knows how, not when.
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "common/event/loop.h"
#include "common/event/resolver.h"
#include "common/zk/folders.h"
#include "common/zk/layout.h"
#include "common/zk/readings.h"
#include "common/zk/record_writer.h"
#include "common/zk/second_look.h"
#include "common/zk/session_keeper.h"
#include "common/zk/watched_directory.h"
#include "common/zk/watched_node.h"
#include "watcher/config.h"
#include "watcher/core/action.h"
#include "watcher/core/view.h"

namespace redis_zk::watcher {

class Directory {
  public:
    // `on_change`: something that fill() tells.
    Directory(event::Loop& loop, event::Resolver& resolver, const Config& config,
              std::function<void()> on_change);
    Directory(const Directory&) = delete;
    Directory& operator=(const Directory&) = delete;

    // Puts what is known into the view.
    void fill(View& view) const;

    // What was read may be outdated: it counts again when it was read again.
    void distrust();

    // All or nothing, based on what is known now. `on_done` comes when the outcome was read back.
    // Not without a session.
    void publish(const Publish& publication, core::Callback<core::Done> on_done);

    // Ends the session.
    void close(core::milliseconds bound, std::function<void()> on_closed);

    // The last changes of master, by term, as they lie there.
    const zk::WatchedDirectory::Nodes& history() const { return history_.nodes(); }

    // Since when the recorded master is it, see history.h; nothing if the record names somebody
    // else than its term, or does not say.
    std::optional<std::string> master_since() const;

    // What was granted; before that, what was asked for.
    core::milliseconds session_timeout() const { return keeper_.session_timeout(); }

    // For people.
    std::string session_id() const { return keeper_.spoken_session(); }

  private:
    bool is_current() const;

    zk::Layout layout_;
    std::function<void()> on_change_;
    mutable zk::Complaints complaints_;
    zk::SessionKeeper keeper_;
    zk::WatchedNode master_;
    zk::WatchedNode term_;
    zk::WatchedNode roster_;
    zk::WatchedDirectory members_;
    zk::WatchedDirectory sentinels_;
    zk::WatchedDirectory history_;
    bool is_trusted_ = true;
    zk::SecondLook second_look_;
    zk::RecordWriter writer_;
    zk::Folders folders_;
};

}  // namespace redis_zk::watcher
