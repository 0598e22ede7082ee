// The cluster's place in ZooKeeper, as a redis-wrapper uses it: local copies of what is there, our
// own entry, the lock, and the writing of the record. Knows how, not when.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "common/core/record.h"
#include "common/event/loop.h"
#include "common/event/resolver.h"
#include "common/zk/folders.h"
#include "common/zk/informed_lock.h"
#include "common/zk/layout.h"
#include "common/zk/readings.h"
#include "common/zk/record_writer.h"
#include "common/zk/registration.h"
#include "common/zk/session_keeper.h"
#include "common/zk/watched_directory.h"
#include "common/zk/watched_node.h"
#include "redis-wrapper/config.h"
#include "redis-wrapper/core/view.h"

namespace redis_zk::redis_wrapper {

class Directory {
  public:
    using OnDone = std::function<void(core::Result<core::Done>)>;

    // `on_change`: something that fill() tells.
    Directory(event::Loop& loop, event::Resolver& resolver, const Config& config,
              std::function<void()> on_change);
    ~Directory();
    Directory(const Directory&) = delete;
    Directory& operator=(const Directory&) = delete;

    // The first that is written: not before the start is known not to be refused.
    void make_folders();

    // Puts what is known into the view.
    void fill(View& view) const;

    // What was read may be outdated: nothing counts before it has been read again.
    void distrust();

    // Registers this node, or brings its entry up to date.
    void register_as(const std::string& id, const std::string& document);

    // `Lock::held` in the view comes only when everything was read again inside the lock.
    void take_lock();
    void release_lock();

    // All or nothing, based on what fill() has told last. `on_done` comes when the outcome has been
    // read back.
    void publish(const core::Record& record, const core::Change& change, OnDone on_done);
    // Whose entry of the history is read, for the view.
    void read_history_of(std::optional<std::uint64_t> term);
    // Into the entry that is being read, and is there.
    bool has_history_entry() const { return entry_ && entry_->is_current() && entry_->node(); }
    void write_loss(const core::Loss& loss, const std::string& node, const std::string& kept_as,
                    OnDone on_done);
    void write_roster(const core::Roster& roster, OnDone on_done);

    // Ends the session, so that what is ephemeral vanishes at once.
    void close(core::milliseconds bound, std::function<void()> on_closed);

    // For people.
    std::string session_id() const;
    core::milliseconds session_timeout() const;

  private:
    bool is_current() const;
    core::FoundRecord found_record() const;

    zk::Layout layout_;
    std::function<void()> on_change_;
    mutable zk::Complaints complaints_;
    zk::SessionKeeper keeper_;
    zk::WatchedNode master_;
    zk::WatchedNode term_;
    zk::WatchedNode roster_;
    zk::WatchedDirectory members_;
    zk::WatchedDirectory sentinels_;
    zk::InformedLock lock_;
    zk::RecordWriter writer_;
    std::unique_ptr<zk::Registration> registration_;
    std::optional<zk::Folders> folders_;
    std::uint64_t term_of_entry_ = 0;
    std::optional<zk::WatchedNode> entry_;  // of the history
    bool is_asking_again_ = false;
    bool has_no_entry_ = false;  // although its record is written
};

}  // namespace redis_zk::redis_wrapper
