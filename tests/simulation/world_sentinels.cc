// The sentinels of the world, and what they can reach in it.
#include <algorithm>
#include <utility>

#include "tests/simulation/node.h"
#include "tests/simulation/sentinel.h"
#include "tests/simulation/watcher.h"

namespace redis_zk::simulation {

namespace {
constexpr std::chrono::seconds longest_time_to_learn{12};
}  // namespace

Sentinel& World::add_sentinel(const std::string& name) {
    const Endpoint address{"10.0.1." + std::to_string(sentinels_.size() + 1), 26379};
    sentinels_.push_back(std::make_unique<Sentinel>(*this, name, address));
    return *sentinels_.back();
}

Watcher& World::add_watcher(const std::string& name) {
    watchers_.push_back(std::make_unique<Watcher>(*this, name));
    return *watchers_.back();
}

void World::publish_event(const Endpoint& sentinel, const std::string& event) {
    for (const auto& watcher : watchers_) watcher->published(sentinel, event);
}

FakeSentinel* World::sentinel_at(const Endpoint& address) const {
    for (FakeSentinel* sentinel : running_sentinels())
        if (sentinel->address() == address) return sentinel;
    return nullptr;
}

core::Opinion World::opinion_of(const Endpoint& address) const {
    core::Opinion opinion;
    const FakeSentinel* sentinel = sentinel_at(address);
    if (sentinel != nullptr) return sentinel->opinion();
    opinion.dead = true;
    return opinion;
}

bool World::do_sentinels_name(const Endpoint& master) const {
    return std::ranges::all_of(zookeeper.sentinels(), [&](const auto& it) {
        return opinion_of(it.second.address).master == master;
    });
}

bool World::is_listening(const Endpoint& address) const {
    return node_at(address) != nullptr || strangers.contains(address);
}

bool World::is_well(const Endpoint& address) const {
    const Node* node = node_at(address);
    return node != nullptr ? !node->is_hanging() : strangers.contains(address);
}

// Strangers are masters, without a word about their priority.
std::optional<NodeInfo> World::info(const Endpoint& address) const {
    if (const Node* node = node_at(address)) return node->answer_info();
    const auto stranger = strangers.find(address);
    if (stranger == strangers.end()) return std::nullopt;
    NodeInfo info;
    info.is_master = true;
    info.run_id = stranger->second.run_id;
    return info;
}

void World::say_switched(const Endpoint& master) {
    const Node* node = node_at(master);
    say("sentinels", "+switch-master " + (node != nullptr ? node->name() : core::spoken(master)));
}

// Who makes another node master while the old one lives gives up what that one has got since.
void World::promote(const Endpoint& replica, const Endpoint& master) {
    if (node_at(master) != nullptr)
        for (const auto& node : nodes_)
            if (node->address() == master || node->redis.following == master)
                node->redis.is_given_up = true;
    // It cannot choose a replica that it does not know: it learns of one with the next INFO of the
    // master.
    for (const auto& node : nodes_) {
        const auto since = node->view().informed_since;
        if (!since || clock.now() - *since < longest_time_to_learn) node->redis.is_given_up = true;
    }
    Node* node = node_at(replica);
    if (node == nullptr) return;
    if (const auto duration = std::exchange(freeze_successor_for_, std::nullopt))
        node->freeze(*duration);
    node->promoted_by_sentinel();
}

void World::point(const Endpoint& address, const Endpoint& master) {
    if (Node* node = node_at(address)) node->reconfigured_by_sentinel(master);
}

}  // namespace redis_zk::simulation
