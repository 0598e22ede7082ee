// The wrapper of a simulated node: its life, its turns, its questions to others.
#include "tests/simulation/node.h"

#include "redis-wrapper/core/decide.h"
#include "tests/simulation/promises.h"
#include "tests/simulation/sentinels.h"

namespace redis_zk::simulation {

using namespace std::chrono_literals;
namespace rw = redis_wrapper;

Node::Node(World& world, std::string name, Endpoint address)
    : world_{world}, name_{std::move(name)}, address_{std::move(address)} {}

void Node::start() {
    if (alive_) return;
    alive_ = true;
    ++life_;
    view_ = rw::View{};
    // The identity lives with the data.
    view_.self.id =
        disk.claim ? disk.claim->node : name_ + (wipes_ > 0 ? "." + std::to_string(wipes_) : "");
    view_.self.address = address_;
    view_.self.priority = priority;
    view_.self.name = "redis-wrapper " + name_;
    view_.self.accept_data_loss = accept_data_loss;
    view_.self.cold_start_wait = world_.settings.cold_start_wait;
    view_.self.cluster_if_first = "cluster of " + view_.self.id + "/" + std::to_string(life_);
    if (disk.claim) view_.self.claimed_cluster = disk.claim->cluster;
    tracker_ = core::LineageTracker{disk.claim};
    doing_.clear();
    said_.clear();
    turn_planned_ = reading_ = read_again_ = looked_in_lock_ = false;
    session_ = 0;
    connected_ = false;
    registered_as_.reset();
    start_redis();
    later(world_.a_delay(), [this] { connect_to_zookeeper(); });
    tick();
}

void Node::kill() {
    if (!alive_) return;
    world_.say(name_, "is killed");
    alive_ = false;
    connected_ = false;
    disk = disk_now();
    redis.running = false;
    // The server notices the loss of the connection only when the session times out.
    const auto session = session_;
    world_.clock.after(world_.settings.session_timeout,
                       [this, session] { world_.zookeeper.expire(session); });
}

// What is on disk at this instant: all that the append-only file got, or the old dataset while the
// file is still being rewritten after a full synchronisation.
Disk Node::disk_now() const {
    Disk now = disk;
    const bool rewriting = redis.disk_settles && world_.clock.now() < *redis.disk_settles;
    if (redis.running && redis.append_only && !rewriting && !redis.sync_ends)
        now.version = redis.version;
    return now;
}

void Node::stop() {
    if (!view_.stop_requested_at) view_.stop_requested_at = world_.clock.now();
    ++view_.stop_requests;
    turn_soon();
}

// The shell's part, told here for the others' sake: see agent.cc and tests/integration.
void Node::redis_ends() {
    if (!alive_) return;
    world_.say(name_, "redis ends by itself, and the wrapper with it");
    disk = disk_now();
    alive_ = redis.running = connected_ = false;
    world_.zookeeper.expire(session_);
}

void Node::wipe_disk() {
    disk = Disk{};
    ++wipes_;
}

void Node::later(milliseconds delay, std::function<void()> what) {
    world_.clock.after(delay, [this, life = life_, what = std::move(what)] {
        if (is_same_life(life)) what();
    });
}

void Node::turn_soon() {
    if (turn_planned_) return;
    turn_planned_ = true;
    later(milliseconds{0}, [this] {
        turn_planned_ = false;
        turn();
    });
}

void Node::tick() {
    look_at_redis();
    turn_soon();
    const TimePoint now = world_.clock.now();
    later(std::chrono::ceil<milliseconds>(rw::next_deadline(view_, now) - now), [this] { tick(); });
}

void Node::turn() {
    rw::observe_time(view_, world_.clock.now());
    register_or_update();
    doing_.clear();
    for (const auto& action : world_.settings.policy(view_, world_.clock.now())) {
        if (!alive_) return;
        perform(action);
    }
}

void Node::perform(const rw::Action& action) {
    const std::string text = rw::describe(action);
    // A wait that lasts is told once: its seconds run down, its reason stays.
    const auto* lasting = std::get_if<rw::Wait>(&action);
    if (lasting != nullptr) doing_ = lasting->reason;
    const std::string spoken = lasting ? "wait: " + lasting->reason : text;
    if (!spoken.empty() && spoken != said_) {
        said_ = spoken;
        world_.say(name_, spoken);
    }
    rw::observe_performed(view_, action, world_.clock.now());
    if (std::holds_alternative<rw::Promote>(action)) promoted_with = view_.redis.lineage;
    if (const auto* ask = std::get_if<rw::AskNode>(&action)) return ask_node(ask->node);
    if (std::holds_alternative<rw::AskSentinels>(action)) return ask_sentinels();
    if (const auto* it = std::get_if<rw::Publish>(&action)) return publish(it->record);
    if (const auto* it = std::get_if<rw::WriteRoster>(&action))
        return tell_zookeeper(
            [this, roster = it->roster] { world_.zookeeper.write_roster(roster); });
    if (std::holds_alternative<rw::Register>(action)) {
        return tell_zookeeper([this, session = session_, self = rw::self_as_member(view_)] {
            world_.zookeeper.register_member(session, self);
        });
    }
    if (std::holds_alternative<rw::TakeLock>(action))
        return tell_zookeeper(
            [this, session = session_] { world_.zookeeper.queue_for_lock(session); });
    if (std::holds_alternative<rw::ReleaseLock>(action)) {
        looked_in_lock_ = false;
        return tell_zookeeper([this, session = session_] { world_.zookeeper.leave_lock(session); });
    }
    if (std::holds_alternative<rw::RequestFailover>(action) && world_.sentinels)
        return world_.sentinels->request_failover();
    if (std::holds_alternative<rw::Exit>(action) || std::holds_alternative<rw::Refuse>(action)) {
        disk = disk_now();
        alive_ = redis.running = connected_ = false;
        return world_.zookeeper.expire(session_);
    }
    if (!std::holds_alternative<rw::Wait>(action)) command_redis(action);
}

void Node::ask_node(const Endpoint& target) {
    later(world_.a_delay(), [this, target] {
        const bool lost = world_.is_lost();
        rw::Probe answer;
        answer.answer = rw::Probe::Answer::dead;
        if (const Node* node = world_.node_at(target))
            answer = node->answer_probe(view_.record.cluster());
        else if (world_.strangers.contains(target))
            answer = world_.strangers.at(target);
        if (lost) {
            answer = rw::Probe{};
            answer.answer = rw::Probe::Answer::silent;
        }
        later(lost ? milliseconds{1000} : world_.a_delay(), [this, target, answer] {
            rw::observe_probe(view_, target, answer, world_.clock.now());
            turn_soon();
        });
    });
}

rw::Probe Node::answer_probe(const std::string& cluster) const {
    rw::Probe answer;
    answer.run_id = redis.run_id;
    answer.same_cluster = cluster.empty() || cluster == rw::cluster_of(view_);
    if (redis.loading)
        answer.answer = rw::Probe::Answer::loading;
    else if (redis.is_master)
        answer.answer = rw::Probe::Answer::master;
    else
        answer.answer = rw::Probe::Answer::replica;
    if (answer.answer == rw::Probe::Answer::replica) answer.following = redis.following;
    return answer;
}

void Node::ask_sentinels() {
    later(world_.a_delay(), [this] {
        std::map<Endpoint, rw::Opinion> opinions;
        if (world_.sentinels)
            for (const auto& sentinel : world_.sentinels->registered())
                opinions[sentinel] = world_.is_lost() ? rw::Opinion{} : world_.sentinels->opinion();
        later(world_.a_delay(), [this, opinions] {
            rw::observe_opinions(view_, opinions, world_.clock.now());
            turn_soon();
        });
    });
}

}  // namespace redis_zk::simulation
