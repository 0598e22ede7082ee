// The wrapper of a simulated node: its life, its turns, its questions to others.
#include "tests/simulation/node.h"

#include "redis-wrapper/core/decide.h"
#include "redis-wrapper/core/quarantine.h"
#include "redis-wrapper/core/storm.h"
#include "tests/simulation/fake_sentinel.h"
#include "tests/simulation/promises.h"

namespace redis_zk::simulation {

using namespace std::chrono_literals;
namespace rw = redis_wrapper;

namespace {

constexpr milliseconds time_to_close{5};

}  // namespace

Node::Node(World& world, std::string name, Endpoint address)
    : Process{world, std::move(name)}, address_{std::move(address)} {}

void Node::start() {
    if (is_running()) return;
    begin_life();
    view_ = rw::View{};
    // The identity lives with the data.
    view_.self.id =
        disk.claim ? disk.claim->node : name() + (wipes_ > 0 ? "." + std::to_string(wipes_) : "");
    view_.self.address = address_;
    view_.self.priority = priority;
    view_.self.name = "redis-wrapper " + name();
    view_.self.accept_data_loss = accept_data_loss;
    view_.self.cold_start_wait = world_.settings.cold_start_wait;
    view_.self.cluster_if_first = "cluster of " + view_.self.id + "/" + std::to_string(life_);
    if (disk.claim) view_.self.claimed_cluster = disk.claim->cluster;
    if (disk.claim) view_.self.own_writes = disk.claim->own_writes;
    if (disk.claim)
        rw::recall_early_crashes(view_, disk.claim->early_crashes, world_.unix_time(),
                                 world_.clock.now());
    tracker_ = core::LineageTracker{disk.claim};
    doing_.clear();
    said_.clear();
    turn_planned_ = reading_ = read_again_ = looked_in_lock_ = is_current_ = false;
    registered_as_.reset();
    start_redis();
    connect_soon();
    tick();
}

void Node::kill() {
    if (!is_running()) return;
    world_.say(name(), "is killed");
    disk = disk_now();
    redis.running = false;
    die();
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
    rw::observe_stop(view_, world_.clock.now());
    turn_soon();
}

void Node::hand_over() {
    later(milliseconds{0}, [this] {
        rw::observe_hand_over_request(view_, world_.clock.now());
        turn_soon();
    });
}

void Node::redis_ends() {
    if (!is_running() || !redis.running) return;
    world_.say(name(), "redis ends by itself, and the wrapper with it");
    disk = disk_now();
    redis.running = false;
    later(milliseconds{1}, [this] {
        if (rw::count_early_crash(view_, world_.unix_time(), world_.clock.now())) write_claim();
        rw::observe_redis_death(view_, world_.clock.now());
        turn_soon();
    });
}

void Node::ask_for_failover(const Endpoint& target) {
    later_on_the_way(world_.a_delay(), [this, target] {
        FakeSentinel* sentinel =
            world_.is_lost() || world_.is_cut(*this, target) ? nullptr : world_.sentinel_at(target);
        const bool is_under_way = sentinel != nullptr && sentinel->request_failover();
        later(world_.a_delay(), [this, target, is_under_way] {
            rw::observe_failover_answer(view_, target, is_under_way);
            turn_soon();
        });
    });
}

void Node::exit() {
    redis.running = false;
    end_life();
    if (world_.settings.scheduler_restarts && !view_.stop_requested_at)
        world_.clock.after(world_.a_duration(500, 5000), [this] { start(); });
}

void Node::wipe_disk() {
    disk = Disk{};
    ++wipes_;
}

void Node::later_in_redis(milliseconds delay, std::function<void()> what) {
    later_on_the_way(delay, [this, what = std::move(what)] {
        const TimePoint now = world_.clock.now();
        is_hanging() ? later_in_redis(until(redis.hangs_until, now), what) : what();
    });
}

void Node::hang_redis(milliseconds duration) {
    if (!redis.running) return;
    world_.say("fault", "redis of " + name() + " hangs");
    redis.hangs_until = world_.clock.now() + duration;
}

void Node::lag(milliseconds duration) { redis.lags_until = world_.clock.now() + duration; }

void Node::freeze_whole(milliseconds duration) {
    hang_redis(duration);
    freeze(duration);
    wakes_up_at_ = world_.clock.now() + duration;
}

bool Node::has_just_woken() const {
    const TimePoint now = world_.clock.now();
    return now >= wakes_up_at_ && now <= wakes_up_at_ + time_to_close;
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
    later(until(rw::next_deadline(view_, now), now), [this] { tick(); });
}

void Node::turn() {
    const TimePoint now = world_.clock.now();
    redis.is_listened_to = true;
    if (rw::observe_jump(view_, now, world_.settings.session_timeout)) distrust_zookeeper();
    read_history();
    rw::observe_time(view_, now);
    register_or_update();
    doing_.clear();
    for (const auto& action : world_.settings.policy(view_, now)) {
        if (!is_running()) return;
        perform(action);
    }
    view_.next_turn_at = rw::next_deadline(view_, now);
}

void Node::perform(const rw::Action& action) {
    const std::string text = rw::describe(action);
    // A wait that lasts is told once: its seconds run down, its reason stays.
    const auto* lasting = std::get_if<rw::Wait>(&action);
    if (lasting != nullptr) doing_ = lasting->reason;
    const std::string spoken = lasting ? "wait: " + lasting->reason : text;
    if (!spoken.empty() && spoken != said_) {
        said_ = spoken;
        world_.say(name(), spoken);
    }
    rw::observe_performed(view_, action, world_.clock.now());
    if (std::holds_alternative<rw::Promote>(action)) {
        promoted_with = view_.redis.lineage;
        check_promoted(world_, *this);
    }
    if (const auto* ask = std::get_if<rw::AskNode>(&action)) return ask_node(ask->node);
    if (std::holds_alternative<rw::AskSentinels>(action)) return ask_sentinels();
    if (const auto* it = std::get_if<rw::Publish>(&action)) return publish(it->record, it->change);
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
    if (const auto* it = std::get_if<rw::RequestFailover>(&action))
        return ask_for_failover(it->sentinel);
    if (const auto* it = std::get_if<rw::QuarantineData>(&action))
        return it->keeps_data ? quarantine() : turn_soon();
    if (const auto* it = std::get_if<rw::KeepInTouch>(&action)) return keep_in_touch(it->sentinel);
    if (const auto* it = std::get_if<rw::EndHandOver>(&action)) {
        if (it->is_done) check_handed_over(world_, *this);
        redis.paused_until = {};
        return turn_soon();
    }
    if (std::holds_alternative<rw::Exit>(action) || std::holds_alternative<rw::Refuse>(action)) {
        disk = disk_now();
        return exit();
    }
    if (!std::holds_alternative<rw::Wait>(action)) command_redis(action);
}

void Node::ask_node(const Endpoint& target) {
    later_on_the_way(world_.a_delay(), [this, target, asked_at = world_.clock.now()] {
        const bool lost = world_.is_lost() || world_.is_cut(*this, target);
        auto answer = lost ? World::silence() : world_.answer_of(target, view_.record.cluster());
        answer.asked_at = asked_at;
        const bool silent = answer.answer == rw::Probe::Answer::silent;
        later(silent ? milliseconds{1000} : world_.a_delay(), [this, target, answer] {
            rw::observe_probe(view_, target, answer, world_.clock.now());
            turn_soon();
        });
    });
}

rw::Probe Node::answer_probe(const std::string& cluster) const {
    rw::Probe answer;
    answer.run_id = redis.run_id;
    answer.replication_id = redis.replication_id;
    const bool has_proof = redis.is_listened_to || redis.lends_its_data;
    answer.same_cluster = cluster.empty() || (has_proof && cluster == rw::cluster_of(view_));
    if (redis.loading)
        answer.answer = rw::Probe::Answer::loading;
    else if (redis.is_master)
        answer.answer = rw::Probe::Answer::master;
    else
        answer.answer = rw::Probe::Answer::replica;
    if (answer.answer == rw::Probe::Answer::replica) answer.following = redis.following;
    answer.closed = !redis.open;
    answer.offset = redis.offset;
    if (redis.is_master) {
        answer.former_replication_id = redis.former_replication_id;
        answer.former_offset = redis.former_offset;
    }
    if (!redis.is_master) answer.priority = redis.offered ? priority : 0;
    return answer;
}

void Node::keep_in_touch(const Endpoint& target) {
    later_on_the_way(world_.a_delay(), [this, target, asked_at = world_.clock.now()] {
        if (world_.is_lost() || world_.is_cut(*this, target)) return;
        const auto opinion = world_.opinion_of(target);
        if (!opinion.answered && !opinion.dead) return;
        later(world_.a_delay(), [this, target, opinion, asked_at] {
            std::optional<rw::Watch> watch;
            if (!opinion.dead)
                watch = rw::Watch{opinion.watched.value_or(rw::nowhere), opinion.master_is_up,
                                  opinion.failover_in_progress, opinion.config_epoch,
                                  opinion.unanswered_for};
            rw::observe_contact(view_, target, asked_at, watch);
            turn_soon();
        });
    });
}

void Node::ask_sentinels() {
    later_on_the_way(world_.a_delay(), [this, asked_at = world_.clock.now()] {
        std::map<Endpoint, rw::Opinion> opinions;
        for (const auto& [sentinel, opinion] : view_.sentinels.opinions) {
            opinions[sentinel] = world_.is_lost() || world_.is_cut(*this, sentinel)
                                     ? rw::Opinion{}
                                     : world_.opinion_of(sentinel);
            opinions[sentinel].asked_at = asked_at;
        }
        later(world_.a_delay(), [this, opinions] {
            rw::observe_opinions(view_, opinions, world_.clock.now());
            turn_soon();
        });
    });
}

}  // namespace redis_zk::simulation
