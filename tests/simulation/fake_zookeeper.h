// ZooKeeper as the wrappers use it: the record, the roster, members, sentinels with their ids, and
// the two locks, with sessions that own what is ephemeral. Instant and consistent; delays and
// losses are the network's.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>

#include "common/core/record.h"
#include "tests/simulation/clock.h"

namespace redis_zk::simulation {

using core::Endpoint;
using SessionNumber = std::uint64_t;

class FakeZooKeeper {
  public:
    struct Owned {
        core::Member member;
        SessionNumber owner;
    };

    struct RegisteredSentinel {
        Endpoint address;
        SessionNumber owner;
    };
    // An id of the pool, as common/zk/identity_pool.h keeps it.
    struct Identity {
        Endpoint last_address;
        std::string claimant;                // empty: released
        std::optional<SessionNumber> owner;  // of the ephemeral node below
        TimePoint ownerless_since{};
    };
    enum class Right { to_decide, to_forget };  // the locks

    // `on_change` is told after every change.
    FakeZooKeeper(const Clock& clock, std::function<void()> on_change)
        : clock_{clock}, on_change_{std::move(on_change)} {
        record_.known = true;
    }

    SessionNumber open_session() { return *sessions_.insert(++last_session_).first; }
    bool is_alive(SessionNumber session) const { return sessions_.contains(session); }
    void expire(SessionNumber session);

    // False: the versions on which the writer relied are not those that are here.
    bool publish(const core::Record& record, std::int32_t named_version,
                 std::int32_t written_version, const core::Change& change = {});
    void write_roster(const core::Roster& roster);
    void register_member(SessionNumber session, const core::Member& member);

    void register_sentinel(SessionNumber session, const std::string& name, const Endpoint& address);
    void deregister_sentinel(SessionNumber session, const std::string& name);

    // One that was released (that of this address first), one that nobody has owned for so long and
    // that does not answer where it was last, a new one. Nothing if the claimant has one.
    using Answers = std::function<bool(const std::string& id, const Endpoint& last_address)>;
    void claim_identity(SessionNumber session, const std::string& claimant, const Endpoint& address,
                        milliseconds ghost_timeout, const Answers& answers);
    // The id that it has was removed by somebody.
    void write_identity_again(SessionNumber session, const std::string& claimant,
                              const Endpoint& address, const std::string& id);
    // After an expiry, unless somebody else has it by now.
    void take_identity_back(SessionNumber session, const std::string& claimant);
    void release_identity(const std::string& claimant);

    void queue_for_lock(SessionNumber session, Right right = Right::to_decide);
    void leave_lock(SessionNumber session, Right right = Right::to_decide);
    bool holds_lock(SessionNumber session, Right right = Right::to_decide) const;

    // What a person or another program may do to it.
    void overwrite(const core::FoundRecord& record);
    // All nodes are gone, as in a new ensemble. Sessions expire by themselves.
    void forget_everything();

    const core::FoundRecord& record() const { return record_; }
    const core::Roster& roster() const { return roster_; }
    // With which data a term began, where its writer has said it.
    const std::map<std::uint64_t, core::Beginning>& history() const { return history_; }
    const std::map<std::string, Owned>& members() const { return members_; }
    const std::map<std::string, RegisteredSentinel>& sentinels() const { return sentinels_; }
    const std::map<std::string, Identity>& ids() const { return ids_; }

  private:
    std::string free_identity(const Endpoint& address, milliseconds ghost_timeout,
                              const Answers& answers);

    const Clock& clock_;
    std::function<void()> on_change_;
    SessionNumber last_session_ = 0;
    std::set<SessionNumber> sessions_;
    core::FoundRecord record_;
    core::Roster roster_;
    std::map<std::uint64_t, core::Beginning> history_;
    std::map<std::string, Owned> members_;
    std::map<std::string, RegisteredSentinel> sentinels_;
    std::map<std::string, Identity> ids_;
    std::map<Right, std::map<std::uint64_t, SessionNumber>> lock_queues_;
    std::uint64_t last_in_queue_ = 0;
    std::uint64_t made_ids_ = 0;  // each is a new one, also after everything was forgotten
};

}  // namespace redis_zk::simulation
