// The cluster's place in ZooKeeper, as a redis-wrapper uses it: local copies of what is there, our
// own entry, the lock, and the writing of the record. Knows how, not when.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>

#include "common/core/record.h"
#include "common/event/loop.h"
#include "common/event/resolver.h"
#include "common/event/timer.h"
#include "common/zk/layout.h"
#include "common/zk/lock.h"
#include "common/zk/registration.h"
#include "common/zk/session_keeper.h"
#include "common/zk/watched_directory.h"
#include "common/zk/watched_node.h"
#include "redis-wrapper/core/view.h"

namespace redis_zk::redis_wrapper {

class Directory {
  public:
    struct Handlers {
        std::function<void()> on_change;                       // something that fill() tells
        std::function<void(const std::string&)> on_event;      // a sentence for the log
        std::function<void(const std::string&)> on_complaint;  // the same, as a warning
    };
    using OnDone = std::function<void(core::Result<core::Done>)>;

    Directory(event::Loop& loop, event::Resolver& resolver, zk::SessionKeeper::Options options,
              zk::Layout layout, Handlers handlers);
    ~Directory();
    Directory(const Directory&) = delete;
    Directory& operator=(const Directory&) = delete;

    // Puts what is known into the view.
    void fill(View& view) const;

    // Registers this node, or brings its entry up to date.
    void register_as(const std::string& id, const std::string& document);

    // `Lock::held` in the view comes only when everything was read again inside the lock.
    void take_lock();
    void release_lock();

    // All or nothing, based on what fill() has told last. `on_done` comes when the outcome has been
    // read back.
    void publish(const core::Record& record, OnDone on_done);
    void write_roster(const core::Roster& roster, OnDone on_done);

    // Ends the session, so that what is ephemeral vanishes at once.
    void close(core::milliseconds bound, std::function<void()> on_closed);

    // For people.
    std::string session_id() const;
    std::optional<core::milliseconds> session_timeout() const;

  private:
    class FirstSteps;

    bool is_current() const;
    void lock_changed(zk::Lock::State state);
    void look_again();
    core::FoundRecord found_record() const;
    void read_back(const core::Result<core::Done>& result, OnDone on_done);
    void forget_history(std::uint64_t term, std::uint64_t terms_before);
    void complain(const std::string& key, const std::string& sentence) const;

    zk::Layout layout_;
    Handlers handlers_;
    bool has_credentials_;
    mutable std::map<std::string, std::string> complaints_;  // said once for each text
    zk::SessionKeeper keeper_;
    zk::WatchedNode master_;
    zk::WatchedNode term_;
    zk::WatchedNode roster_;
    zk::WatchedDirectory members_;
    zk::WatchedDirectory sentinels_;
    event::Timer look_again_soon_;
    zk::Lock lock_;
    bool looked_in_lock_ = false;
    std::uint64_t look_number_ = 0;  // answers of an older look count for nothing
    int parts_missing_ = 0;
    bool part_failed_ = false;
    std::unique_ptr<zk::Registration> registration_;
    std::unique_ptr<FirstSteps> first_steps_;
};

// The time now, for documents: "2026-11-21T10:00:00Z".
std::string time_for_people();

}  // namespace redis_zk::redis_wrapper
