#include "tests/simulation/sentinels.h"

#include "tests/simulation/node.h"

namespace redis_zk::simulation {

using namespace std::chrono_literals;

namespace {
constexpr milliseconds down_after = 3s;
constexpr milliseconds time_to_promote = 300ms;
// Sentinel takes a master that reports "replica" for down only after down-after and two INFO
// periods; see design: facts on Sentinel, 8.
constexpr milliseconds demoted_after = 23s;
}  // namespace

Sentinels::Sentinels(World& world, std::size_t count, const core::Endpoint& master)
    : world_{world}, master_{master}, master_well_at_{world.clock.now()} {
    for (std::size_t i = 0; i < count; ++i)
        addresses_.push_back({"10.0.1." + std::to_string(i + 1), 26379});
    tick();
}

redis_wrapper::Opinion Sentinels::opinion() const {
    bool knows_a_living_replica = false;
    for (const auto& replica : replicas_)
        knows_a_living_replica = knows_a_living_replica || world_.node_at(replica) != nullptr;
    return {true, master_, epoch_, knows_a_living_replica, promoting_};
}

void Sentinels::tick() {
    if (stopped_) return;
    world_.clock.after(100ms, [this] { tick(); });
    const Node* master = world_.node_at(master_);
    if (master != nullptr && master->redis.is_master) {
        master_well_at_ = world_.clock.now();
        for (const auto& node : world_.nodes())
            if (node->redis.running && node->redis.following == master_)
                replicas_.insert(node->address());
    }
    const auto patience = master != nullptr ? demoted_after : down_after;
    if (world_.clock.now() - master_well_at_ > patience) fail_over();
}

Node* Sentinels::best_replica() const {
    Node* best = nullptr;
    for (const auto& address : replicas_) {
        Node* node = world_.node_at(address);
        if (node == nullptr || address == master_ || !node->redis.open || node->redis.loading)
            continue;
        if (best == nullptr || node->redis.offset > best->redis.offset) best = node;
    }
    return best;
}

void Sentinels::request_failover() { fail_over(); }

void Sentinels::fail_over() {
    if (promoting_ || best_replica() == nullptr) return;
    promoting_ = true;
    world_.clock.after(time_to_promote, [this] {
        promoting_ = false;
        Node* chosen = best_replica();
        if (chosen == nullptr) return;
        world_.say("sentinels", "+switch-master " + chosen->name());
        if (!forgets_) replicas_.insert(master_);
        replicas_.erase(chosen->address());
        master_ = chosen->address();
        ++epoch_;
        master_well_at_ = world_.clock.now();
        chosen->promoted_by_sentinel();
        for (const auto& address : replicas_)
            if (Node* node = world_.node_at(address)) node->reconfigured_by_sentinel(master_);
    });
}

}  // namespace redis_zk::simulation
