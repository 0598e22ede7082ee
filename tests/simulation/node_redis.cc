// The fake Redis of a simulated node: how it starts, replicates, and obeys.
#include "redis-wrapper/core/decide.h"
#include "tests/simulation/node.h"
#include "tests/simulation/promises.h"

namespace redis_zk::simulation {

using namespace std::chrono_literals;
namespace rw = redis_wrapper;

void Node::start_redis() {
    const bool append_only = world_.settings.append_only;
    redis = FakeRedis{};
    redis.append_only = append_only;
    redis.running = redis.loading = true;
    redis.run_id = name_ + "#" + std::to_string(life_);
    redis.version = disk.version;
    const bool restored = !append_only && !disk.replication_id.empty();
    redis.replication_id = restored ? disk.replication_id : "id of " + redis.run_id;
    redis.offset = restored ? disk.offset : 0;
    later(world_.a_duration(10, 400), [this] { redis.loading = false; });
    later(100ms, [this] { tick_redis(); });
}

bool Node::can_serve_replicas() const {
    return redis.running && !redis.loading && (redis.is_master || redis.link_up);
}

// What Redis does by itself: connect to its master, synchronise, stream, notice that it is gone.
void Node::tick_redis() {
    later(100ms, [this] { tick_redis(); });
    if (redis.is_master || !redis.following) return;
    Node* master = world_.node_at(*redis.following);
    if (master == nullptr || master == this) {
        redis.link_up = false;
        redis.sync_ends.reset();
    } else if (redis.link_up) {
        // A parked master keeps the links that it has; its stream stands still.
        redis.link_up = redis.replication_id == master->redis.replication_id;
        if (redis.link_up) {
            redis.version = master->redis.version;
            redis.offset = master->redis.offset;
        }
    } else if (!redis.sync_ends) {
        if (master->can_serve_replicas()) start_sync(*master);
    } else if (world_.clock.now() >= *redis.sync_ends) {
        end_sync(*master);
    }
    if (redis.disk_settles && world_.clock.now() >= *redis.disk_settles) redis.disk_settles.reset();
    if (!redis.append_only && redis.link_up && world_.random.one_in(20)) {
        disk.version = redis.version;  // a snapshot
        disk.replication_id = redis.replication_id;
        disk.offset = redis.offset;
    }
}

void Node::start_sync(Node& master) {
    const bool partial =
        redis.replication_id == master.redis.replication_id && redis.offset <= master.redis.offset;
    redis.sync_ends = world_.clock.now() + (partial ? 20ms : world_.a_duration(50, 900));
    if (!partial) check_wipe(world_, *this, master);
}

void Node::end_sync(Node& master) {
    redis.sync_ends.reset();
    if (!master.can_serve_replicas()) return;
    const bool partial = redis.replication_id == master.redis.replication_id;
    redis.version = master.redis.version;
    redis.offset = master.redis.offset;
    redis.replication_id = master.redis.replication_id;
    redis.link_up = true;
    if (!partial) redis.disk_settles = world_.clock.now() + world_.a_duration(100, 1500);
}

void Node::command_redis(const rw::Action& action) {
    if (std::holds_alternative<rw::ShutDown>(action)) {
        if (redis.hangs) return;
        later(world_.a_duration(5, 200), [this] {
            look_at_redis();
            write_claim();
            disk.version = redis.version;
            disk.replication_id = redis.replication_id;
            disk.offset = redis.offset;
            redis.running = false;
        });
        return;
    }
    later(1ms, [this, action] {
        const bool was_writable = redis.accepts_writes();
        if (std::holds_alternative<rw::Kill>(action)) {
            disk = disk_now();
            redis.running = false;
        }
        if (std::holds_alternative<rw::Promote>(action)) {
            redis.open = redis.link_up = false;
            redis.is_master = true;
            redis.following.reset();
            redis.sync_ends.reset();
            redis.replication_id = "id of " + redis.run_id + " as master";
        }
        if (const auto* follow = std::get_if<rw::Follow>(&action)) {
            redis.open = redis.is_master = redis.link_up = false;
            redis.sync_ends.reset();
            redis.following = follow->master;
        }
        if (std::holds_alternative<rw::Park>(action)) {
            redis.open = redis.is_master = redis.link_up = false;
            redis.following.reset();
        }
        if (std::holds_alternative<rw::Open>(action)) redis.open = true;
        if (std::holds_alternative<rw::Close>(action)) redis.open = false;
        if (!was_writable && redis.accepts_writes()) check_opened(world_, *this);
        look_at_redis();
        view_.in_flight.redis_command.reset();
        turn_soon();
    });
}

void Node::promoted_by_sentinel() {
    if (redis.is_master || redis.loading) return;
    redis.is_master = true;
    redis.link_up = false;
    redis.following.reset();
    redis.sync_ends.reset();
    redis.replication_id =
        "id of " + redis.run_id + " by sentinel at " + std::to_string(world_.steps());
}

void Node::reconfigured_by_sentinel(const Endpoint& master) {
    if (redis.loading || redis.following == master || master == address_) return;
    redis.is_master = redis.link_up = false;
    redis.sync_ends.reset();
    redis.following = master;
}

void Node::look_at_redis() {
    if (!redis.running) return rw::observe_redis_gone(view_);
    rw::RedisLook look;
    look.loading_at_start = redis.loading;
    look.is_master = redis.is_master;
    look.following = redis.following.value_or(rw::nowhere);
    look.link_up = redis.link_up;
    look.open = redis.open;
    look.run_id = redis.run_id;
    for (const auto& node : world_.nodes())
        if (node->redis.running && node->redis.following == address_ && node->redis.link_up &&
            node->redis.replication_id == redis.replication_id)
            look.replicas.push_back(node->address());
    look.append_only = redis.append_only;
    look.sync_in_progress = redis.sync_ends.has_value();
    look.disk_settled = !redis.disk_settles;
    look.replication_id = redis.replication_id;
    look.offset = redis.offset;
    look.keys = world_.versions.depth(redis.version);
    rw::observe_redis(view_, tracker_, look, world_.clock.now());
    if (view_.redis.role != core::Role::loading) write_claim();
}

void Node::write_claim() {
    const auto claim = tracker_.claim(view_.self.id, view_.self.claimed_cluster);
    if (disk.claim == claim) return;
    if (!disk.claim || disk.claim->lineage != claim.lineage) disk.claimed = redis.version;
    disk.claim = claim;
}

}  // namespace redis_zk::simulation
