#include "common/core/opinion.h"

#include <algorithm>

namespace redis_zk::core {

bool are_outdated(const Sentinels& sentinels) { return sentinels.as_of < sentinels.outdated_at; }

std::optional<Endpoint> majority_of(const Sentinels& sentinels) {
    if (are_outdated(sentinels)) return std::nullopt;
    std::map<Endpoint, std::size_t> votes;
    for (const auto& [sentinel, opinion] : sentinels.opinions)
        if (opinion.answered && opinion.master) ++votes[*opinion.master];
    for (const auto& [master, count] : votes)
        if (2 * count > sentinels.opinions.size()) return master;
    return std::nullopt;
}

bool is_majority_heard(const Sentinels& sentinels) {
    if (sentinels.opinions.empty()) return true;
    const auto heard = std::ranges::count_if(
        sentinels.opinions, [](const auto& it) { return it.second.answered || it.second.dead; });
    return !are_outdated(sentinels) &&
           2 * static_cast<std::size_t>(heard) > sentinels.opinions.size();
}

TimePoint end_of_fail_over(const Opinion& opinion) {
    if (!opinion.fail_over) return TimePoint::max();
    return opinion.fail_over->since + opinion.time_to_fail_over;
}

bool is_failing_over(const Opinion& opinion, TimePoint now) {
    return opinion.answered && opinion.failover_in_progress && now < end_of_fail_over(opinion);
}

bool may_be_failing_over(const Opinion& opinion, TimePoint now) {
    const bool is_silent = !opinion.answered && !opinion.dead && opinion.fail_over;
    return is_failing_over(opinion, now) || (is_silent && now < end_of_fail_over(opinion));
}

bool is_failing_over(const Sentinels& sentinels, TimePoint now) {
    return std::ranges::any_of(sentinels.opinions,
                               [now](const auto& it) { return is_failing_over(it.second, now); });
}

bool does_majority_reach(const Sentinels& sentinels, const Endpoint& master) {
    // The leader of a fail-over names one and looks after another.
    const auto up = std::ranges::count_if(sentinels.opinions, [&](const auto& it) {
        const Opinion& opinion = it.second;
        return opinion.answered && opinion.master == master && opinion.watched == master &&
               opinion.master_is_up;
    });
    return 2 * static_cast<std::size_t>(up) > sentinels.opinions.size();
}

bool has_promoted(const Opinion& leader, const Endpoint& node, TimePoint asked_since,
                  TimePoint now) {
    return is_failing_over(leader, now) && leader.promoted == node &&
           leader.asked_at >= asked_since;
}

bool has_promoted(const Sentinels& sentinels, const Endpoint& node, TimePoint asked_since,
                  TimePoint now) {
    return std::ranges::any_of(sentinels.opinions, [&](const auto& it) {
        return has_promoted(it.second, node, asked_since, now);
    });
}

std::uint64_t largest_config_epoch(const Sentinels& sentinels) {
    std::uint64_t largest = 0;
    for (const auto& [sentinel, opinion] : sentinels.opinions)
        if (opinion.answered && opinion.master) largest = std::max(largest, opinion.config_epoch);
    return largest;
}

std::uint64_t epoch_of(const Sentinels& sentinels, const Endpoint& master) {
    std::uint64_t epoch = 0;
    for (const auto& [sentinel, opinion] : sentinels.opinions) {
        if (!opinion.answered) continue;
        if (opinion.master == master) epoch = std::max(epoch, opinion.config_epoch);
        const bool has_voted = !opinion.id.empty() && opinion.voted_for == opinion.id;
        if (opinion.failover_in_progress && opinion.promoted == master && has_voted)
            epoch = std::max(epoch, opinion.last_vote);
    }
    return epoch;
}

bool is_newest_choice(const Sentinels& sentinels, const Endpoint& master) {
    std::uint64_t for_this = 0;
    std::uint64_t for_others = 0;
    for (const auto& [sentinel, opinion] : sentinels.opinions) {
        if (!opinion.answered || !opinion.master) continue;
        auto& newest = *opinion.master == master ? for_this : for_others;
        newest = std::max(newest, opinion.config_epoch);
    }
    return for_this > for_others;
}

void observe_registered(Sentinels& sentinels, const std::vector<Endpoint>& registered) {
    std::map<Endpoint, Opinion> opinions;
    for (const Endpoint& sentinel : registered) {
        const auto known = sentinels.opinions.find(sentinel);
        const bool is_new = known == sentinels.opinions.end();
        opinions[sentinel] = is_new ? Opinion{} : known->second;
        if (is_new) sentinels.asked_at = {};
    }
    sentinels.opinions = std::move(opinions);
    sentinels.known = true;
}

void observe_fail_over(std::optional<FailOver>& known, std::optional<FailOver> seen) {
    const bool is_same = known && seen && known->watched == seen->watched &&
                         known->config_epoch == seen->config_epoch;
    if (!is_same) known = std::move(seen);
}

void observe_opinion(Opinion& known, const Opinion& answer, TimePoint now) {
    std::optional<FailOver> fail_over = std::move(known.fail_over);
    const Opinion before = known;
    known = answer;
    if (!answer.answered) known.time_to_fail_over = before.time_to_fail_over;
    if (!answer.answered) known.down_after = before.down_after;
    if (!answer.answered) known.usable_sentinels = before.usable_sentinels;
    known.contact_asked_at = before.contact_asked_at;
    known.contact_at = before.contact_at;
    const bool is_over = answer.dead || (answer.answered && !answer.failover_in_progress);
    if (is_over)
        fail_over.reset();
    else if (answer.answered)
        observe_fail_over(fail_over, FailOver{answer.watched, answer.config_epoch, now});
    known.fail_over = std::move(fail_over);
}

void observe_standstill(Sentinels& sentinels, TimePoint now) {
    sentinels.outdated_at = now;
    for (auto& [sentinel, opinion] : sentinels.opinions) opinion.fail_over.reset();
}

void observe_question(Sentinels& sentinels, TimePoint now, milliseconds time_to_answer) {
    sentinels.question_asked_at = now;
    sentinels.asked_until = now + time_to_answer;
}

void observe_opinions(Sentinels& sentinels, const std::map<Endpoint, Opinion>& opinions,
                      TimePoint now) {
    for (const auto& [sentinel, opinion] : opinions)
        if (sentinels.opinions.contains(sentinel))
            observe_opinion(sentinels.opinions[sentinel], opinion, now);
    sentinels.asked_at = now;
    sentinels.as_of = sentinels.question_asked_at;
    sentinels.asked_until.reset();
    if (is_majority_heard(sentinels)) sentinels.heard_at = now;
}

void observe_term(Sentinels& sentinels, std::uint64_t term, TimePoint now) {
    if (sentinels.last_term && sentinels.last_term != term) sentinels.outdated_at = now;
    sentinels.last_term = term;
}

}  // namespace redis_zk::core
