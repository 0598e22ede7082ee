#include "redis-wrapper/core/find_master.h"

#include <algorithm>
#include <set>

#include "common/core/inquiry.h"
#include "common/core/succession.h"
#include "redis-wrapper/core/election.h"
#include "redis-wrapper/core/storm.h"

namespace redis_zk::redis_wrapper {

using namespace std::chrono_literals;
using core::Role;

namespace {

constexpr core::Pace settled_pace{10s, 25s};
constexpr core::Pace unsettled_pace{300ms, 1500ms};
constexpr core::Pace hurried_pace{core::pace_of_a_succession, 1500ms};

// The shortest in which Sentinel finds a master dead and replaces it: one that was heard later was
// replaced by somebody's wish.
constexpr milliseconds time_to_be_replaced = 1s;

core::Pace pace_of(const View& view, TimePoint now) {
    if (is_taking_over(view, now)) return hurried_pace;
    return is_settled(view) ? settled_pace : unsettled_pace;
}

void look_at_sentinels(const View& view, TimePoint now, Finding& finding) {
    if (view.sentinels.opinions.empty()) return;
    const auto age = now - view.sentinels.asked_at;
    const core::Pace pace = is_settled(view) ? settled_pace : unsettled_pace;
    // Whoever has made this node master knows more than they said before.
    const bool is_since_promotion = view.redis.role != Role::master || view.lock == Lock::held ||
                                    view.sentinels.as_of >= view.redis.became_master_at;
    const bool asked_before = view.sentinels.asked_at != TimePoint{} &&
                              !core::are_outdated(view.sentinels) && is_since_promotion;
    const milliseconds look_again =
        core::is_failing_over(view.sentinels, now) ? unsettled_pace.look_again : milliseconds{2s};
    finding.ask_sentinels = !core::is_pending(view.sentinels.asked_until, now) &&
                            (!asked_before || age >= std::min(pace.look_again, look_again));
    if (!asked_before || age > pace.believe) finding.still_looking = true;
}

void look_at_the_followed(const View& view, TimePoint now, Finding& finding) {
    const auto& followed = view.redis.following;
    if (!finding.master || !followed || followed == finding.master) return;
    const bool is_asked =
        std::ranges::find(finding.questions, *followed) != finding.questions.end();
    if (!is_asked && is_question_due(view, *followed, now)) finding.questions.push_back(*followed);
    const auto answer = recent_answer(view, *followed, now);
    finding.follows_a_rival =
        answer == Probe::Answer::none ||
        (answer == Probe::Answer::master && view.probes.at(*followed).same_cluster);
}

// Who may have been master before this node, or beside it.
std::set<Endpoint> former_masters(const View& view) {
    std::set<Endpoint> all;
    for (const auto& former : {view.record.master(), view.redis.followed_last})
        if (former) all.insert(*former);
    for (const auto& [node, probe] : view.probes)
        if (probe.answer == Probe::Answer::master && probe.same_cluster) all.insert(node);
    all.erase(view.self.address);
    return all;
}

// It took no writes when it was asked, and may have been opened since: the record has got its term
// afterwards.
bool is_of_a_former_term(const View& view, const Endpoint& node, Probe::Answer answer) {
    if (answer != Probe::Answer::master && answer != Probe::Answer::replica) return false;
    return view.probes.at(node).asked_at < view.sentinels.outdated_at;
}

// It was heard so shortly before that it has not died, but was replaced by somebody's wish.
bool was_heard_before_the_promotion(const View& view) {
    return view.redis.former_was_up ||
           view.redis.heard_master_at + time_to_be_replaced > view.redis.became_master_at;
}

// The sentinel that has promoted this node in its place, and most others, say that they have lost
// this master and look after no other: it has closed before they could (lease.h), whether it hears
// anybody or not. So its silence, which takes a second to be noticed, needs not be waited for. One
// that is dead, or has turned to another master meanwhile, may have been in touch with it since.
bool was_lost_before_the_promotion(const View& view, const Endpoint& former, TimePoint now) {
    if (was_heard_before_the_promotion(view)) return false;
    const auto& opinions = view.sentinels.opinions;
    std::size_t all = opinions.size();
    std::size_t lost = 0;
    bool is_chosen = false;
    for (const auto& [sentinel, opinion] : opinions) {
        all = std::max(all, opinion.usable_sentinels);
        if (!opinion.answered || opinion.watched != former || opinion.master_is_up) continue;
        ++lost;
        is_chosen = is_chosen || core::has_promoted(opinion, view.self.address,
                                                    view.redis.became_master_at, now);
    }
    return is_chosen && lost > all / 2;
}

void look_at_the_former(const View& view, TimePoint now, Finding& finding) {
    if (view.redis.role != Role::master || (view.redis.open && is_recorded(view))) return;
    const core::Promotion promotion{view.redis.became_master_at,
                                    was_heard_before_the_promotion(view)};
    for (const Endpoint& former : former_masters(view)) {
        const auto answer = recent_answer(view, former, now);
        const bool is_late = is_of_a_former_term(view, former, answer);
        const bool is_asked =
            std::ranges::find(finding.questions, former) != finding.questions.end() ||
            core::is_being_asked(view.probes, former, now);
        if (!is_asked && (is_late || is_question_due(view, former, now)))
            finding.questions.push_back(former);
        if (answer == Probe::Answer::none && was_lost_before_the_promotion(view, former, now))
            continue;
        if (answer == Probe::Answer::none || is_late)
            finding.former_is_unknown = true;
        else if (core::may_take_writes(view.probes.at(former), view.record, promotion, now))
            finding.open_former = former;
    }
}

// Less than a majority counts here: the others' answers may be older, or lost.
void look_at_the_otherwise_named(const View& view, TimePoint now, Finding& finding) {
    if (view.redis.role != Role::master || view.redis.open) return;
    if (majority_of_sentinels(view) == view.self.address) return;
    for (const auto& [sentinel, opinion] : view.sentinels.opinions) {
        if (!opinion.answered || !opinion.master || opinion.master == view.self.address) continue;
        const Endpoint& named = *opinion.master;
        const bool is_asked =
            std::ranges::find(finding.questions, named) != finding.questions.end();
        if (!is_asked && is_question_due(view, named, now)) finding.questions.push_back(named);
        const auto answer = recent_answer(view, named, now);
        const bool is_silent = answer == Probe::Answer::silent &&
                               now < core::counts_as_silent_since(view.probes.at(named), now) +
                                         view.self.cold_start_wait;
        const bool is_unknown = (answer == Probe::Answer::none || is_silent) &&
                                !was_lost_before_the_promotion(view, named, now);
        const bool is_ours = answer == Probe::Answer::master && view.probes.at(named).same_cluster;
        if (is_unknown || is_ours) finding.named_otherwise = named;
    }
    // Who has named it may be dead by now, and its record on the way to us.
    for (const auto& [node, probe] : view.probes) {
        const bool is_ours = recent_answer(view, node, now) == Probe::Answer::master &&
                             probe.same_cluster && node != view.self.address;
        if (!is_ours) continue;
        finding.named_otherwise = node;
        const bool is_asked = std::ranges::find(finding.questions, node) != finding.questions.end();
        if (!is_asked && is_question_due(view, node, now)) finding.questions.push_back(node);
    }
}

}  // namespace

bool is_being_replaced(const View& view, TimePoint now) {
    return std::ranges::any_of(view.sentinels.opinions, [&](const auto& it) {
        const core::Opinion& opinion = it.second;
        const bool is_remembered = !opinion.answered && opinion.fail_over;
        const auto& watched = is_remembered ? opinion.fail_over->watched : opinion.watched;
        return watched == view.self.address && core::may_be_failing_over(opinion, now);
    });
}

bool is_taking_over(const View& view, TimePoint now) {
    const bool is_closed_master = view.redis.role == Role::master && !view.redis.open;
    return is_closed_master &&
           core::has_promoted(view.sentinels, view.self.address, view.redis.became_master_at, now);
}

bool is_settled(const View& view) {
    if (view.redis.role == Role::master) return view.redis.open && is_recorded(view);
    // A master that has just been started proves what it is some milliseconds later. And one that
    // would step back needs to know soon when its master is silent.
    return view.redis.role == Role::replica && view.redis.link_up && view.redis.offered &&
           !crashes_early(view) && !view.abandoned_since.contains(*view.redis.following) &&
           proof_of_the_followed(view) != Proof::stranger;
}

bool is_question_due(const View& view, const Endpoint& node, TimePoint now) {
    return core::is_question_due(view.probes, node, pace_of(view, now), now);
}

Probe::Answer recent_answer(const View& view, const Endpoint& node, TimePoint now) {
    return core::recent_answer(view.probes, node, pace_of(view, now), now);
}

std::optional<Endpoint> majority_of_sentinels(const View& view) {
    return core::majority_of(view.sentinels);
}

core::Sentinels sentinels_that_count(const View& view) {
    core::Sentinels all = view.sentinels;
    if (is_there_data(view)) return all;
    std::erase_if(all.opinions, [](const auto& it) { return !it.second.answered; });
    return all;
}

std::optional<Endpoint> named_by_sentinels(const View& view) {
    return core::majority_of(sentinels_that_count(view));
}

Finding find_master(const View& view, TimePoint now) {
    Finding finding;
    look_at_sentinels(view, now, finding);

    const auto by_sentinels = named_by_sentinels(view);
    const auto by_record = view.record.master();
    core::Chain chain{
        view.probes, pace_of(view, now), now,
        core::OwnRole{view.self.address, view.redis.role == Role::master, view.redis.following}};
    const auto try_at = [&](const std::optional<Endpoint>& start, const char* why) {
        if (!start || finding.master) return;
        const bool is_unknown =
            *start != view.self.address && recent_answer(view, *start, now) == Probe::Answer::none;
        if (is_unknown && was_lost_before_the_promotion(view, *start, now)) return;
        finding.master = chain.follow(*start);
        if (finding.master) finding.why = why;
    };
    try_at(by_sentinels, "the majority of the sentinels names it");
    try_at(by_record, "the record names it");
    try_at(view.redis.following, "it is the master of this node");
    finding.questions = chain.questions;
    finding.still_looking = finding.still_looking || chain.still_looking;
    finding.tried = chain.tried;
    finding.silent = chain.silent;
    finding.silent_since = chain.silent_since;
    finding.named_by_sentinels = finding.master && finding.master == by_sentinels;
    look_at_the_followed(view, now, finding);
    look_at_the_former(view, now, finding);
    look_at_the_otherwise_named(view, now, finding);
    return finding;
}

}  // namespace redis_zk::redis_wrapper
