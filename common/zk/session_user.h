// Something that lives longer than one ZooKeeper session and has to be made true again in each:
// a registration, a lock, a copy of a node. It is told what becomes of the session by the
// SessionKeeper, which must outlive it.
//
// The way to write one: session_ready() looks at what is true and does the next thing; every
// answer leads there again. Then a lost answer, a reconnect and a new session are no special cases.
#pragma once

#include <string>

#include "common/core/result.h"
#include "common/core/time.h"
#include "common/event/timer.h"
#include "common/zk/session.h"

namespace redis_zk::zk {

class SessionKeeper;

class SessionUser {
  public:
    SessionUser(const SessionUser&) = delete;
    SessionUser& operator=(const SessionUser&) = delete;

  protected:
    // If there is a connection already, session_ready() is called soon, not from in here.
    explicit SessionUser(SessionKeeper& keeper);

    // Forgets everything that was asked with asker().
    virtual ~SessionUser();

    // The connected session, or nullptr.
    Session* session() const;

    // For the last argument of the session's requests.
    const void* asker() const { return this; }

    // A request was answered with an error. A refusal is reported (once, as long as it stays the
    // same), and session_ready() is called again: after a growing pause, or when there is a
    // connection.
    void failed(const core::Error& error);
    void worked();

    event::Loop& loop() const;

    // A line for the log, through the keeper.
    void report(const std::string& sentence);

  private:
    friend class SessionKeeper;

    // Connected: for the first time in this session, again after a loss, or after failed().
    virtual void session_ready(Session& session) = 0;

    // No connection. Requests under way are answered with errors. The session may still be alive:
    // what it holds stays ours until session_ended().
    virtual void session_away() {}

    // Over. Ephemeral nodes are gone or will go; no callback of the old session comes any more.
    virtual void session_ended() {}

    void retry();

    SessionKeeper& keeper_;
    std::string problem_;
    core::milliseconds pause_;
    event::Timer retry_;
};

}  // namespace redis_zk::zk
