#include "tests/simulation/world.h"

#include <algorithm>
#include <cassert>

#include "tests/simulation/node.h"
#include "tests/simulation/sentinels.h"

namespace redis_zk::simulation {

World::World(Settings wanted)
    : settings{wanted}, random{wanted.seed}, zookeeper{[this] {
          for (const auto& node : nodes_) node->zookeeper_changed();
      }} {}

World::~World() = default;

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

Node* World::node_at(const Endpoint& address) {
    for (const auto& node : nodes_)
        if (node->address() == address && node->redis.running) return node.get();
    return nullptr;
}

milliseconds World::a_delay() {
    return milliseconds{
        random.between(settings.shortest_delay.count(), settings.longest_delay.count())};
}

milliseconds World::a_duration(std::int64_t shortest, std::int64_t longest) {
    if (settings.steady) return milliseconds{(shortest + longest) / 2};
    return milliseconds{random.between(shortest, longest)};
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
        if (!redis.accepts_writes()) continue;
        redis.version = versions.write(redis.version);
        ++redis.offset;
    }
}

// P1: at no instant can clients write to two nodes. (P2 and P3 are checked where a node opens and
// where a record is written; P4 when the faults have ended.)
void World::check_promises() {
    const auto writable = std::ranges::count_if(
        nodes_, [](const auto& node) { return node->redis.accepts_writes(); });
    if (writable < 2) return rivals_since_.reset();
    if (!rivals_since_) rivals_since_ = clock.now();
    if (clock.now() - *rivals_since_ >= settings.tolerated_rivalry)
        broken("P1 one-master: " + std::to_string(writable) + " nodes take writes");
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
