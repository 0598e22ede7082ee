#include "watcher/cluster_check.h"

#include <algorithm>
#include <memory>
#include <string>

#include "common/event/loop.h"
#include "common/event/resolver.h"
#include "common/event/timer.h"
#include "common/zk/layout.h"
#include "common/zk/readings.h"
#include "common/zk/session_keeper.h"
#include "common/zk/watched_directory.h"
#include "watcher/trial.h"

namespace redis_zk::watcher {

using namespace std::chrono_literals;
using server::Observation;
using server::Verdict;

namespace {

// For what is registered; each trial has a bound of its own.
constexpr core::milliseconds time_to_read = 5s;

struct Everybody {
    std::vector<core::Endpoint> sentinels;
    std::vector<core::Endpoint> nodes;
};

// The lists in ZooKeeper, and what cannot be read there.
std::optional<Everybody> read_registered(const Config& config, std::vector<Observation>& findings) {
    event::Loop loop;
    event::Resolver resolver{loop};
    zk::SessionKeeper keeper{loop, resolver, config.session_options(), [](const std::string&) {}};
    const zk::Layout layout = config.layout();
    const zk::WatchedDirectory* unread = nullptr;
    const auto look = [&] {
        if (unread != nullptr && unread->is_known()) loop.stop(0);
    };
    const zk::WatchedDirectory sentinels{keeper, layout.sentinels(), look};
    const zk::WatchedDirectory members{keeper, layout.members(), look};
    event::Timer patience{loop, [&] { loop.stop(1); }};
    patience.start(time_to_read);
    for (const auto* directory : {&sentinels, &members}) {
        unread = directory;
        if (!directory->is_known() && loop.run() != 0) return std::nullopt;
    }
    zk::Complaints complaints{[&](const std::string& sentence) {
        findings.push_back({Verdict::doubtful, sentence});
    }};
    Everybody all{zk::read_sentinels(sentinels, complaints), {}};
    for (const auto& [id, member] : zk::read_members(members, complaints))
        all.nodes.push_back(member.address);
    return all;
}

// All at the same time.
void try_all(const std::vector<core::Endpoint>& registered, const Trial::Options& how,
             std::vector<Observation>& findings) {
    const std::string kind = how.kind == Trial::Kind::sentinel ? "sentinel" : "node";
    if (registered.empty())
        return findings.push_back({Verdict::doubtful, "no " + kind +
                                                          " is registered in ZooKeeper, so its "
                                                          "password could not be tried"});
    event::Loop loop;
    event::Resolver resolver{loop};
    std::size_t missing = registered.size();
    std::vector<std::unique_ptr<Trial>> trials;
    for (const core::Endpoint& one : registered) {
        Trial::Options options = how;
        options.whom = one;
        trials.push_back(std::make_unique<Trial>(loop, resolver, options, [&] {
            if (--missing == 0) loop.stop(0);
        }));
    }
    loop.run();
    for (const auto& trial : trials)
        findings.insert(findings.end(), trial->findings().begin(), trial->findings().end());
    if (std::ranges::none_of(trials, [](const auto& it) { return it->was_reached(); }))
        findings.push_back(
            {Verdict::wrong, "no registered " + kind + " can be reached from this host"});
}

}  // namespace

std::vector<Observation> cluster_observations(const Config& config) {
    std::vector<Observation> findings;
    const auto registered = read_registered(config, findings);
    if (!registered) return findings;
    try_all(registered->sentinels,
            {Trial::Kind::sentinel, {}, config.sentinel_credentials, config.master_name}, findings);
    try_all(registered->nodes, {Trial::Kind::node, {}, config.credentials, config.master_name},
            findings);
    return findings;
}

}  // namespace redis_zk::watcher
