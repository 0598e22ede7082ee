#include "tests/simulation/fake_zookeeper.h"

namespace redis_zk::simulation {

void FakeZooKeeper::expire(SessionNumber session) {
    if (sessions_.erase(session) == 0) return;
    std::erase_if(members_, [&](const auto& it) { return it.second.owner == session; });
    std::erase_if(lock_queue_, [&](const auto& it) { return it.second == session; });
    on_change_();
}

bool FakeZooKeeper::publish(const core::Record& record, std::int32_t named_version,
                            std::int32_t written_version) {
    if (named_version != record_.named_version || written_version != record_.written_version)
        return false;
    record_.unreadable = false;
    record_.named = record.master;
    record_.written = record;
    ++record_.named_version;
    ++record_.written_version;
    on_change_();
    return true;
}

void FakeZooKeeper::write_roster(const core::Roster& roster) {
    roster_ = roster;
    on_change_();
}

void FakeZooKeeper::register_member(SessionNumber session, const core::Member& member) {
    if (!is_alive(session)) return;
    const auto found = members_.find(member.id);
    if (found != members_.end() && found->second.owner == session && found->second.member == member)
        return;
    members_.insert_or_assign(member.id, Owned{member, session});
    on_change_();
}

void FakeZooKeeper::queue_for_lock(SessionNumber session) {
    if (!is_alive(session)) return;
    for (const auto& [number, owner] : lock_queue_)
        if (owner == session) return;
    lock_queue_.emplace(++last_in_queue_, session);
    on_change_();
}

void FakeZooKeeper::leave_lock(SessionNumber session) {
    if (std::erase_if(lock_queue_, [&](const auto& it) { return it.second == session; }) > 0)
        on_change_();
}

bool FakeZooKeeper::holds_lock(SessionNumber session) const {
    return !lock_queue_.empty() && lock_queue_.begin()->second == session;
}

void FakeZooKeeper::overwrite(const core::FoundRecord& record) {
    record_ = record;
    record_.known = true;
    on_change_();
}

}  // namespace redis_zk::simulation
