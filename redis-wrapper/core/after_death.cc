#include "redis-wrapper/core/after_death.h"

#include <algorithm>
#include <set>
#include <string>
#include <utility>

#include "common/core/inquiry.h"
#include "redis-wrapper/core/find_master.h"
#include "redis-wrapper/core/sentinel_choice.h"

namespace redis_zk::redis_wrapper {

using namespace std::chrono_literals;
using core::spoken;

namespace {

// A scheduler waits for our end, too. After that the sentinels find out by themselves.
constexpr milliseconds longest_time_to_tell = 1s;

// In a history.
using Position = std::pair<std::string, std::optional<std::int64_t>>;

// Of the replicas that were connected, or may be chosen, as they are now.
struct Survivors {
    Actions questions;
    std::string doubt;  // why none of them may take over yet
};

// It is not offered as long as this node lives, and may have more.
bool steps_back_for_this_node(const View& view, const Endpoint& node) {
    return std::ranges::any_of(view.members, [&](const auto& it) {
        return it.second.address == node && it.second.crashes_early;
    });
}

// None of those that may be chosen has less than another: a sentinel ranks by offsets that may be
// ten seconds old, and those that it may choose by priorities as old as that.
Survivors survivors(const View& view, const Endpoint& sentinel, TimePoint now) {
    Survivors all;
    std::set<Endpoint> candidates;
    for (const core::Candidate& it : view.sentinels.opinions.at(sentinel).candidates)
        candidates.insert(it.node);
    std::set<Endpoint> nodes = candidates;
    nodes.insert(view.death->replicas.begin(), view.death->replicas.end());
    std::optional<Position> position;
    for (const Endpoint& node : nodes) {
        const Probe* answer = core::answer_since(view.probes, node, view.death->at);
        if (answer == nullptr) all.doubt = "asking " + spoken(node) + " what it has";
        if (answer == nullptr || answer->answer == Probe::Answer::dead) continue;
        const bool is_replica = answer->answer == Probe::Answer::replica;
        const bool may_lead = candidates.contains(node) || steps_back_for_this_node(view, node);
        if (is_replica && answer->priority == 0 && !may_lead) continue;
        const Position its{answer->replication_id, answer->offset};
        if (!is_replica || (position && position != its))
            all.doubt = spoken(node) + " has not as much as another replica, or more";
        position = its;
    }
    if (all.doubt.empty()) return all;
    for (const Endpoint& node : nodes)
        if (core::may_be_asked_again(view.probes, node, now))
            all.questions.push_back(AskNode{node});
    return all;
}

}  // namespace

Actions after_death(const View& view, TimePoint now) {
    const Death& death = *view.death;
    const bool is_in_a_hurry = view.stop_requested_at && *view.stop_requested_at >= death.at;
    if (is_in_a_hurry || !death.was_master || death.replicas.empty() ||
        death.is_failover_under_way || now >= death.at + longest_time_to_tell)
        return {Exit{}};
    // What they could do some seconds ago says little about now.
    if (!view.sentinels.opinions.empty() && view.sentinels.as_of < death.at) {
        Actions question;
        if (!core::is_pending(view.sentinels.asked_until, now)) question.push_back(AskSentinels{});
        return question += {Wait{"redis has ended; asking the sentinels whom they may choose", {}}};
    }
    if (core::is_failing_over(view.sentinels, now)) return {Exit{}};
    const auto sentinels = willing_sentinels(view, death.refused_by, now);
    if (sentinels.empty()) return {Exit{}};
    if (core::is_pending(view.in_flight.failover_request, now))
        return {Wait{"redis has ended; a sentinel is being told", {}}};
    Actions all;
    std::string doubt;
    for (const Endpoint& sentinel : sentinels) {
        Survivors replicas = survivors(view, sentinel, now);
        if (replicas.doubt.empty())
            return {RequestFailover{sentinel, "redis has ended, and this node was master"}};
        all += std::move(replicas.questions);
        doubt = std::move(replicas.doubt);
    }
    return all += {Wait{"redis has ended; " + doubt, {}}};
}

}  // namespace redis_zk::redis_wrapper
