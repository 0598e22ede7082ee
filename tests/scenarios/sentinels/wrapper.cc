#include "tests/scenarios/sentinels/wrapper.h"

#include <algorithm>

#include "sentinel-wrapper/core/decide.h"
#include "sentinel-wrapper/core/observe.h"

namespace redis_zk::sentinel_scenarios {

using namespace std::chrono_literals;
using namespace sentinel_wrapper;

namespace {

constexpr milliseconds delay = 5ms;
constexpr milliseconds session_timeout = 6s;

template <typename T>
bool is(const Action& action) {
    return std::holds_alternative<T>(action);
}

}  // namespace

Wrapper::Wrapper(Stage& stage, std::string name, Endpoint at)
    : address{std::move(at)}, stage_{stage}, name_{std::move(name)} {}

Wrapper::~Wrapper() = default;

void Wrapper::later(milliseconds time, std::function<void()> what) {
    stage_.clock.after(time, [this, life = life_, what = std::move(what)] {
        if (is_running_ && life == life_) what();
    });
}

void Wrapper::start() {
    ++life_;
    is_running_ = true;
    is_connected_ = stage_.zookeeper.is_up;
    view_ = View{};
    view_.self = stage_.settings;
    view_.self.address = address;
    identity_ = {};
    waiting_.clear();
    is_turn_planned_ = is_ticking_ = false;
    observe_session(view_, is_connected_, true);
    tick();
}

void Wrapper::stop() {
    if (!view_.stop_requested_at) view_.stop_requested_at = stage_.now();
    ++view_.stop_requests;
    turn_soon();
}

void Wrapper::kill() {
    is_running_ = false;
    child.reset();
    stage_.clock.after(session_timeout, [this, life = life_] {
        if (life == life_) expire();
    });
}

void Wrapper::sentinel_ends() {
    child.reset();
    sentinel_stopped();
}

void Wrapper::cut_from_zookeeper(milliseconds time) {
    is_connected_ = false;
    observe_session(view_, false, false);
    later(std::min(time, session_timeout), [this, time] {
        const bool is_expired = time >= session_timeout;
        if (is_expired) expire();
        later(time - std::min(time, session_timeout), [this, is_expired] {
            is_connected_ = stage_.zookeeper.is_up;
            observe_session(view_, is_connected_, is_expired);
            turn_soon();
        });
    });
    turn_soon();
}

void Wrapper::connect(bool is_connected) {
    is_connected_ = is_connected;
    observe_session(view_, is_connected, false);
    turn_soon();
}

// The end of its session: what it had in ZooKeeper is gone.
void Wrapper::expire() {
    FakeZooKeeper& zookeeper = stage_.zookeeper;
    zookeeper.sentinels.erase(name_);
    for (auto& [id, owner] : zookeeper.owners)
        if (owner == name_) owner.clear();
    std::erase(zookeeper.lock, name_);
    identity_.confirmed = false;
    stage_.zookeeper_changed();
}

void Wrapper::lose_identity() {
    stage_.zookeeper.owners[identity_.id] = "somebody else";
    identity_ = {};
    turn_soon();
}

void Wrapper::turn_soon() {
    if (std::exchange(is_turn_planned_, true)) return;
    later(delay, [this] { turn(); });
}

void Wrapper::tick() {
    look();
    turn();
}

void Wrapper::look() {
    if (child && !child->hangs) observe_sentinel(view_, child->look(), stage_.now());
}

void Wrapper::fill() {
    view_.zookeeper_connected = is_connected_;
    view_.identity = identity_;
    if (!is_connected_) return;
    const FakeZooKeeper& zookeeper = stage_.zookeeper;
    // What was lost with the session is taken back, if nobody else has it.
    const bool is_taken = !identity_.id.empty() && !zookeeper.owners.at(identity_.id).empty() &&
                          zookeeper.owners.at(identity_.id) != name_;
    if (is_taken) view_.identity = identity_ = {};
    if (!identity_.id.empty() && zookeeper.owners.at(identity_.id).empty()) {
        stage_.zookeeper.owners[identity_.id] = name_;
        identity_.confirmed = true;
        view_.identity = identity_;
    }
    view_.record = zookeeper.record;
    view_.members = stage_.members();
    view_.members_known = view_.ids_known = true;
    view_.ids.clear();
    for (const auto& [id, owner] : zookeeper.owners) view_.ids.insert(id);
    std::vector<Endpoint> registered;
    for (const auto& [name, sentinel] : zookeeper.sentinels) registered.push_back(sentinel);
    observe_sentinels(view_, registered);
    view_.registered = zookeeper.sentinels.contains(name_);
    const bool has_lock = !zookeeper.lock.empty() && zookeeper.lock.front() == name_;
    if (view_.lock == Lock::requested && has_lock) view_.lock = Lock::held;
}

void Wrapper::turn() {
    is_turn_planned_ = false;
    fill();
    observe_time(view_, stage_.now());
    const auto actions = decide(view_, stage_.now());
    const bool waits = std::ranges::any_of(actions, [](const auto& it) { return is<Wait>(it); });
    if (!waits) waiting_.clear();
    for (const Action& action : actions) {
        speak(action);
        observe_performed(view_, action, stage_.now());
        perform(action);
        if (!is_running_) return;
    }
    const auto next = next_deadline(view_, stage_.now()) - stage_.now();
    if (std::exchange(is_ticking_, true)) return;
    later(std::chrono::duration_cast<milliseconds>(next), [this] {
        is_ticking_ = false;
        tick();
    });
}

// A wait is told when it begins.
void Wrapper::speak(const Action& action) {
    const std::string sentence = describe(action);
    if (sentence.empty()) return;
    if (const auto* wait = std::get_if<Wait>(&action))
        if (std::exchange(waiting_, wait->reason) == wait->reason) return;
    stage_.say(name_, sentence);
}

void Wrapper::perform(const Action& action) {
    ask(action);
    command(action);
    tell_zookeeper(action);
    if (is<GiveUp>(action)) exit("exits with status 3");
    if (is<Exit>(action)) exit("exits with status 0");
}

void Wrapper::ask(const Action& action) {
    if (const auto* it = std::get_if<AskNode>(&action))
        later(2 * delay, [this, node = it->node, asked_at = stage_.now()] {
            Probe answer = stage_.answer_of(node);
            answer.asked_at = asked_at;
            observe_probe(view_, node, answer, stage_.now());
            turn_soon();
        });
    if (const auto* it = std::get_if<AskPeer>(&action))
        later(2 * delay, [this, sentinel = it->sentinel] {
            const auto answer = stage_.answer_of_peer(sentinel, view_.sentinel.id);
            observe_peer(view_, sentinel, answer, stage_.now());
            turn_soon();
        });
    if (is<AskSentinels>(action))
        later(2 * delay, [this, asked_at = stage_.now()] {
            std::map<Endpoint, Opinion> opinions;
            for (const auto& [sentinel, opinion] : view_.registered_sentinels.opinions) {
                opinions[sentinel] = stage_.opinion_of(sentinel);
                opinions[sentinel].asked_at = asked_at;
            }
            observe_opinions(view_, opinions, stage_.now());
            turn_soon();
        });
}

void Wrapper::command(const Action& action) {
    if (const auto* it = std::get_if<Start>(&action)) {
        child = std::make_unique<FakeSentinel>(stage_, it->id, address);
        child->monitor(it->master, it->quorum, it->epochs);
    }
    const auto* order = std::get_if<Monitor>(&action);
    if (order != nullptr && !cannot_look_up_names) child->obey(*order);
    if (const auto* it = std::get_if<SetQuorum>(&action)) child->set_quorum(it->quorum);
    if (is<StopMonitoring>(action)) child->remove();
    if (is<Reset>(action)) child->reset();
    if (is<Kill>(action) || is<Abandon>(action) || (is<ShutDown>(action) && !ignores_sigterm)) {
        child.reset();
        later(delay, [this] { sentinel_stopped(); });
    }
    const bool is_answered = is<Start>(action) || is<Monitor>(action) || is<SetQuorum>(action) ||
                             is<StopMonitoring>(action) || is<Reset>(action);
    if (!is_answered) return;
    later(delay, [this] {
        look();
        observe_command_done(view_);
        turn_soon();
    });
}

void Wrapper::tell_zookeeper(const Action& action) {
    if (!is_connected_) return;
    FakeZooKeeper& zookeeper = stage_.zookeeper;
    if (is<ClaimIdentity>(action)) claim_identity();
    if (is<ReleaseIdentity>(action)) {
        zookeeper.owners[identity_.id].clear();
        zookeeper.released.insert(identity_.id);
        identity_ = {};
    }
    if (is<Register>(action)) zookeeper.sentinels[name_] = address;
    if (is<Deregister>(action)) zookeeper.sentinels.erase(name_);
    if (is<Register>(action) || is<Deregister>(action)) observe_registration_done(view_);
    if (is<TakeLock>(action)) zookeeper.lock.push_back(name_);
    if (is<ReleaseLock>(action)) std::erase(zookeeper.lock, name_);
    if (!describe(action).empty() && !is<Wait>(action)) stage_.zookeeper_changed();
}

void Wrapper::claim_identity() {
    FakeZooKeeper& zookeeper = stage_.zookeeper;
    std::string id = "id-" + std::to_string(zookeeper.owners.size() + 1);
    if (!zookeeper.released.empty()) id = *zookeeper.released.begin();
    zookeeper.released.erase(id);
    zookeeper.owners[id] = name_;
    identity_ = {Identity::State::owned, id, true};
}

void Wrapper::sentinel_stopped() {
    const bool is_expected = view_.sentinel.asked_to_stop;
    observe_sentinel_gone(view_);
    if (is_expected) return turn_soon();
    exit("exits with the status of its sentinel");
}

void Wrapper::exit(const std::string& how) {
    stage_.say(name_, how);
    is_running_ = false;
    child.reset();
    expire();
}

}  // namespace redis_zk::sentinel_scenarios
