#include "sentinel-wrapper/core/view.h"

#include <algorithm>

namespace redis_zk::sentinel_wrapper {

using namespace std::chrono_literals;

namespace {

constexpr milliseconds time_to_be_lost = 3s;

bool knows(const OwnSentinel& own, const Endpoint& other) {
    return std::ranges::any_of(own.others,
                               [&](const auto& it) { return it.second.address == other; });
}

// Asked, and not there. Its entry in ZooKeeper ends later. (An answer may be lost.)
bool is_lost(const View& view, const Endpoint& node) {
    const auto found = view.probes.find(node);
    if (found == view.probes.end()) return false;
    const Probe& probe = found->second;
    return probe.answer == Probe::Answer::dead ||
           (probe.silent_since && probe.answered_at - *probe.silent_since >= time_to_be_lost);
}

void append(std::string& list, const std::string& one) { list += (list.empty() ? "" : ", ") + one; }

}  // namespace

std::optional<bool> may_live(const PeerProbe& answer, const std::string& id) {
    switch (answer.answer) {
        case PeerProbe::Answer::none: return std::nullopt;
        case PeerProbe::Answer::silent: break;
        case PeerProbe::Answer::dead: return false;
        case PeerProbe::Answer::alive: return answer.id == id;
        case PeerProbe::Answer::refuses_us: return true;
    }
    const bool has_lasted =
        answer.silent_since && answer.answered_at - *answer.silent_since >= time_to_be_gone;
    return has_lasted ? std::optional{false} : std::nullopt;
}

bool has_lost_its_identity(const View& view) {
    return view.sentinel.state != OwnSentinel::State::stopped &&
           view.identity.id != view.sentinel.id;
}

int wanted_quorum(const View& view) {
    if (view.self.quorum) return *view.self.quorum;
    const auto& registered = view.registered_sentinels.opinions;
    const std::size_t us = registered.contains(view.self.address) ? 0 : 1;
    const auto unlisted = std::ranges::count_if(view.sentinel.others, [&](const auto& it) {
        const KnownSentinel& other = it.second;
        return !other.down && other.address.port != 0 && !other.foreign_since &&
               !registered.contains(other.address);
    });
    return static_cast<int>((registered.size() + us + static_cast<std::size_t>(unlisted)) / 2 + 1);
}

bool is_monitoring(const View& view) {
    return view.sentinel.state == OwnSentinel::State::running && !view.sentinel.hangs &&
           view.sentinel.monitored;
}

bool can_act(const View& view) {
    const auto& monitored = view.sentinel.monitored;
    return view.sentinel.has_quorum && monitored && !monitored->failover_in_progress &&
           std::ranges::any_of(view.sentinel.replicas,
                               [](const auto& it) { return !it.second.down; });
}

bool is_failing_over(const View& view, TimePoint now) {
    const auto& monitored = view.sentinel.monitored;
    if (monitored && monitored->failover_in_progress && !is_stuck(view, now)) return true;
    return std::ranges::any_of(view.registered_sentinels.opinions, [now](const auto& it) {
        return core::may_be_failing_over(it.second, now);
    });
}

bool is_stuck(const View& view, TimePoint now) {
    const auto& fail_over = view.sentinel.fail_over;
    return view.sentinel.monitored && fail_over &&
           now >= fail_over->since + view.sentinel.monitored->time_to_fail_over;
}

std::vector<Endpoint> unknown_replicas(const View& view) {
    std::vector<Endpoint> missing;
    if (!view.sentinel.monitored) return missing;
    for (const auto& [id, member] : view.members) {
        const bool is_replica = member.role == core::Role::replica && member.link_up &&
                                member.following == view.sentinel.monitored->master;
        if (is_replica && !view.sentinel.replicas.contains(member.address))
            missing.push_back(member.address);
    }
    return missing;
}

std::string not_found_yet(const View& view) {
    if (!view.sentinel.monitored) return {};
    std::string missing;
    for (const auto& [sentinel, opinion] : view.registered_sentinels.opinions) {
        const bool is_peer = opinion.answered && opinion.master == view.sentinel.monitored->master;
        if (is_peer && !knows(view.sentinel, sentinel) && sentinel != view.self.address)
            append(missing, "the sentinel " + core::spoken(sentinel));
    }
    for (const Endpoint& replica : unknown_replicas(view))
        if (!is_lost(view, replica)) append(missing, "the replica " + core::spoken(replica));
    return missing;
}

std::string not_seen(const View& view) {
    std::string reasons;
    for (const auto& [sentinel, opinion] : view.registered_sentinels.opinions) {
        if (sentinel == view.self.address) continue;
        const std::string name = "the sentinel " + core::spoken(sentinel);
        if (!knows(view.sentinel, sentinel))
            append(reasons, name + " is not known to this one");
        else if (!opinion.answered)
            append(reasons, name + " does not answer");
        else if (!opinion.master)
            append(reasons, name + " monitors nobody");
        else if (view.sentinel.monitored && opinion.master != view.sentinel.monitored->master)
            append(reasons, name + " names another master, " + core::spoken(*opinion.master));
    }
    return reasons;
}

}  // namespace redis_zk::sentinel_wrapper
