#include "watcher/core/judge.h"

#include <algorithm>

namespace redis_zk::watcher {

using namespace std::chrono_literals;
using core::spoken;

namespace {

constexpr core::Pace calm_pace{10s, 25s};
constexpr core::Pace uneasy_pace{500ms, 3s};
constexpr core::Pace alarmed_pace{50ms, 2500ms};

bool is_majority(std::size_t count, const View& view) { return 2 * count > view.sentinels.size(); }

// An answer to a question that was put after what has outdated the others, and not too long ago.
bool counts(const View& view, const KnownSentinel& known, milliseconds believe, TimePoint now) {
    return known.answered_at != TimePoint{} && known.as_of >= view.outdated_at &&
           now - known.answered_at <= believe;
}

core::Sentinels believed(const View& view, milliseconds believe, TimePoint now) {
    core::Sentinels sentinels;
    sentinels.known = view.sentinels_known;
    sentinels.as_of = sentinels.asked_at = now;
    for (const auto& [sentinel, known] : view.sentinels) {
        Opinion& opinion = sentinels.opinions[sentinel];
        if (counts(view, known, believe, now)) opinion = known.opinion;
    }
    return sentinels;
}

// The largest in which any of the sentinels that name it has taken it for master.
std::uint64_t newest_epoch_for(const core::Sentinels& sentinels, const Endpoint& master) {
    std::uint64_t epoch = 0;
    for (const auto& [sentinel, opinion] : sentinels.opinions)
        if (opinion.answered && opinion.master == master)
            epoch = std::max(epoch, opinion.config_epoch);
    return epoch;
}

// Somebody who names this master since this epoch has got the votes of the majority for it.
// Somebody else may have begun in the same epoch, by hand and without the vote of another, and
// promoted another one. A sentinel that follows forgets for whom it has voted: then that it names
// him counts.
bool is_choice_of_the_elected(const View& view, const core::Sentinels& sentinels,
                              const Endpoint& master, std::uint64_t epoch) {
    const auto names_it = [&](const Opinion& opinion) {
        return opinion.answered && opinion.master == master && opinion.config_epoch == epoch;
    };
    return std::ranges::any_of(sentinels.opinions, [&](const auto& leader) {
        if (!names_it(leader.second) || leader.second.id.empty()) return false;
        std::size_t votes = 0;
        std::size_t followers = 0;
        bool has_vote_of_another = false;
        for (const auto& [sentinel, opinion] : sentinels.opinions) {
            const bool votes_for_it = opinion.answered && opinion.last_vote == epoch &&
                                      opinion.voted_for == leader.second.id;
            if (votes_for_it && sentinel != leader.first) has_vote_of_another = true;
            if (votes_for_it)
                ++votes;
            else if (names_it(opinion))
                ++followers;
        }
        return is_majority(has_vote_of_another ? votes + followers : votes, view);
    });
}

std::uint64_t recorded_epoch(const View& view) {
    const auto& last = last_recorded(view);
    return last ? last->config_epoch : 0;
}

bool is_last_recorded(const View& view, const Endpoint& master) {
    const auto& last = last_recorded(view);
    return last && last->master == master;
}

// The leader of a fail-over names the new master before the others have heard of it. If a majority
// has voted for him in that very epoch, only he comes to it by right. A vote in a later one says
// nothing of this choice: it may have been made by hand, and another fail-over be under way.
// Without votes nobody who can be reached may object.
std::optional<Choice> newest_choice(const View& view, const core::Sentinels& sentinels,
                                    TimePoint now) {
    const std::uint64_t epoch = core::largest_config_epoch(sentinels);
    std::optional<Endpoint> newest;
    for (const auto& [sentinel, opinion] : sentinels.opinions)
        if (opinion.answered && opinion.master && opinion.config_epoch == epoch)
            newest = opinion.master;
    if (!newest) return std::nullopt;
    const bool agreed = std::ranges::all_of(sentinels.opinions, [&](const auto& it) {
        return !it.second.answered || !it.second.master || it.second.master == newest;
    });
    if (!agreed && !core::is_newest_choice(sentinels, *newest)) return std::nullopt;
    const bool is_newer = epoch > recorded_epoch(view);
    // To restore what was recorded nobody needs a newer reason, unless somebody objects.
    const bool is_restored =
        is_last_recorded(view, *newest) && (agreed || epoch == recorded_epoch(view));
    if (!is_newer && !is_restored) return std::nullopt;
    const std::string in_epoch = " in epoch " + std::to_string(epoch);
    if (is_choice_of_the_elected(view, sentinels, *newest, epoch))
        return Choice{*newest, epoch,
                      "a sentinel that the majority has elected chose it" + in_epoch, is_newer,
                      true};
    if (agreed && are_all_sentinels_asked(view, now))
        return Choice{*newest, epoch, "all sentinels that can be reached name it" + in_epoch,
                      is_newer, core::majority_of(sentinels) == newest};
    return std::nullopt;
}

}  // namespace

core::Sentinels believed_sentinels(const View& view, TimePoint now) {
    return believed(view, pace_of(view, now).believe, now);
}

bool are_all_sentinels_asked(const View& view, TimePoint now) {
    const milliseconds believe = pace_of(view, now).believe;
    return view.sentinels_known && std::ranges::all_of(view.sentinels, [&](const auto& it) {
               return counts(view, it.second, believe, now);
           });
}

bool has_any_sentinel_answered(const View& view, TimePoint now) {
    const auto sentinels = believed_sentinels(view, now);
    return std::ranges::any_of(sentinels.opinions,
                               [](const auto& it) { return it.second.answered; });
}

std::optional<Choice> choice_of_sentinels(const View& view, TimePoint now) {
    const auto sentinels = believed_sentinels(view, now);
    if (auto choice = newest_choice(view, sentinels, now)) return choice;
    const auto majority = core::majority_of(sentinels);
    if (!majority) return std::nullopt;
    const std::uint64_t epoch = newest_epoch_for(sentinels, *majority);
    const bool is_newer = epoch > recorded_epoch(view);
    // The record was written for a reason that they have not heard of yet.
    const auto& last = last_recorded(view);
    const bool are_late = last && last->config_epoch > epoch && last->master != majority &&
                          is_verified(view, last->master, now);
    if (are_late) return std::nullopt;
    return Choice{*majority, epoch, "the majority of the sentinels names it", is_newer, true};
}

const std::optional<core::Record>& last_recorded(const View& view) {
    return view.record.written ? view.record.written : view.last_written;
}

bool is_out_of_sight(const View& view, const Endpoint& node, TimePoint now) {
    const auto answer = recent_answer(view, node, now);
    return (answer == Probe::Answer::silent || answer == Probe::Answer::refused) &&
           !view.said_to_be_down.contains(node);
}

bool is_behind(const View& view, const Endpoint& sentinel, TimePoint now) {
    const auto sentinels = believed_sentinels(view, now);
    const auto majority = core::majority_of(sentinels);
    const auto found = sentinels.opinions.find(sentinel);
    if (!majority || found == sentinels.opinions.end()) return false;
    const Opinion& opinion = found->second;
    if (!opinion.answered || opinion.master == majority) return false;
    return opinion.config_epoch < newest_epoch_for(sentinels, *majority);
}

std::set<Endpoint> named_nodes(const View& view) {
    std::set<Endpoint> all;
    if (view.record.named) all.insert(*view.record.named);
    if (const auto& last = last_recorded(view)) all.insert(last->master);
    for (const auto& [sentinel, known] : view.sentinels)
        if (known.opinion.answered && known.opinion.master) all.insert(*known.opinion.master);
    return all;
}

std::set<Endpoint> nodes_of_interest(const View& view) {
    std::set<Endpoint> all = named_nodes(view);
    for (const auto& [id, member] : view.members) all.insert(member.address);
    for (const auto& [node, probe] : view.probes) {
        const bool is_recorded_process =
            view.record.written && probe.run_id == view.record.written->run_id;
        const bool is_ours = belongs_to_us(view, node) || is_recorded_process;
        if (probe.answer == Probe::Answer::master && is_ours) all.insert(node);
    }
    return all;
}

Probe::Answer recent_answer(const View& view, const Endpoint& node, TimePoint now) {
    return core::recent_answer(view.probes, node, pace_of(view, now), now);
}

std::optional<core::Role> answered_role(const View& view, const Endpoint& node, TimePoint now) {
    switch (recent_answer(view, node, now)) {
        case Probe::Answer::loading: return core::Role::loading;
        case Probe::Answer::replica:
            return view.probes.at(node).following ? core::Role::replica : core::Role::parked;
        case Probe::Answer::master: return core::Role::master;
        case Probe::Answer::none:
        case Probe::Answer::silent:
        case Probe::Answer::dead:
        case Probe::Answer::refused: break;
    }
    return std::nullopt;
}

bool belongs_to_us(const View& view, const Endpoint& node) {
    const auto answer = view.probes.find(node);
    if (answer == view.probes.end()) return false;
    const auto entry = view.last_entries.find(node);
    const std::string& process = answer->second.run_id;
    const bool is_registered =
        entry != view.last_entries.end() && !process.empty() && entry->second.run_id == process;
    return answer->second.same_cluster || is_registered;
}

bool is_verified(const View& view, const Endpoint& node, TimePoint now) {
    return recent_answer(view, node, now) == Probe::Answer::master && belongs_to_us(view, node);
}

bool is_recorded(const View& view, const Endpoint& node) {
    const auto& record = view.record;
    if (record.named != node || !record.written || record.written->master != node) return false;
    const auto answer = view.probes.find(node);
    const bool is_master =
        answer != view.probes.end() && answer->second.answer == Probe::Answer::master;
    return !is_master || answer->second.run_id == record.written->run_id;
}

bool is_alarmed(const View& view, TimePoint now) {
    if (view.alarmed_until && now < *view.alarmed_until) return true;
    return core::is_failing_over(believed(view, uneasy_pace.believe, now), now);
}

bool is_calm(const View& view, TimePoint now) {
    const auto master = view.record.master();
    if (!master || !is_recorded(view, *master)) return false;
    const auto answer = core::recent_answer(view.probes, *master, calm_pace, now);
    if (answer != Probe::Answer::master || !belongs_to_us(view, *master)) return false;
    return std::ranges::all_of(view.sentinels, [&](const auto& it) {
        const Opinion& opinion = it.second.opinion;
        if (!counts(view, it.second, calm_pace.believe, now)) return false;
        const bool objects =
            opinion.master != master || !opinion.master_is_up || opinion.failover_in_progress;
        return !opinion.answered || !objects;
    });
}

core::Pace pace_of(const View& view, TimePoint now) {
    if (is_alarmed(view, now)) return alarmed_pace;
    return is_calm(view, now) ? calm_pace : uneasy_pace;
}

namespace {

// Whether a node is a replica yet may have changed since it was asked; a new master is asked again
// soon.
bool contradicts(const core::Member& entry, std::optional<core::Role> answered) {
    return answered && (entry.role == core::Role::master) != (*answered == core::Role::master);
}

}  // namespace

std::vector<std::string> disagreements(const View& view, TimePoint now) {
    std::vector<std::string> all;
    const auto& record = view.record;
    if (record.unreadable) all.emplace_back("the record cannot be read");
    if (record.named && record.written && record.named != record.written->master)
        all.push_back("the record names " + spoken(*record.named) +
                      ", and its term was written for " + spoken(record.written->master));
    const auto master = record.master();
    if (!master) all.emplace_back("the record names nobody");
    for (const auto& [sentinel, opinion] : believed_sentinels(view, now).opinions) {
        const std::string name = "sentinel " + spoken(sentinel);
        if (!opinion.answered)
            all.push_back(name + (opinion.dead ? " is registered and dead" : " does not answer"));
        else if (!opinion.master)
            all.push_back(name + " knows no master named " + view.self.master_name);
        else if (master && opinion.master != master)
            all.push_back(name + " names " + spoken(*opinion.master) + ", the record " +
                          spoken(*master));
        else if (!opinion.master_is_up)
            all.push_back(name + " says that " + spoken(*opinion.master) + " is down");
    }
    if (master && recent_answer(view, *master, now) != Probe::Answer::master)
        all.push_back("the recorded master, " + spoken(*master) + ", does not answer as a master");
    for (const auto& [node, probe] : view.probes)
        if (recent_answer(view, node, now) == Probe::Answer::refused)
            all.push_back(spoken(node) + ' ' + core::description(Probe::Answer::refused));
    for (const auto& [node, probe] : view.probes)
        if (node != master && is_verified(view, node, now))
            all.push_back(spoken(node) + " says that it is master, too");
    for (const auto& [id, member] : view.members)
        if (contradicts(member, answered_role(view, member.address, now)))
            all.push_back(spoken(member.address) + ' ' +
                          core::description(recent_answer(view, member.address, now)) +
                          ", and its entry in ZooKeeper says " + core::name_of(member.role));
    return all;
}

}  // namespace redis_zk::watcher
