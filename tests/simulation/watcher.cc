#include "tests/simulation/watcher.h"

#include <utility>

#include "tests/simulation/fake_sentinel.h"
#include "tests/simulation/promises.h"
#include "watcher/core/decide.h"

namespace redis_zk::simulation {

using namespace std::chrono_literals;
namespace w = watcher;

Watcher::Watcher(World& world, std::string name) : Process{world, std::move(name)} {}

void Watcher::start() {
    if (is_running()) return;
    begin_life();
    view_ = w::View{};
    view_.self.name = "watcher " + name();
    doing_.clear();
    said_.clear();
    ++subscription_;
    turn_planned_ = reading_ = read_again_ = is_publication_answered_ = false;
    connect_soon();
    tick();
}

void Watcher::kill() {
    if (!is_running()) return;
    world_.say(name(), "is killed");
    die();
}

void Watcher::cut_from(const Endpoint& other, milliseconds duration) {
    world_.say("fault", name() + " cannot reach " + core::spoken(other));
    cuts_[other] = world_.clock.now() + duration;
}

bool Watcher::reaches(const Endpoint& other) const {
    const auto cut = cuts_.find(other);
    return cut == cuts_.end() || world_.clock.now() >= cut->second;
}

bool Watcher::does_sentinel_answer(const Endpoint& sentinel) const {
    const FakeSentinel* there = world_.sentinel_at(sentinel);
    return there != nullptr && !there->hangs && reaches(sentinel);
}

void Watcher::turn_soon() {
    if (turn_planned_) return;
    turn_planned_ = true;
    later(milliseconds{0}, [this] {
        turn_planned_ = false;
        turn();
    });
}

void Watcher::tick() {
    turn_soon();
    const TimePoint now = world_.clock.now();
    later(until(w::next_deadline(view_, now), now), [this] { tick(); });
}

void Watcher::turn() {
    const TimePoint now = world_.clock.now();
    if (w::observe_jump(view_, now, world_.settings.session_timeout / 3)) {
        view_.zookeeper_connected = is_reading_current_ = false;
        if (is_connected()) read_zookeeper();
    }
    view_.chance = world_.settings.steady ? 0 : world_.random.next();
    w::observe_time(view_, now);
    doing_.clear();
    for (const auto& action : world_.settings.watcher_policy(view_, now)) {
        speak(action);
        w::observe_performed(view_, action, now);
        perform(action);
    }
    view_.next_turn_at = w::next_deadline(view_, now);
}

void Watcher::speak(const w::Action& action) {
    const auto* wait = std::get_if<w::Wait>(&action);
    if (wait != nullptr) doing_ = wait->reason;
    const std::string spoken = wait != nullptr ? "wait: " + wait->reason : w::describe(action);
    if (spoken.empty() || spoken == said_) return;
    said_ = spoken;
    world_.say(name(), spoken);
}

void Watcher::perform(const w::Action& action) {
    if (const auto* it = std::get_if<w::AskNode>(&action)) ask_node(it->node);
    if (const auto* it = std::get_if<w::AskSentinel>(&action)) ask_sentinel(it->sentinel);
    if (const auto* it = std::get_if<w::Listen>(&action)) listen(it->sentinel);
    if (std::holds_alternative<w::StopListening>(action)) ++subscription_;
    if (const auto* it = std::get_if<w::Publish>(&action)) publish(*it);
}

void Watcher::ask_node(const Endpoint& target) {
    later_on_the_way(world_.a_delay(), [this, target, asked_at = world_.clock.now()] {
        const bool is_lost = world_.is_lost() || !reaches(target);
        auto answer = is_lost ? World::silence() : world_.answer_of(target, view_.cluster);
        answer.asked_at = asked_at;
        const bool is_silent = answer.answer == core::Probe::Answer::silent;
        later(is_silent ? 1000ms : world_.a_delay(), [this, target, answer] {
            w::observe_probe(view_, target, answer, world_.clock.now());
            turn_soon();
        });
    });
}

void Watcher::ask_sentinel(const Endpoint& target) {
    later_on_the_way(world_.a_delay(), [this, target, asked_at = world_.clock.now()] {
        const bool is_lost = world_.is_lost() || !reaches(target);
        auto opinion = is_lost ? core::Opinion{} : world_.opinion_of(target);
        opinion.asked_at = asked_at;
        const bool is_silent = !opinion.answered && !opinion.dead;
        later(is_silent ? 1000ms : world_.a_delay(), [this, target, opinion] {
            w::observe_opinion(view_, target, opinion, world_.clock.now());
            turn_soon();
        });
    });
}

void Watcher::listen(const Endpoint& sentinel) {
    const auto number = ++subscription_;
    later_on_the_way(world_.a_delay(), [this, sentinel, number] {
        const bool answers = does_sentinel_answer(sentinel);
        later(answers ? world_.a_delay() : 1000ms, [this, number, answers] {
            if (number != subscription_) return;
            if (answers)
                w::observe_listening(view_, world_.clock.now());
            else
                w::observe_lost_sentinel(view_, world_.clock.now());
            turn_soon();
        });
    });
    ping(number);
}

void Watcher::ping(std::uint64_t number) {
    later(1500ms, [this, number] {
        if (number != subscription_ || !view_.listening.sentinel) return;
        if (does_sentinel_answer(*view_.listening.sentinel)) return ping(number);
        ++subscription_;
        w::observe_lost_sentinel(view_, world_.clock.now());
        turn_soon();
    });
}

void Watcher::published(const Endpoint& sentinel, const std::string& event) {
    if (!is_running() || view_.listening.sentinel != sentinel) return;
    if (view_.listening.state != w::Listening::State::listening) return;
    if (!reaches(sentinel) || world_.is_lost()) return;
    later(world_.a_delay(), [this, event] {
        w::observe_event(view_, event, {"master"}, world_.clock.now());
        turn_soon();
    });
}

void Watcher::publish(const w::Publish& publication) {
    tell_zookeeper([this, record = publication.record, change = publication.change,
                    named = view_.record.named_version, written = view_.record.written_version,
                    session = session_] {
        if (!world_.zookeeper.is_alive(session)) return;
        const auto before = world_.zookeeper.record();
        if (world_.zookeeper.publish(record, named, written, change)) {
            check_published(world_, before, record, Writer::other);
            check_published_by_watcher(world_, before, record);
        }
        later(world_.a_delay(), [this, connection = connection_] {
            if (connection != connection_ || !is_connected()) return;
            is_publication_answered_ = true;
            read_zookeeper();
        });
    });
}

void Watcher::connected(bool /*is_new*/) {
    is_reading_current_ = false;
    read_zookeeper();
}

void Watcher::disconnected() {
    reading_ = read_again_ = false;
    view_.zookeeper_connected = false;
    turn_soon();
}

// The two nodes of the record are read one by one, in either order.
void Watcher::read_zookeeper() {
    if (reading_) {
        read_again_ = true;
        return;
    }
    reading_ = is_reading_current_ = true;
    const auto name = [this] { return read_name(); };
    const auto term = [this] { return read_term(); };
    const auto rest = [this] { return read_the_rest(); };
    std::vector<std::function<Copy()>> parts{name, term, rest};
    if (!world_.settings.steady && world_.random.one_in(2)) std::swap(parts[0], parts[1]);
    read_parts(std::move(parts));
}

void Watcher::read_parts(std::vector<std::function<Copy()>> parts) {
    later_on_the_way(world_.a_delay(), [this, connection = connection_, parts] {
        if (connection != connection_) return;
        const bool is_lost = world_.is_lost();
        later(world_.a_delay(), [this, connection, is_lost, parts, copy = parts.front()()] {
            if (connection != connection_) return;
            if (is_lost) return lose_zookeeper(false);
            copy();
            turn_soon();
            if (parts.size() > 1) read_parts({parts.begin() + 1, parts.end()});
        });
    });
}

Watcher::Copy Watcher::read_name() {
    return [this, now = world_.zookeeper.record()] {
        view_.record.named = now.named;
        view_.record.named_version = now.named_version;
    };
}

Watcher::Copy Watcher::read_term() {
    return [this, now = world_.zookeeper.record()] {
        view_.record.written = now.written;
        view_.record.written_version = now.written_version;
        view_.record.unreadable = now.unreadable;
    };
}

Watcher::Copy Watcher::read_the_rest() {
    std::map<std::string, core::Member> members;
    for (const auto& [id, owned] : world_.zookeeper.members()) members.emplace(id, owned.member);
    std::vector<Endpoint> sentinels;
    for (const auto& [name, sentinel] : world_.zookeeper.sentinels())
        sentinels.push_back(sentinel.address);
    return [this, members, sentinels, roster = world_.zookeeper.roster()] {
        view_.members = members;
        view_.roster = roster;
        w::observe_sentinels(view_, sentinels);
        reading_ = false;
        view_.record.known = view_.members_known = true;
        view_.zookeeper_connected = view_.zookeeper_connected || is_reading_current_;
        if (std::exchange(is_publication_answered_, false))
            w::observe_published(view_, w::Outcome::written, world_.clock.now());
        if (std::exchange(read_again_, false)) read_zookeeper();
    };
}

}  // namespace redis_zk::simulation
