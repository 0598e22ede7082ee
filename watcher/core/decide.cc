#include "watcher/core/decide.h"

#include <algorithm>
#include <set>

#include "common/core/succession.h"
#include "watcher/core/judge.h"
#include "watcher/core/listen.h"
#include "watcher/core/publication.h"

namespace redis_zk::watcher {

using namespace std::chrono_literals;
using core::spoken;

namespace {

// After an event it is asked again, but not more often than this.
constexpr milliseconds shortest_pace = 20ms;
constexpr milliseconds pace_of_members = 300ms;
// How old a proof may be on which a record is written, counted from the question: when the node
// answered it, nobody knows. It leaves room for a connection over a slow network.
constexpr milliseconds freshness_of_a_proof = 500ms;
// The two halves of a record are read right after each other.
constexpr milliseconds time_to_read_both_halves = 300ms;

// Something was heard since that may be about it.
bool is_heard_of(const View& view, TimePoint asked_at, TimePoint now) {
    return asked_at < view.look_at && now - asked_at >= shortest_pace;
}

bool is_heard_of(const View& view, const Endpoint& node, TimePoint now) {
    const auto known = view.probes.find(node);
    const TimePoint asked_at = known == view.probes.end() ? TimePoint{} : known->second.question_at;
    return !core::is_being_asked(view.probes, node, now) && is_heard_of(view, asked_at, now);
}

Actions questions(const View& view, TimePoint now) {
    Actions all;
    const core::Pace pace = pace_of(view, now);
    for (const auto& [sentinel, known] : view.sentinels) {
        if (core::is_pending(known.asked_until, now)) continue;
        const bool is_new = known.answered_at == TimePoint{};
        const bool is_old = now - known.asked_at >= pace.look_again;
        if (is_new || is_old || is_heard_of(view, known.asked_at, now))
            all.emplace_back(AskSentinel{sentinel});
    }
    const auto named = named_nodes(view);
    const core::Pace slower{std::max(pace.look_again, pace_of_members), pace.believe};
    for (const Endpoint& node : nodes_of_interest(view)) {
        const bool is_named = named.contains(node);
        if (core::is_question_due(view.probes, node, is_named ? pace : slower, now) ||
            (is_named && is_heard_of(view, node, now)))
            all.emplace_back(AskNode{node});
    }
    return all;
}

std::optional<std::string> uninformed(const View& view) {
    if (!view.record.known && !view.zookeeper_connected) return "ZooKeeper has not answered yet";
    if (!view.record.known || !view.members_known || !view.sentinels_known)
        return "reading the record, the members and the sentinels from ZooKeeper";
    if (!view.zookeeper_connected)
        return "ZooKeeper is unreachable; whatever changes meanwhile is recorded when it is back";
    return std::nullopt;
}

// Whom the record should name, without a word about proof.
using Candidate = Choice;

// No sentinel can be asked. What is proven then is a master that somebody with the right to decide
// has opened, beside whom nobody else is one.
std::optional<Candidate> only_open_master(const View& view, TimePoint now) {
    if (!are_all_sentinels_asked(view, now) || has_any_sentinel_answered(view, now))
        return std::nullopt;
    std::optional<Endpoint> only;
    for (const auto& [id, member] : view.members) {
        const auto answer = recent_answer(view, member.address, now);
        if (answer == Probe::Answer::none) return std::nullopt;
        if (answer != Probe::Answer::master) continue;
        if (only || view.probes.at(member.address).closed != false) return std::nullopt;
        only = member.address;
    }
    // Silence is no proof of anything.
    auto recorded = view.record.master();
    if (const auto& last = last_recorded(view); !recorded && last) recorded = last->master;
    const auto answer = recorded ? recent_answer(view, *recorded, now) : Probe::Answer::dead;
    const bool is_free = recorded == only || answer == Probe::Answer::dead ||
                         answer == Probe::Answer::replica || answer == Probe::Answer::refused;
    if (!only || !is_free) return std::nullopt;
    return Candidate{*only, view.record.config_epoch(),
                     "it is the only master and takes writes, and no sentinel can be asked"};
}

const core::Member* entry_of(const View& view, const Endpoint& node) {
    const auto found = view.last_entries.find(node);
    return found == view.last_entries.end() ? nullptr : &found->second;
}

// An empty node must not be opened, whoever promoted it. Its wrapper knows what it has, and opens
// it only then.
bool has_the_data(const View& view, const Endpoint& node) {
    const core::Member* entry = entry_of(view, node);
    const Probe& probe = view.probes.at(node);
    if (probe.same_cluster && probe.closed == false) return true;
    return entry != nullptr && entry->lineage && entry->run_id == probe.run_id;
}

// Sentinels that began anew count their epochs from 0 again. Those that are late do not know the
// record's either, and name a node that has nothing of its term.
bool has_the_data_of(const View& view, const Endpoint& node, std::uint64_t term) {
    const core::Member* entry = entry_of(view, node);
    return entry != nullptr && entry->lineage && entry->lineage->term >= term &&
           entry->run_id == view.probes.at(node).run_id;
}

core::Promotion promotion_of(const View& view, const Endpoint& successor, const Endpoint& former) {
    core::Promotion promotion;
    const auto seen = view.no_master_at.find(successor);
    if (seen != view.no_master_at.end()) promotion.at = seen->second;
    const auto& last = last_recorded(view);
    const bool is_recorded = former == view.record.named || (last && former == last->master);
    promotion.former_was_heard = is_recorded && !view.said_to_be_down.contains(former);
    promotion.noticed_at = view.master_since.at(successor);
    return promotion;
}

// Why nothing is published, and whose answer would change that.
struct Doubt {
    Wait wait;
    std::optional<Endpoint> ask;
};

// To write the record is to open the node that it names, so nobody else may take writes by then.
// (Its own wrapper waits for the same, see common/core/succession.h.)
std::optional<Doubt> reason_to_wait_for_the_former(const View& view, const Endpoint& successor,
                                                   TimePoint now) {
    std::set<Endpoint> others = nodes_of_interest(view);
    others.erase(successor);
    for (const Endpoint& node : others)
        if (recent_answer(view, node, now) == Probe::Answer::none)
            return Doubt{{"looking whether somebody else takes writes", spoken(node)}, {}};
    // A replica is opened only by a term that names it.
    for (const auto& [node, probe] : view.probes)
        if (node != successor && probe.answer == Probe::Answer::replica &&
            probe.asked_at < view.outdated_at && others.contains(node))
            return Doubt{{"asking " + spoken(node) + " whether it is still a replica", {}}, node};
    // A master that is closed may be opened at any moment, at the latest if the record names it.
    const TimePoint news_at = std::max(view.outdated_at, view.chosen_anew_at);
    for (const auto& [node, probe] : view.probes)
        if (node != successor && probe.answer == Probe::Answer::master &&
            (now - probe.asked_at > freshness_of_a_proof || probe.asked_at < news_at) &&
            others.contains(node))
            return Doubt{{"asking " + spoken(node) + " whether it still takes no writes", {}},
                         node};
    for (const auto& [node, probe] : view.probes) {
        if (node == successor || probe.answer == Probe::Answer::none) continue;
        if (core::may_take_writes(probe, view.record, promotion_of(view, successor, node), now))
            return Doubt{{spoken(node) + " may still take writes, and has to stop before " +
                              spoken(successor) + " is recorded",
                          {}},
                         {}};
    }
    return std::nullopt;
}

// What is older than the record does not outweigh it, nor what a few say while the recorded master
// may take writes and cannot be asked.
std::optional<Doubt> reason_to_keep_the_recorded(const View& view, const Candidate& candidate,
                                                 TimePoint now) {
    const auto& last = last_recorded(view);
    if (!last || last->master == candidate.master) return std::nullopt;
    const std::string name = spoken(candidate.master);
    if (!candidate.is_newer && !has_the_data_of(view, candidate.master, last->term))
        return Doubt{{name +
                          " is named for a reason that is no newer than the record's, and nobody "
                          "says that it has the data of term " +
                          std::to_string(last->term),
                      {}},
                     {}};
    const bool is_proven = candidate.is_newer && candidate.is_of_majority;
    if (is_proven || !is_out_of_sight(view, last->master, now)) return std::nullopt;
    // It is the only open master then, see there.
    if (!has_any_sentinel_answered(view, now)) return std::nullopt;
    const char* const why = candidate.is_newer
                                ? " is named by too few to replace "
                                : " is named for a reason that is no newer than that of ";
    return Doubt{
        {name + why + spoken(last->master) + ", which is recorded and cannot be asked", {}}, {}};
}

std::optional<Doubt> reason_not_to_publish(const View& view, const Candidate& candidate,
                                           TimePoint now) {
    const Endpoint& master = candidate.master;
    const std::string name = spoken(master);
    const auto because = [](std::string reason) { return Doubt{{std::move(reason), {}}, {}}; };
    const auto answer = recent_answer(view, master, now);
    if (answer == Probe::Answer::none) return because("asking " + name + " whether it is master");
    if (answer == Probe::Answer::refused)
        return because(name + ' ' + core::description(answer) + ", although " + candidate.why);
    if (answer != Probe::Answer::master)
        return because(name + " does not answer as a master, although " + candidate.why);
    if (!belongs_to_us(view, master))
        return because(name + " does not prove that it belongs to this cluster, although " +
                       candidate.why);
    if (!has_the_data(view, master))
        return because(name + " is master, and nobody says that it has the data of the cluster");
    if (auto doubt = reason_to_keep_the_recorded(view, candidate, now)) return doubt;
    if (auto doubt = reason_to_wait_for_the_former(view, master, now)) return doubt;
    if (now - view.probes.at(master).asked_at > freshness_of_a_proof)
        return Doubt{{"asking " + name + " whether it is still master", {}}, master};
    return std::nullopt;
}

Actions keep_the_record_true(const View& view, TimePoint now) {
    if (const auto reason = uninformed(view)) return {Wait{*reason, {}}};
    if (view.record.unreadable)
        return {Wait{"the record cannot be read; only a master's own wrapper replaces it", {}}};
    if (view.cluster.empty()) return {Wait{"no record says yet which cluster this is", {}}};
    if (core::is_pending(view.in_flight.publication, now))
        return {Wait{"the record is being written", {}}};
    auto candidate = choice_of_sentinels(view, now);
    if (!candidate) candidate = only_open_master(view, now);
    if (!candidate) {
        const auto recorded = view.record.master();
        const bool is_true =
            recorded && is_recorded(view, *recorded) && is_verified(view, *recorded, now);
        if (is_true) return {};
        if (view.sentinels.empty())
            return {Wait{"no sentinel is registered, and nothing else proves who is master", {}}};
        return {Wait{"the sentinels do not agree on a master, or have not answered yet", {}}};
    }
    if (is_recorded(view, candidate->master)) {
        const auto answer = recent_answer(view, candidate->master, now);
        if (answer == Probe::Answer::master || answer == Probe::Answer::none) return {};
        return {Wait{spoken(candidate->master) +
                         " is recorded and named by the sentinels, and does not answer as a master",
                     {}}};
    }
    if (view.half_read_since && now - *view.half_read_since < time_to_read_both_halves)
        return {Wait{"reading the record", {}}};
    const auto doubt = reason_not_to_publish(view, *candidate, now);
    if (!doubt && core::is_too_soon(view.in_flight.publications, now))
        return {Wait{"ZooKeeper has not written the record; another attempt comes soon", {}}};
    if (!doubt) return {publication(view, *candidate, now)};
    Actions all;
    if (doubt->ask && !core::is_being_asked(view.probes, *doubt->ask, now))
        all.emplace_back(AskNode{*doubt->ask});
    all.emplace_back(doubt->wait);
    return all;
}

bool is_asked_in(const Actions& actions, const Endpoint& node) {
    return std::ranges::any_of(actions, [&](const Action& action) {
        const auto* const ask = std::get_if<AskNode>(&action);
        return ask != nullptr && ask->node == node;
    });
}

}  // namespace

Actions decide(const View& view, TimePoint now) {
    Actions all = questions(view, now);
    Actions choice = choose_sentinel(view, now);
    const bool has_chosen = !choice.empty();
    all += std::move(choice);
    Actions record = keep_the_record_true(view, now);
    if (auto wait = reason_not_to_listen(view); record.empty() && wait && !has_chosen)
        record.emplace_back(std::move(*wait));
    for (Action& action : record) {
        const auto* const ask = std::get_if<AskNode>(&action);
        if (ask == nullptr || !is_asked_in(all, ask->node)) all.push_back(std::move(action));
    }
    return all;
}

TimePoint next_deadline(const View& view, TimePoint now) {
    if (is_alarmed(view, now)) return now + shortest_pace;
    return now + (is_calm(view, now) ? 1000ms : 100ms);
}

}  // namespace redis_zk::watcher
