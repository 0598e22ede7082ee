#include "tests/scenarios/sentinels/stage.h"

#include "tests/scenarios/sentinels/wrapper.h"

namespace redis_zk::sentinel_scenarios {

using namespace std::chrono_literals;
using sentinel_wrapper::Opinion;
using sentinel_wrapper::PeerProbe;
using sentinel_wrapper::Probe;
using State = FakeNode::State;

Stage::Stage() {
    zookeeper.record.known = true;
    clock.after(1s, [this] { tick(); });
}

Stage::~Stage() = default;

void Stage::run(milliseconds time) {
    const TimePoint end = clock.now() + time;
    while (clock.step(end)) {
    }
}

void Stage::say(const std::string& who, const std::string& what) {
    transcript_.push_back(who + ": " + what);
}

void Stage::add_node(const std::string& name) {
    const auto number = std::to_string(addresses.size() + 1);
    addresses[name] = {"10.0.0." + number, 6379};
    nodes[addresses[name]];
}

void Stage::record(const std::string& name, std::uint64_t term) {
    const Endpoint master = addresses.at(name);
    zookeeper.record.named = master;
    zookeeper.record.written = core::Record{term, master, "c1", name, {}, {}, "somebody", "why"};
}

void Stage::zookeeper_changed() {
    for (const auto& [name, wrapper] : wrappers) wrapper->turn_soon();
}

// Sentinels look at their nodes each second, and say hello every other second.
void Stage::tick() {
    is_hello_due_ = !is_hello_due_;
    for (FakeSentinel* sentinel : running_sentinels()) sentinel->look_at_everybody();
    if (is_hello_due_)
        for (FakeSentinel* sentinel : running_sentinels()) sentinel->say_hello();
    clock.after(1s, [this] { tick(); });
}

bool Stage::is_listening(const Endpoint& node) const {
    const auto found = nodes.find(node);
    return found != nodes.end() && found->second.state != State::dead;
}

bool Stage::is_well(const Endpoint& node) const {
    const auto found = nodes.find(node);
    return found != nodes.end() && found->second.state != State::dead &&
           found->second.state != State::silent;
}

bool Stage::is_serving_as_master(const Endpoint& node) const {
    const auto found = nodes.find(node);
    return found != nodes.end() && found->second.state == State::master;
}

std::vector<Endpoint> Stage::replicas_of(const Endpoint& master) const {
    std::vector<Endpoint> replicas;
    for (const auto& [address, node] : nodes)
        if (node.state == State::replica && node.following == master) replicas.push_back(address);
    return replicas;
}

std::optional<simulation::NodeInfo> Stage::info(const Endpoint& address) const {
    if (!is_well(address)) return std::nullopt;
    const FakeNode& node = nodes.at(address);
    simulation::NodeInfo info;
    info.is_master = node.state == State::master;
    if (!info.is_master) info.following = node.following.value_or(core::nowhere);
    info.link_up = node.following && is_serving_as_master(*node.following);
    info.replicas = replicas_of(address);
    return info;
}

Probe Stage::answer_of(const Endpoint& address) const {
    Probe probe;
    probe.answer = Probe::Answer::dead;
    const auto found = nodes.find(address);
    if (found == nodes.end()) return probe;
    const FakeNode& node = found->second;
    switch (node.state) {
        case State::dead: return probe;
        case State::silent: probe.answer = Probe::Answer::silent; return probe;
        case State::master: probe.answer = Probe::Answer::master; break;
        case State::replica: probe.answer = Probe::Answer::replica; break;
    }
    probe.following = node.following;
    probe.same_cluster = node.is_ours || zookeeper.record.cluster().empty();
    return probe;
}

Opinion Stage::opinion_of(const Endpoint& address) const {
    for (const FakeSentinel* sentinel : running_sentinels())
        if (sentinel->address() == address) return sentinel->opinion();
    return {};
}

PeerProbe Stage::answer_of_peer(const Endpoint& address, const std::string& asking) const {
    PeerProbe probe;
    probe.answer = PeerProbe::Answer::dead;
    for (const FakeSentinel* sentinel : running_sentinels()) {
        if (sentinel->address() != address) continue;
        probe.answer = sentinel->hangs ? PeerProbe::Answer::silent : PeerProbe::Answer::alive;
        if (sentinel->hangs) continue;
        probe.id = sentinel->id();
        probe.knows_us_at = sentinel->place_of(asking);
    }
    return probe;
}

std::map<std::string, core::Member> Stage::members() const {
    std::map<std::string, core::Member> members;
    for (const auto& [name, address] : addresses) {
        const FakeNode& node = nodes.at(address);
        const bool is_master = node.state == State::master;
        if (node.state == State::dead || !node.is_ours || !node.is_listed) continue;
        core::Member& member = members[name];
        member.id = name;
        member.address = address;
        member.role = is_master ? core::Role::master : core::Role::replica;
        member.following = node.following;
        member.link_up = node.following && is_serving_as_master(*node.following);
    }
    return members;
}

}  // namespace redis_zk::sentinel_scenarios
