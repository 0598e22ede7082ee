// The cluster's place in ZooKeeper, as a sentinel-wrapper uses it: local copies of what is there,
// our own entry among the sentinels, our id, and the right to forget ghosts. Knows how, not when.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "common/event/loop.h"
#include "common/event/resolver.h"
#include "common/zk/folders.h"
#include "common/zk/identity_pool.h"
#include "common/zk/informed_lock.h"
#include "common/zk/layout.h"
#include "common/zk/readings.h"
#include "common/zk/registration.h"
#include "common/zk/session_keeper.h"
#include "common/zk/watched_directory.h"
#include "common/zk/watched_node.h"
#include "sentinel-wrapper/config.h"
#include "sentinel-wrapper/core/view.h"

namespace redis_zk::sentinel_wrapper {

class Directory {
  public:
    // `on_change`: something that fill() tells.
    Directory(event::Loop& loop, event::Resolver& resolver, const Config& config,
              std::function<void()> on_change);
    Directory(const Directory&) = delete;
    Directory& operator=(const Directory&) = delete;

    // Puts what is known into the view.
    void fill(View& view) const;

    // Our entry among the sentinels, under a name that stays as long as this process lives.
    void register_at(const Endpoint& address);
    void deregister(std::function<void()> on_done);

    void claim_identity(const Endpoint& address) { pool_.claim(address); }
    void release_identity() { pool_.release(); }
    // About the suspect, see zk::IdentityPool.
    void answer_about(const std::string& id, bool it_answers) { pool_.answer(id, it_answers); }

    void take_lock() { lock_.request(); }
    void release_lock() { lock_.release(); }

    // What was read from ZooKeeper may be outdated: it counts again when it was read again.
    void distrust() { lock_.distrust(); }

    // Ends the session, so that what is ephemeral vanishes at once.
    void close(core::milliseconds bound, std::function<void()> on_closed);

    // For people.
    std::string session_id() const { return keeper_.spoken_session(); }
    core::milliseconds session_timeout() const;

  private:
    bool is_current() const;
    Identity identity() const;

    zk::Layout layout_;
    std::function<void()> on_change_;
    mutable zk::Complaints complaints_;
    const std::string name_;  // of our entry
    zk::SessionKeeper keeper_;
    zk::WatchedNode master_;
    zk::WatchedNode term_;
    zk::WatchedDirectory members_;
    zk::WatchedDirectory sentinels_;
    zk::WatchedDirectory ids_;
    zk::InformedLock lock_;
    zk::IdentityPool pool_;
    std::unique_ptr<zk::Registration> registration_;
    bool is_leaving_the_list_ = false;
    zk::Folders folders_;
};

}  // namespace redis_zk::sentinel_wrapper
