#include "tests/scenarios/watchers/stage.h"

#include "tests/scenarios/watchers/watcher.h"

namespace redis_zk::watcher_scenarios {

using Answer = Probe::Answer;

Stage::Stage() { zookeeper.record.known = true; }

Stage::~Stage() = default;

void Stage::run(milliseconds time) {
    const TimePoint end = clock.now() + time;
    while (clock.step(end)) {
    }
}

void Stage::say(const std::string& who, const std::string& what) {
    transcript_.push_back(who + ": " + what);
}

std::string Stage::run_id_of(const Endpoint& node) const {
    return "process " + std::to_string(nodes.at(node).life) + " at " + node.host;
}

void Stage::record(const std::string& name, std::uint64_t term, std::uint64_t config_epoch) {
    core::FoundRecord& record = zookeeper.record;
    const Endpoint master = addresses.at(name);
    core::Record written{term, master, "c1", name, run_id_of(master), {}, "somebody", "why"};
    written.config_epoch = config_epoch;
    record.named = master;
    record.written = written;
    last_term_ = term;
    ++record.named_version;
    ++record.written_version;
}

void Stage::zookeeper_changed() {
    for (const auto& [name, watcher] : watchers) watcher->zookeeper_changed();
}

Probe Stage::answer_of(const Endpoint& address) const {
    Probe probe;
    probe.answer = Answer::dead;
    const auto found = nodes.find(address);
    if (found == nodes.end()) return probe;
    const FakeNode& node = found->second;
    probe.answer = node.state;
    if (node.state == Answer::dead || node.state == Answer::silent) return probe;
    probe.run_id = run_id_of(address);
    probe.same_cluster = node.proves_membership;
    probe.closed = !node.is_open;
    return probe;
}

bool Stage::is_sentinel_well(const Endpoint& address) const {
    const auto found = sentinels.find(address);
    return found != sentinels.end() && found->second.state == FakeSentinel::State::well;
}

Opinion Stage::opinion_of(const Endpoint& address) const {
    const auto found = sentinels.find(address);
    if (is_sentinel_well(address)) return found->second.opinion;
    Opinion none;
    none.dead = found == sentinels.end() || found->second.state == FakeSentinel::State::dead;
    return none;
}

std::map<std::string, core::Member> Stage::members() const {
    std::map<std::string, core::Member> members;
    for (const auto& [name, address] : addresses) {
        const auto found = nodes.find(address);
        if (found == nodes.end() || !found->second.is_listed) continue;
        core::Member& member = members[name];
        member.id = name;
        member.address = address;
        member.role = core::Role::replica;
        if (found->second.has_data)
            member.lineage = core::Lineage{found->second.data_term.value_or(last_term_), 99};
        member.run_id = run_id_of(address);
    }
    return members;
}

std::vector<Endpoint> Stage::registered_sentinels() const {
    std::vector<Endpoint> registered;
    for (const auto& [address, sentinel] : sentinels)
        if (sentinel.is_registered) registered.push_back(address);
    return registered;
}

// P3: with a larger term, on what was read, and only a node that is master at this moment.
bool Stage::publish(const core::Record& record, const core::FoundRecord& before) {
    core::FoundRecord& found = zookeeper.record;
    if (before.named_version != found.named_version ||
        before.written_version != found.written_version)
        return false;
    if (record.term <= found.term()) broken_promise = "the term does not grow";
    if (answer_of(record.master).answer != Answer::master)
        broken_promise = core::spoken(record.master) + " is recorded and is no master";
    for (const auto& [address, node] : nodes)
        if (address != record.master && node.state == Answer::master && node.is_open)
            broken_promise = core::spoken(address) + " takes writes beside the recorded master";
    found.named = record.master;
    found.written = record;
    last_term_ = record.term;
    ++found.named_version;
    ++found.written_version;
    zookeeper.history.push_back(record.term);
    zookeeper_changed();
    return true;
}

}  // namespace redis_zk::watcher_scenarios
