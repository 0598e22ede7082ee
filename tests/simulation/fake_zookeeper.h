// ZooKeeper as the wrappers use it: the record, the roster, members, sentinels and the lock, with
// sessions that own what is ephemeral. Instant and consistent; delays and losses are the network's.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>

#include "common/core/record.h"
#include "tests/simulation/clock.h"

namespace redis_zk::simulation {

using SessionNumber = std::uint64_t;

class FakeZooKeeper {
  public:
    struct Owned {
        core::Member member;
        SessionNumber owner;
    };

    // Told after every change.
    explicit FakeZooKeeper(std::function<void()> on_change) : on_change_{std::move(on_change)} {
        record_.known = true;
    }

    SessionNumber open_session() { return *sessions_.insert(++last_session_).first; }
    bool is_alive(SessionNumber session) const { return sessions_.contains(session); }
    void expire(SessionNumber session);

    // False: the versions on which the writer relied are not those that are here.
    bool publish(const core::Record& record, std::int32_t named_version,
                 std::int32_t written_version);
    void write_roster(const core::Roster& roster);
    void register_member(SessionNumber session, const core::Member& member);

    void queue_for_lock(SessionNumber session);
    void leave_lock(SessionNumber session);
    bool holds_lock(SessionNumber session) const;

    // What a person or another program may do to it.
    void overwrite(const core::FoundRecord& record);

    const core::FoundRecord& record() const { return record_; }
    const core::Roster& roster() const { return roster_; }
    const std::map<std::string, Owned>& members() const { return members_; }

  private:
    std::function<void()> on_change_;
    SessionNumber last_session_ = 0;
    std::set<SessionNumber> sessions_;
    core::FoundRecord record_;
    core::Roster roster_;
    std::map<std::string, Owned> members_;
    std::map<std::uint64_t, SessionNumber> lock_queue_;
    std::uint64_t last_in_queue_ = 0;
};

}  // namespace redis_zk::simulation
