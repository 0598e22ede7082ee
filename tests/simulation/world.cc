#include "tests/simulation/world.h"

#include <algorithm>
#include <cassert>

#include "tests/simulation/node.h"
#include "tests/simulation/sentinel.h"
#include "tests/simulation/watcher.h"

namespace redis_zk::simulation {

World::World(Settings wanted)
    : settings{wanted}, random{wanted.seed}, zookeeper{clock, [this] {
                                                           for (const auto& node : nodes_)
                                                               node->zookeeper_changed();
                                                           for (const auto& sentinel : sentinels_)
                                                               sentinel->zookeeper_changed();
                                                           for (const auto& watcher : watchers_)
                                                               watcher->zookeeper_changed();
                                                       }} {}

World::~World() = default;

std::int64_t World::unix_time() const {
    constexpr std::int64_t beginning = 1795000000;
    return beginning +
           std::chrono::duration_cast<std::chrono::seconds>(clock.now().time_since_epoch()).count();
}

Node& World::add_node(const std::string& name) {
    const auto number = static_cast<std::uint16_t>(nodes_.size() + 1);
    const Endpoint address{"10.0.0." + std::to_string(number), 6379};
    nodes_.push_back(std::make_unique<Node>(*this, name, address));
    return *nodes_.back();
}

Node& World::node(const std::string& name) {
    const auto found = std::ranges::find(nodes_, name, [](const auto& it) { return it->name(); });
    assert(found != nodes_.end());
    return **found;
}

Node* World::node_at(const Endpoint& address) const {
    for (const auto& node : nodes_)
        if (node->address() == address && node->redis.running) return node.get();
    return nullptr;
}

core::Probe World::answer_of(const Endpoint& address, const std::string& cluster) const {
    const Node* node = node_at(address);
    if (node != nullptr) return node->is_hanging() ? silence() : node->answer_probe(cluster);
    if (strangers.contains(address)) return strangers.at(address);
    core::Probe dead;
    dead.answer = core::Probe::Answer::dead;
    return dead;
}

core::Probe World::silence() {
    core::Probe silent;
    silent.answer = core::Probe::Answer::silent;
    return silent;
}

void World::add_stranger(const Endpoint& address) {
    core::Probe stranger;
    stranger.answer = core::Probe::Answer::master;
    stranger.run_id = "of a stranger";
    stranger.closed = false;
    strangers[address] = stranger;
}

milliseconds World::a_delay() {
    return milliseconds{
        random.between(settings.shortest_delay.count(), settings.longest_delay.count())};
}

milliseconds World::a_duration(std::int64_t shortest, std::int64_t longest) {
    if (settings.steady) return milliseconds{(shortest + longest) / 2};
    return milliseconds{random.between(shortest, longest)};
}

void World::cut_link(const Process& one, const Process& other, milliseconds duration) {
    cut_way(one, other, duration);
    cut_way(other, one, duration);
}

void World::cut_way(const Process& one, const Process& other, milliseconds duration) {
    cuts_[{one.name(), other.name()}] = clock.now() + duration;
}

const Process* World::process_at(const Endpoint& address) const {
    for (const auto& node : nodes_)
        if (node->address() == address) return node.get();
    for (const auto& sentinel : sentinels_)
        if (sentinel->address() == address) return sentinel.get();
    return nullptr;
}

bool World::is_cut(const Process& one, const Endpoint& other) const {
    const Process* process = cuts_.empty() ? nullptr : process_at(other);
    if (process == nullptr) return false;
    const auto cut = cuts_.find({one.name(), process->name()});
    return cut != cuts_.end() && clock.now() < cut->second;
}

bool World::is_cut(const Process& one) const {
    return std::ranges::any_of(cuts_, [&](const auto& it) {
        const auto& [pair, until] = it;
        return clock.now() < until && (pair.first == one.name() || pair.second == one.name());
    });
}

bool World::reaches(const Endpoint& one, const Endpoint& other) const {
    const Process* process = cuts_.empty() ? nullptr : process_at(one);
    return process == nullptr || !is_cut(*process, other);
}

bool World::is_lost() { return settings.one_in_lost > 0 && random.one_in(settings.one_in_lost); }

bool World::step(TimePoint end) {
    const bool happened = clock.step(end);
    if (!happened) return false;
    ++steps_;
    check_promises();
    return broken_promise_.empty();
}

void World::run(milliseconds duration) {
    const TimePoint end = clock.now() + duration;
    while (step(end)) {
    }
}

void World::write() {
    for (const auto& node : nodes_) {
        FakeRedis& redis = node->redis;
        if (!node->takes_writes_now() || clock.now() < redis.paused_until) continue;
        redis.version = versions.write(redis.version);
        node->disk.has_own_writes = true;
        ++redis.offset;
    }
}

// P1: at no instant can clients write to two nodes. (P2 and P3 are checked where a node opens and
// where a record is written; P4 when the faults have ended.)
void World::check_promises() {
    const auto writable =
        std::ranges::count_if(nodes_, [](const auto& node) { return node->takes_writes_now(); });
    if (writable > 1) broken("P1 one-master: " + std::to_string(writable) + " nodes take writes");
}

void World::broken(const std::string& promise) {
    if (!broken_promise_.empty()) return;
    broken_promise_ = promise;
    say("promise", "BROKEN " + promise);
}

void World::say(const std::string& who, const std::string& what) {
    const auto since_start = clock.now() - TimePoint{std::chrono::hours{1}};
    const auto ms = std::chrono::duration_cast<milliseconds>(since_start).count();
    transcript_.push_back(std::to_string(ms) + " ms  " + who + ": " + what);
}

}  // namespace redis_zk::simulation
