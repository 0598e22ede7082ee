// The pool of sentinel ids (common/core/sentinel_identity.h): lends one to this process and sees to
// it that nobody else has the same at the same time. Why there is one is said there.
//
// An id is a persistent entry, whoever has it holds an ephemeral `owner` below. Taking an id is one
// transaction: write the entry (based on the version that was read), create the owner. It fails if
// anybody was faster, so two never get the same. Did it go through although the answer got lost?
// Never asked: each claimant has a random name, which is in the entry. It looks, and an id is its
// own if it finds its name.
//
// Which id is taken, in this order: one that was released (that of our own address first), one that
// was abandoned and whose last owner does not answer, a new random one.
//
// Abandoned means without an owner for GHOST_TIMEOUT. ZooKeeper does not say since when a node is
// missing, and the clocks of hosts need not agree. So no clocks are compared: everybody who has an
// id watches the others. Who has seen one without an owner for GHOST_TIMEOUT of the own monotonic
// clock writes that down. That nobody had it in between, not even while we were cut off from
// ZooKeeper, follows from the version of the entry, which every taking changes; so one who comes
// back in time is never called abandoned. The price: an observer who starts anew begins to count
// anew, and when all sentinels were killed at once the first ones to start find nothing abandoned
// and make new ids. That is harmless, since nobody is left who remembers the old ones.
//
// After an expiry of the session the id is taken back. Who was away for too long may find that it
// is somebody else's: lost. Then the own sentinel must not vote under it any more. While there is
// no connection this cannot be known here (sentinel-wrapper/core/namesake.h); but nobody gets the
// id before GHOST_TIMEOUT has passed since the end of the session (if all have the same one), and
// nobody who hears the own sentinel answer.
//
// What is not understood (a name that is no id, an entry that is no document) is reported once and
// left alone. An idle pool asks nothing.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "common/core/sentinel_identity.h"
#include "common/event/next_turn.h"
#include "common/zk/layout.h"
#include "common/zk/readings.h"
#include "common/zk/session_user.h"

namespace redis_zk::zk {

class IdentityPool : private SessionUser {
  public:
    enum class State {
        none,       // have no id, want none. Also: lost
        claiming,   // on the way to one
        owned,      // have one; see is_confirmed()
        releasing,  // still have it, will not for long
    };

    struct Options {
        Layout layout;
        core::milliseconds ghost_timeout;
        std::function<std::string()> time_of_day;  // ISO 8601, for people who read the entries
    };

    // A sentinel that seems to be gone for good. Before its id is taken, somebody has to try
    // whether it answers: it may have lost ZooKeeper and nothing else.
    struct Suspect {
        std::string id;
        core::Endpoint last_address;

        bool operator==(const Suspect&) const = default;
    };

    // `on_change` is told in a turn of its own when state(), is_confirmed() or suspect() has
    // changed.
    IdentityPool(SessionKeeper& keeper, Options options, std::function<void()> on_change);

    // Releases nothing: without release() an id stays taken until the session ends, and can be had
    // by others GHOST_TIMEOUT later.
    ~IdentityPool() override;

    // For a sentinel that will announce this address. No effect unless the state is none.
    void claim(core::Endpoint address);

    // To be called when the own sentinel does not run any more: the next one may start with this id
    // in the same instant. Done when the state is none, which without a connection takes until
    // there is one. Also ends a claim that is not through.
    void release();

    State state() const { return state_; }

    // Of the states owned and releasing. Empty: none, or lost, or not yet.
    const std::string& id() const { return id_; }

    // Owned, and ZooKeeper keeps it for us in the present session. False from the end of a session
    // until the id was taken back: somebody else may have got it meanwhile.
    bool is_confirmed() const { return is_confirmed_; }

    // While claiming: who has to be asked. Gone again once it was answered, or when it does not
    // matter any more.
    const std::optional<Suspect>& suspect() const { return suspect_; }

    // `it_answers`: at suspect()->last_address there is a sentinel with this id. When in doubt,
    // say that it does. An answer about anybody else than suspect() has no effect.
    void answer(const std::string& id, bool it_answers);

  private:
    // An id as it was seen in one round of reading.
    struct Entry {
        std::string id;
        Node node;
        std::optional<core::SentinelIdentity> identity;  // empty: not understood
        std::optional<Node> owner;
    };
    // Since when an id has had no owner. Another version: somebody had it in between.
    struct Absence {
        Stat entry;
        core::TimePoint since;
    };

    void session_ready(Session& session) override;
    void session_ended() override;

    // Reading: everything anew in each round.
    void look();
    void list();
    void read(const std::string& id);
    void get(const std::string& path, std::function<void(const std::optional<Node>&)> take);
    void part_done(const core::Result<core::Done>& result);
    void round_done();

    // Acting on what was read: one step, whose answer leads to the next round.
    void act();
    void act_as_owner();
    void act_as_claimant();
    void act_on_release();
    void act_on_absences();
    void take(const Entry& entry);
    void make(const std::string& id);
    void call_abandoned(const Entry& entry);
    void change(const std::vector<Operation>& operations);
    void make_folder();

    const Entry* entry_of(const std::string& id) const;
    const Entry* own_entry() const;
    const Entry* free_entry() const;
    const Entry* next_suspect() const;
    bool has_our_owner(const Entry& entry) const;
    std::string document(core::SentinelIdentity::State state, const core::Endpoint& address,
                         const std::string& claimant, const std::string& previous) const;
    void become(State state, const std::string& id, bool is_confirmed);
    void suspects(std::optional<Suspect> suspect);

    Options options_;
    std::function<void()> on_change_;
    const std::string name_;  // ours, in what we claim
    core::Endpoint address_;
    State state_ = State::none;
    std::string id_;
    bool is_confirmed_ = false;
    std::optional<Suspect> suspect_;
    std::int32_t suspect_version_ = 0;                              // of its entry
    std::map<std::string, std::pair<std::int32_t, bool>> answers_;  // id -> version, it answers

    bool busy_ = false;  // reads or writes
    bool look_again_ = false;
    bool must_sync_ = true;          // what is read next must not be older than what happened last
    std::size_t missing_parts_ = 0;  // of the round of reading
    std::optional<core::Error> fault_;
    std::vector<Entry> entries_;
    std::map<std::string, Absence> absences_;  // by id
    Complaints complaints_{[this](const std::string& sentence) { report(sentence); }};

    event::Timer absence_due_;
    event::NextTurn tell_;
};

}  // namespace redis_zk::zk
