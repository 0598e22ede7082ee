#include "tests/scenarios/watchers/watcher.h"

#include <utility>

#include "watcher/core/decide.h"

namespace redis_zk::watcher_scenarios {

using namespace std::chrono_literals;
using namespace watcher;

namespace {

constexpr milliseconds delay = 5ms;
constexpr milliseconds time_to_be_silent = 1s;
constexpr milliseconds tolerated_jump = 2s;

}  // namespace

void Watcher::later(milliseconds time, std::function<void()> what) {
    stage_.clock.after(time, [this, life = life_, what = std::move(what)] {
        if (!is_running_ || life != life_) return;
        const TimePoint now = stage_.clock.now();
        if (now >= frozen_until_) return what();
        later(std::chrono::ceil<milliseconds>(frozen_until_ - now), what);
    });
}

void Watcher::start() {
    ++life_;
    is_running_ = true;
    is_connected_ = stage_.zookeeper.is_up;
    is_turn_planned_ = false;
    view_ = View{};
    view_.self.name = "watcher " + name_;
    frozen_until_ = {};
    said_.clear();
    later(delay, [this] {
        fill();
        turn();
    });
}

void Watcher::kill() { is_running_ = false; }

void Watcher::freeze(milliseconds time) { frozen_until_ = stage_.clock.now() + time; }

void Watcher::connect(bool is_connected) {
    is_connected_ = is_connected;
    later(delay, [this] {
        fill();
        turn_soon();
    });
}

void Watcher::zookeeper_changed() {
    later(delay, [this] {
        fill();
        turn_soon();
    });
}

void Watcher::fill() {
    view_.zookeeper_connected = is_connected_;
    if (!is_connected_) return;
    view_.record = stage_.zookeeper.record;
    view_.members = stage_.members();
    view_.members_known = true;
    observe_sentinels(view_, stage_.registered_sentinels());
}

void Watcher::published(const Endpoint& sentinel, const std::string& event,
                        const std::vector<std::string>& words) {
    if (view_.listening.state != Listening::State::listening) return;
    if (view_.listening.sentinel != sentinel) return;
    later(delay, [this, event, words] {
        observe_event(view_, event, words, stage_.clock.now());
        turn_soon();
    });
}

std::string Watcher::listens_to() const {
    if (!is_running_) return "is not running";
    if (view_.listening.state != Listening::State::listening) return "listens to nobody";
    return "listens to " + core::spoken(*view_.listening.sentinel);
}

void Watcher::turn_soon() {
    if (std::exchange(is_turn_planned_, true)) return;
    later(0ms, [this] {
        is_turn_planned_ = false;
        turn();
    });
}

void Watcher::turn() {
    const TimePoint now = stage_.clock.now();
    if (observe_jump(view_, now, tolerated_jump)) {
        stage_.say(name_, "stood still");
        fill();
    }
    observe_time(view_, now);
    for (const Action& action : decide(view_, now)) {
        speak(action);
        observe_performed(view_, action, now);
        perform(action);
    }
    view_.next_turn_at = next_deadline(view_, now);
    const auto pause = std::chrono::ceil<milliseconds>(view_.next_turn_at - now);
    later(pause, [this, number = ++ticks_] {
        if (number == ticks_) turn();
    });
}

void Watcher::speak(const Action& action) {
    const auto* wait = std::get_if<Wait>(&action);
    const std::string spoken = wait != nullptr ? "wait: " + wait->reason : describe(action);
    if (spoken.empty() || spoken == said_) return;
    said_ = spoken;
    stage_.say(name_, spoken);
}

void Watcher::perform(const Action& action) {
    if (const auto* it = std::get_if<AskNode>(&action)) ask_node(it->node);
    if (const auto* it = std::get_if<AskSentinel>(&action)) ask_sentinel(it->sentinel);
    if (const auto* it = std::get_if<Listen>(&action)) listen(it->sentinel);
    if (std::holds_alternative<StopListening>(action)) ++subscription_;
    if (const auto* it = std::get_if<Publish>(&action)) publish(it->record);
}

void Watcher::ask_node(const Endpoint& node) {
    later(delay, [this, node, asked_at = stage_.clock.now()] {
        Probe answer = stage_.answer_of(node);
        answer.asked_at = asked_at;
        const bool is_silent = answer.answer == Probe::Answer::silent;
        later(is_silent ? time_to_be_silent : delay, [this, node, answer] {
            observe_probe(view_, node, answer, stage_.clock.now());
            turn_soon();
        });
    });
}

void Watcher::ask_sentinel(const Endpoint& sentinel) {
    later(delay, [this, sentinel, asked_at = stage_.clock.now()] {
        Opinion opinion = stage_.opinion_of(sentinel);
        opinion.asked_at = asked_at;
        const bool is_silent = !opinion.answered && !opinion.dead;
        later(is_silent ? time_to_be_silent : delay, [this, sentinel, opinion] {
            observe_opinion(view_, sentinel, opinion, stage_.clock.now());
            turn_soon();
        });
    });
}

void Watcher::listen(const Endpoint& sentinel) {
    const auto number = ++subscription_;
    const bool is_well = stage_.is_sentinel_well(sentinel);
    later(is_well ? delay : time_to_be_silent, [this, number, is_well] {
        if (number != subscription_) return;
        if (is_well)
            observe_listening(view_, stage_.clock.now());
        else
            observe_lost_sentinel(view_, stage_.clock.now());
        turn_soon();
        if (is_well) ping(number);
    });
}

void Watcher::ping(std::uint64_t number) {
    later(time_to_be_silent, [this, number] {
        if (number != subscription_) return;
        if (stage_.is_sentinel_well(*view_.listening.sentinel)) return ping(number);
        observe_lost_sentinel(view_, stage_.clock.now());
        turn_soon();
    });
}

void Watcher::publish(const core::Record& record) {
    later(delay, [this, record, before = view_.record] {
        if (is_connected_ && !stage_.publish(record, before))
            stage_.say(name_, "somebody was faster");
        later(delay, [this] {
            fill();
            observe_published(view_, Outcome::written, stage_.clock.now());
            turn_soon();
        });
    });
}

}  // namespace redis_zk::watcher_scenarios
