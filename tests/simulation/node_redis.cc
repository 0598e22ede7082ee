// The fake Redis of a simulated node: how it starts, replicates, and obeys.
#include "redis-wrapper/core/decide.h"
#include "redis-wrapper/core/quarantine.h"
#include "tests/simulation/node.h"
#include "tests/simulation/promises.h"

namespace redis_zk::simulation {

using namespace std::chrono_literals;
namespace rw = redis_wrapper;

namespace {
// A link that the network has cut stays up for so long, where nobody configures repl-timeout.
constexpr milliseconds repl_timeout{60000};
}  // namespace

void Node::start_redis() {
    const bool append_only = world_.settings.append_only;
    redis = FakeRedis{};
    redis.append_only = append_only;
    redis.running = redis.loading = true;
    redis.run_id = name() + "#" + std::to_string(life_);
    processes_.emplace(address_, redis.run_id);
    redis.version = disk.version;
    const bool restored = !append_only && !disk.replication_id.empty();
    redis.replication_id = restored ? disk.replication_id : "id of " + redis.run_id;
    redis.offset = restored ? disk.offset : 0;
    later_in_redis(world_.a_duration(10, 400), [this] { redis.loading = false; });
    later_in_redis(100ms, [this] { tick_redis(); });
}

bool Node::can_serve_replicas() const {
    return redis.running && !redis.loading && redis.lends_its_data &&
           (redis.is_master || redis.link_up);
}

// What Redis does by itself: connect to its master, synchronise, stream, notice that it is gone.
void Node::tick_redis() {
    later_in_redis(100ms, [this] { tick_redis(); });
    if (redis.is_master || !redis.following) return;
    Node* master = world_.node_at(*redis.following);
    const bool is_cut = world_.is_cut(*this, *redis.following);
    const bool is_reachable = master != nullptr && !is_cut;
    if (is_reachable && master->is_hanging()) return;  // TCP waits
    if (is_cut && redis.link_up && world_.clock.now() < redis.heard_at + repl_timeout) return;
    if (!is_reachable || master == this || redis.copies_nobody) {
        redis.link_up = false;
        redis.sync_ends.reset();
    } else if (redis.link_up) {
        // A parked master keeps the links that it has; its stream stands still.
        redis.link_up = redis.replication_id == master->redis.replication_id &&
                        redis.linked_process == master->redis.run_id;
        if (redis.link_up && master->redis.is_master) redis.heard_at = world_.clock.now();
        if (redis.link_up && world_.clock.now() >= redis.lags_until) {
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
    disk = disk_now();  // what a kill brings back until the new data are on disk
    const bool partial =
        redis.replication_id == master.redis.replication_id && redis.offset <= master.redis.offset;
    redis.sync_ends = world_.clock.now() + (partial ? 20ms : world_.a_duration(50, 900));
    if (!partial) check_wipe(world_, *this, master);
    check_quarantine(world_, *this, master);
}

void Node::end_sync(Node& master) {
    redis.sync_ends.reset();
    if (!master.can_serve_replicas()) return;
    const bool partial = redis.replication_id == master.redis.replication_id;
    redis.version = master.redis.version;
    redis.offset = master.redis.offset;
    redis.replication_id = master.redis.replication_id;
    redis.link_up = true;
    redis.heard_at = world_.clock.now();
    redis.linked_process = master.redis.run_id;
    redis.is_given_up = master.redis.is_given_up;
    disk.has_own_writes = false;
    redis.copied_in_term = world_.zookeeper.record().term();
    if (!partial) redis.disk_settles = world_.clock.now() + world_.a_duration(100, 1500);
}

void Node::obey(const rw::Action& action) {
    if (std::holds_alternative<rw::Promote>(action)) {
        redis.open = redis.offered = redis.link_up = false;
        redis.is_master = redis.copies_nobody = true;
        redis.is_promoted_by_others = false;
        redis.following.reset();
        redis.sync_ends.reset();
        redis.former_replication_id = redis.replication_id;
        redis.former_offset = redis.offset;
        redis.replication_id = "id of " + redis.run_id + " as master";
    }
    if (const auto* follow = std::get_if<rw::Follow>(&action)) {
        redis.open = redis.offered = redis.is_master = redis.link_up = false;
        redis.sync_ends.reset();
        redis.was_pointed_by_hand = redis.copies_nobody = false;
        redis.following = follow->master;
    }
    if (std::holds_alternative<rw::Park>(action)) {
        redis.open = redis.offered = redis.is_master = redis.link_up = false;
        redis.copies_nobody = true;
        redis.following.reset();
        redis.sync_ends.reset();
    }
    if (std::holds_alternative<rw::Open>(action))
        redis.open = redis.offered = redis.copies_nobody = true;
    if (std::holds_alternative<rw::Offer>(action)) {
        redis.offered = true;
        redis.offered_at = world_.clock.now();
    }
    if (std::holds_alternative<rw::Close>(action)) redis.open = redis.offered = false;
    if (const auto* pause = std::get_if<rw::Pause>(&action))
        redis.paused_until = world_.clock.now() + pause->duration;
}

void Node::command_redis(const rw::Action& action) {
    if (std::holds_alternative<rw::ShutDown>(action)) {
        if (redis.ignores_sigterm) return;
        later_in_redis(world_.a_duration(5, 200), [this] {
            look_at_redis();
            write_claim();
            disk.version = redis.version;
            disk.replication_id = redis.replication_id;
            disk.offset = redis.offset;
            redis.running = false;
        });
        return;
    }
    if (std::holds_alternative<rw::Kill>(action)) {
        if (!view_.shutdown_sent) return redis_ends();
        disk = disk_now();
        redis.running = false;
        return;
    }
    later_in_redis(1ms, [this, action] {
        const bool was_writable = redis.accepts_writes();
        const bool was_master = redis.is_master;
        obey(action);
        if (!was_writable && redis.accepts_writes()) {
            redis.opened_at = world_.clock.now();
            check_opened(world_, *this);
            if (crashes_left_ > 0) crash_soon();
        }
        if (was_master && !redis.is_master) redis.stepped_down_at = world_.clock.now();
        later(milliseconds{0}, [this] {
            look_at_redis();
            view_.in_flight.redis_command.reset();
            turn_soon();
        });
    });
}

void Node::crash_soon() {
    --crashes_left_;
    const milliseconds soon{world_.settings.steady ? 1000 : world_.storms.between(10, 15000)};
    later_in_redis(soon, [this] { redis_ends(); });
}

void Node::promoted_by_sentinel() {
    if (redis.is_master || redis.loading || is_hanging()) return;
    if (is_frozen()) redis.is_listened_to = false;
    redis.is_master = redis.is_promoted_by_others = true;
    redis.is_given_up = false;
    if (redis.link_up && redis.following)
        if (Node* left = world_.node_at(*redis.following)) left->look_soon();
    redis.link_up = false;
    redis.following.reset();
    redis.sync_ends.reset();
    redis.former_replication_id = redis.replication_id;
    redis.former_offset = redis.offset;
    redis.replication_id =
        "id of " + redis.run_id + " by sentinel at " + std::to_string(world_.steps());
    look_soon();
}

void Node::reconfigured_by_sentinel(const Endpoint& master) {
    const bool is_news = redis.following != master && master != address_;
    if (redis.loading || is_hanging() || !is_news) return;
    if (redis.is_master) redis.demoted_at = world_.clock.now();
    if (is_frozen()) redis.is_listened_to = false;
    redis.is_master = redis.link_up = false;
    redis.sync_ends.reset();
    redis.was_pointed_by_hand = false;
    redis.following = master;
    look_soon();
}

std::optional<NodeInfo> Node::answer_info() const {
    if (!redis.running || redis.loading || is_hanging()) return std::nullopt;
    NodeInfo info;
    info.is_master = redis.is_master;
    if (!redis.is_master) info.following = redis.following.value_or(rw::nowhere);
    info.link_up = redis.link_up;
    info.priority = redis.offered ? priority : 0;
    info.offset = redis.offset;
    info.run_id = redis.run_id;
    for (const auto& node : world_.nodes())
        if (node->redis.running && node->redis.following == address_ &&
            (node->redis.link_up || node->redis.sync_ends))
            info.replicas.push_back(node->address());
    return info;
}

// What Redis writes into its log makes its wrapper look.
void Node::look_soon() {
    later(5ms, [this] {
        look_at_redis();
        turn_soon();
    });
}

void Node::look_at_redis() {
    if (!redis.running) {
        if (view_.shutdown_sent) rw::observe_redis_gone(view_);
        return;
    }
    if (is_hanging()) return;
    rw::RedisLook look;
    look.loading_at_start = redis.loading;
    look.is_master = redis.is_master;
    look.following = redis.following.value_or(rw::nowhere);
    look.link_up = redis.link_up;
    look.open = redis.open;
    look.copies_nobody = redis.copies_nobody;
    look.priority = redis.offered ? priority : 0;
    if (redis.link_up)
        look.silence_of_master =
            std::chrono::duration_cast<milliseconds>(world_.clock.now() - redis.heard_at);
    look.run_id = redis.run_id;
    for (const auto& node : world_.nodes())
        if (node->redis.running && node->redis.following == address_ && node->redis.link_up &&
            node->redis.replication_id == redis.replication_id)
            look.replicas.push_back(node->address());
    look.append_only = redis.append_only;
    look.sync_in_progress = redis.sync_ends.has_value();
    look.disk_settled = !redis.disk_settles;
    look.replication_id = redis.replication_id;
    look.former_replication_id = redis.former_replication_id;
    look.offset = redis.offset;
    look.keys = world_.versions.depth(redis.version);
    rw::observe_redis(view_, tracker_, look, world_.clock.now());
    redis.lends_its_data = redis.lends_its_data || rw::may_be_copied(view_);
    if (view_.redis.role != core::Role::loading) write_claim();
}

void Node::quarantine() {
    later_in_redis(world_.a_duration(20, 2000), [this] {
        disk.quarantine.insert(redis.version);
        rw::observe_quarantine(view_);
        turn_soon();
    });
}

void Node::write_claim() {
    const auto claim = rw::claim_of(view_, tracker_);
    if (disk.claim == claim) return;
    if (!disk.claim || disk.claim->lineage != claim.lineage) disk.claimed = redis.version;
    disk.claim = claim;
}

}  // namespace redis_zk::simulation
