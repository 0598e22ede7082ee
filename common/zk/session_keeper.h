// Keeps a ZooKeeper session, for as long as the process lives. Resolves the servers' names, makes
// a Session, makes the next one when it has expired, and tells everybody who depends on it
// (SessionUser).
//
//  - Names are resolved before the first session, again after each loss of a connection and again
//    whenever it has waited long: in a container world the ensemble may have moved.
//  - While there is no connection it says so, at growing intervals; it never gives up.
//  - After an expiry it waits a moment, longer each time when they come in a row, and never the
//    same time as its neighbours, who have lost their sessions in the same instant.
#pragma once

#include <functional>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "common/core/time.h"
#include "common/event/loop.h"
#include "common/event/next_turn.h"
#include "common/event/resolver.h"
#include "common/event/timer.h"
#include "common/zk/hosts.h"
#include "common/zk/session.h"

namespace redis_zk::zk {

class SessionUser;

class SessionKeeper {
  public:
    struct Options {
        std::vector<core::Endpoint> servers;  // names or addresses, from ZK_HOSTS
        core::milliseconds session_timeout;   // asked for
        std::string credentials;              // "user:password" or empty
    };

    // `on_event` gets one sentence for the log for each change, and for each wait that lasts.
    SessionKeeper(event::Loop& loop, event::Resolver& resolver, Options options,
                  std::function<void(const std::string&)> on_event);

    // Every SessionUser must be gone. As close(), but does not wait for the server's answer.
    ~SessionKeeper();
    SessionKeeper(const SessionKeeper&) = delete;
    SessionKeeper& operator=(const SessionKeeper&) = delete;

    // The connected session, or nullptr. Do not keep the pointer beyond the callback.
    Session* session() const;

    // What the servers have granted last, which may be less or more than what was asked for; that
    // before they have granted any.
    core::milliseconds session_timeout() const { return granted_timeout_; }

    // The number of the session as ZooKeeper's own tools write it, for people; "" between two.
    std::string spoken_session() const;

    // The way out: the session ends on the server, so that what is ephemeral vanishes at once and
    // not after the timeout. `on_closed` comes when the server has confirmed or after `bound`.
    // It may destroy this object. There is no session from now on. May be called only once.
    void close(core::milliseconds bound, std::function<void()> on_closed);

    bool has_credentials() const { return !options_.credentials.empty(); }

    event::Loop& loop() const { return loop_; }

  private:
    friend class SessionUser;
    struct Entry {
        SessionUser* user;  // nullptr: removed while all of them were being told
        bool knows_it_is_ready;
    };

    void add(SessionUser& user);
    void remove(SessionUser& user);
    void report(const std::string& sentence) { on_event_(sentence); }

    void closed();
    void resolve();
    void resolved(std::size_t server, core::Result<event::Addresses> answer);
    void have_addresses();
    void entered(SessionState state);
    void connected();
    void lost();
    void expired();
    void still_waiting();
    void make_next_session();

    template <typename Tell>
    void tell_all(Tell tell);
    void tell_ready();
    void tell_away();
    void tell_ended();

    event::Loop& loop_;
    event::Resolver& resolver_;
    Options options_;
    std::function<void(const std::string&)> on_event_;
    std::vector<Entry> users_;
    int telling_ = 0;
    bool closing_ = false;
    std::function<void()> on_closed_;

    std::vector<std::string> hosts_that_failed_;
    std::vector<std::vector<core::Endpoint>> addresses_;  // of each server, as far as known
    std::size_t lookups_pending_ = 0;

    bool was_connected_ = false;  // in this session
    core::milliseconds granted_timeout_;
    core::TimePoint waiting_since_;
    core::TimePoint connected_since_;
    core::milliseconds next_report_;
    int expiries_in_a_row_ = 0;
    std::mt19937 random_;

    std::unique_ptr<Session> session_;
    std::vector<event::Lookup> lookups_;
    event::NextTurn tell_ready_soon_;
    event::NextTurn closed_soon_;
    event::Timer patience_;      // says that it still waits
    event::Timer next_session_;  // makes it: never inside a callback of the old one
};

}  // namespace redis_zk::zk
