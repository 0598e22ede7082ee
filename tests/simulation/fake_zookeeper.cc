#include "tests/simulation/fake_zookeeper.h"

#include <algorithm>

namespace redis_zk::simulation {

void FakeZooKeeper::expire(SessionNumber session) {
    if (sessions_.erase(session) == 0) return;
    std::erase_if(members_, [&](const auto& it) { return it.second.owner == session; });
    std::erase_if(sentinels_, [&](const auto& it) { return it.second.owner == session; });
    for (auto& [id, identity] : ids_) {
        if (identity.owner != session) continue;
        identity.owner.reset();
        identity.ownerless_since = clock_.now();
    }
    for (auto& [right, queue] : lock_queues_)
        std::erase_if(queue, [&](const auto& it) { return it.second == session; });
    on_change_();
}

bool FakeZooKeeper::publish(const core::Record& record, std::int32_t named_version,
                            std::int32_t written_version, const core::Change& change) {
    if (named_version != record_.named_version || written_version != record_.written_version)
        return false;
    record_.unreadable = false;
    record_.named = record.master;
    record_.written = record;
    history_[record.term] = {record.node, change.lineage};
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

void FakeZooKeeper::register_sentinel(SessionNumber session, const std::string& name,
                                      const Endpoint& address) {
    if (!is_alive(session)) return;
    sentinels_.insert_or_assign(name, RegisteredSentinel{address, session});
    on_change_();
}

void FakeZooKeeper::deregister_sentinel(SessionNumber session, const std::string& name) {
    const auto found = sentinels_.find(name);
    if (found == sentinels_.end() || found->second.owner != session) return;
    sentinels_.erase(found);
    on_change_();
}

std::string FakeZooKeeper::free_identity(const Endpoint& address, milliseconds ghost_timeout,
                                         const Answers& answers) {
    const auto is_released = [](const auto& it) { return it.second.claimant.empty(); };
    for (const auto& each : ids_)
        if (is_released(each) && each.second.last_address == address) return each.first;
    for (const auto& each : ids_)
        if (is_released(each)) return each.first;
    for (const auto& [id, identity] : ids_)
        if (!identity.owner && clock_.now() - identity.ownerless_since >= ghost_timeout &&
            !answers(id, identity.last_address))
            return id;
    return "id-" + std::to_string(++made_ids_);
}

void FakeZooKeeper::claim_identity(SessionNumber session, const std::string& claimant,
                                   const Endpoint& address, milliseconds ghost_timeout,
                                   const Answers& answers) {
    const bool has_one =
        std::ranges::any_of(ids_, [&](const auto& it) { return it.second.claimant == claimant; });
    if (!is_alive(session) || has_one) return;
    ids_.insert_or_assign(free_identity(address, ghost_timeout, answers),
                          Identity{address, claimant, session, {}});
    on_change_();
}

void FakeZooKeeper::write_identity_again(SessionNumber session, const std::string& claimant,
                                         const Endpoint& address, const std::string& id) {
    if (is_alive(session) && ids_.try_emplace(id, Identity{address, claimant, session, {}}).second)
        on_change_();
}

void FakeZooKeeper::take_identity_back(SessionNumber session, const std::string& claimant) {
    for (auto& [id, identity] : ids_) {
        if (identity.claimant != claimant || identity.owner || !is_alive(session)) continue;
        identity.owner = session;
        on_change_();
    }
}

void FakeZooKeeper::release_identity(const std::string& claimant) {
    for (auto& [id, identity] : ids_) {
        if (identity.claimant != claimant) continue;
        identity.claimant.clear();
        identity.owner.reset();
        on_change_();
    }
}

void FakeZooKeeper::queue_for_lock(SessionNumber session, Right right) {
    if (!is_alive(session)) return;
    for (const auto& [number, owner] : lock_queues_[right])
        if (owner == session) return;
    lock_queues_[right].emplace(++last_in_queue_, session);
    on_change_();
}

void FakeZooKeeper::leave_lock(SessionNumber session, Right right) {
    if (std::erase_if(lock_queues_[right], [&](const auto& it) { return it.second == session; }) >
        0)
        on_change_();
}

bool FakeZooKeeper::holds_lock(SessionNumber session, Right right) const {
    const auto queue = lock_queues_.find(right);
    return queue != lock_queues_.end() && !queue->second.empty() &&
           queue->second.begin()->second == session;
}

void FakeZooKeeper::forget_everything() {
    record_ = {};
    record_.known = true;
    roster_ = {};
    history_.clear();
    members_.clear();
    sentinels_.clear();
    ids_.clear();
    lock_queues_.clear();
    on_change_();
}

void FakeZooKeeper::overwrite(const core::FoundRecord& record) {
    record_ = record;
    record_.known = true;
    on_change_();
}

}  // namespace redis_zk::simulation
