// The wrapper of a simulated sentinel: its life, its turns, its questions, its child.
#include "tests/simulation/sentinel.h"

#include <algorithm>

#include "sentinel-wrapper/core/decide.h"
#include "sentinel-wrapper/core/find_master.h"
#include "tests/simulation/promises.h"

namespace redis_zk::simulation {

using namespace std::chrono_literals;
namespace sw = sentinel_wrapper;

namespace {

template <typename T>
bool is(const sw::Action& action) {
    return std::holds_alternative<T>(action);
}

}  // namespace

Sentinel::Sentinel(World& world, std::string name, Endpoint address)
    : Process{world, std::move(name)}, address_{std::move(address)} {}

Sentinel::~Sentinel() = default;

void Sentinel::start() {
    if (is_running()) return;
    begin_life();
    view_ = sw::View{};
    view_.self.address = address_;
    view_.self.quorum = world_.settings.quorum;
    view_.self.ghost_timeout = world_.settings.ghost_timeout;
    doing_.clear();
    said_.clear();
    turn_planned_ = reading_ = read_again_ = looked_in_lock_ = false;
    forgot_at_.reset();
    connect_soon();
    tick();
}

void Sentinel::start_registered(const Endpoint& master) {
    begin_life();
    session_ = world_.zookeeper.open_session();
    world_.zookeeper.register_sentinel(session_, own_name(), address_);
    start_child({own_name(), master, *world_.settings.quorum, {}});
}

void Sentinel::kill() {
    if (!is_running()) return;
    world_.say(name(), "is killed");
    child_.reset();
    die();
}

void Sentinel::stop() {
    if (!is_running()) return;
    if (!view_.stop_requested_at) view_.stop_requested_at = world_.clock.now();
    ++view_.stop_requests;
    turn_soon();
}

// The shell's part: the wrapper gives its id back and ends with it.
void Sentinel::sentinel_ends() {
    if (!child_) return;
    world_.say(name(), "redis-sentinel ends by itself");
    child_.reset();
    child_stopped();
}

void Sentinel::freeze_both(milliseconds duration) {
    if (child_) child_->hangs = true;
    later_on_the_way(duration, [this] {
        if (!child_) return;
        child_->hangs = false;
        child_->woke_at = world_.clock.now();
    });
    freeze(duration);
}

void Sentinel::exit() {
    const bool was_told = view_.stop_requests > 0;
    child_.reset();
    end_life();
    if (world_.settings.scheduler_restarts && !was_told)
        world_.clock.after(world_.a_duration(500, 5000), [this] { start(); });
}

void Sentinel::turn_soon() {
    if (turn_planned_) return;
    turn_planned_ = true;
    later(milliseconds{0}, [this] {
        turn_planned_ = false;
        turn();
    });
}

void Sentinel::tick() {
    look();
    turn_soon();
    const TimePoint now = world_.clock.now();
    later(until(sw::next_deadline(view_, now), now), [this] { tick(); });
}

void Sentinel::look() {
    const TimePoint now = world_.clock.now();
    if (child_ && !child_->hangs) sw::observe_sentinel(view_, child_->look(), now);
    if (!is_finding_everybody_again()) forgot_at_.reset();
}

// As it knows now, which may be more than at its last look: ZooKeeper tells it who is gone.
bool Sentinel::is_finding_everybody_again() const {
    if (!child_ || !forgot_at_) return false;
    if (world_.clock.now() - *forgot_at_ < 1s) return true;
    return sw::is_settled(view_) && !sw::not_found_yet(view_).empty();
}

// Whoever knows a stranger waits for nobody: it would wipe the stranger's data.
void Sentinel::reset_child() {
    const bool knows_a_stranger = std::ranges::any_of(
        world_.strangers, [this](const auto& it) { return child_->knows(it.first); });
    check_reset(world_, *this, knows_a_stranger);
    if (!knows_a_stranger) forgot_at_ = world_.clock.now();
    child_->reset();
}

void Sentinel::turn() {
    const TimePoint now = world_.clock.now();
    if (sw::observe_jump(view_, now, world_.settings.session_timeout / 3)) distrust_zookeeper();
    sw::observe_time(view_, now);
    doing_.clear();
    for (const auto& action : world_.settings.sentinel_policy(view_, now)) {
        speak(action);
        sw::observe_performed(view_, action, now);
        perform(action);
        if (!is_running()) return;
    }
    view_.next_turn_at = sw::next_deadline(view_, now);
}

void Sentinel::speak(const sw::Action& action) {
    const auto* wait = std::get_if<sw::Wait>(&action);
    if (wait != nullptr) doing_ = wait->reason;
    const std::string spoken = wait != nullptr ? "wait: " + wait->reason : sw::describe(action);
    if (spoken.empty() || spoken == said_) return;
    said_ = spoken;
    world_.say(name(), spoken);
}

void Sentinel::perform(const sw::Action& action) {
    ask(action);
    command_sentinel(action);
    write_zookeeper(action);
    if (is<sw::GiveUp>(action) || is<sw::Exit>(action)) exit();
}

void Sentinel::ask(const sw::Action& action) {
    if (const auto* it = std::get_if<sw::AskNode>(&action)) ask_node(it->node);
    if (const auto* it = std::get_if<sw::AskPeer>(&action)) ask_peer(it->sentinel);
    if (is<sw::AskSentinels>(action)) ask_sentinels();
}

void Sentinel::ask_node(const Endpoint& target) {
    later_on_the_way(world_.a_delay(), [this, target, asked_at = world_.clock.now()] {
        core::Probe answer = world_.answer_of(target, view_.record.cluster());
        if (world_.is_lost() || world_.is_cut(*this, target)) answer = World::silence();
        answer.asked_at = asked_at;
        const bool silent = answer.answer == core::Probe::Answer::silent;
        later(silent ? 1000ms : world_.a_delay(), [this, target, answer] {
            sw::observe_probe(view_, target, answer, world_.clock.now());
            turn_soon();
        });
    });
}

void Sentinel::ask_peer(const Endpoint& target) {
    later_on_the_way(world_.a_delay(), [this, target] {
        const FakeSentinel* peer = world_.sentinel_at(target);
        sw::PeerProbe answer;
        answer.answer = sw::PeerProbe::Answer::dead;
        if (peer != nullptr) {
            answer.answer = sw::PeerProbe::Answer::alive;
            answer.id = peer->id();
            answer.knows_us_at = peer->place_of(view_.sentinel.id);
        }
        if (world_.is_lost() || world_.is_cut(*this, target) || (peer != nullptr && peer->hangs))
            answer.answer = sw::PeerProbe::Answer::silent;
        const bool silent = answer.answer == sw::PeerProbe::Answer::silent;
        later(silent ? 1000ms : world_.a_delay(), [this, target, answer] {
            sw::observe_peer(view_, target, answer, world_.clock.now());
            turn_soon();
        });
    });
}

void Sentinel::ask_sentinels() {
    later_on_the_way(world_.a_delay(), [this, asked_at = world_.clock.now()] {
        std::map<Endpoint, core::Opinion> opinions;
        for (const auto& [sentinel, opinion] : view_.registered_sentinels.opinions) {
            opinions[sentinel] = world_.is_lost() || world_.is_cut(*this, sentinel)
                                     ? core::Opinion{}
                                     : world_.opinion_of(sentinel);
            opinions[sentinel].asked_at = asked_at;
        }
        later(world_.a_delay(), [this, opinions] {
            sw::observe_opinions(view_, opinions, world_.clock.now());
            turn_soon();
        });
    });
}

void Sentinel::start_child(const sw::Start& start) {
    child_ = std::make_unique<FakeSentinel>(world_, start.id, address_);
    child_->monitor(start.master, start.quorum, start.epochs);
    check_sentinel_started(world_, *child_);
    tick_child(++children_);
}

// Its timer is its own: it goes on while the wrapper is frozen.
void Sentinel::tick_child(std::uint64_t number) {
    later_on_the_way(world_.a_duration(90, 110), [this, number] {
        if (!child_ || number != children_) return;
        child_->tick();
        tick_child(number);
    });
}

void Sentinel::command_sentinel(const sw::Action& action) {
    if (const auto* it = std::get_if<sw::Start>(&action)) start_child(*it);
    if (!child_) return;
    if (const auto* it = std::get_if<sw::Monitor>(&action)) {
        check_turned(world_, *this, it->master);
        child_->obey(*it);
    }
    if (const auto* it = std::get_if<sw::SetQuorum>(&action)) child_->set_quorum(it->quorum);
    if (is<sw::StopMonitoring>(action)) child_->remove();
    if (is<sw::Reset>(action)) reset_child();
    if (is<sw::Kill>(action) || is<sw::ShutDown>(action) || is<sw::Abandon>(action)) {
        child_.reset();
        later(world_.a_duration(1, 50), [this] { child_stopped(); });
        return;
    }
    const bool is_answered = is<sw::Start>(action) || is<sw::Monitor>(action) ||
                             is<sw::SetQuorum>(action) || is<sw::StopMonitoring>(action) ||
                             is<sw::Reset>(action);
    if (!is_answered) return;
    later(world_.a_duration(1, 50), [this] {
        look();
        sw::observe_command_done(view_);
        turn_soon();
    });
}

// When it was not asked to, the wrapper ends too, and gives its id back first.
void Sentinel::child_stopped() {
    const bool is_expected = view_.sentinel.asked_to_stop;
    sw::observe_sentinel_gone(view_);
    if (!is_expected) view_.stop_requested_at = world_.clock.now();
    turn_soon();
}

}  // namespace redis_zk::simulation
