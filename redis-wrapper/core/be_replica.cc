#include "redis-wrapper/core/be_replica.h"

#include <algorithm>
#include <utility>

#include "redis-wrapper/core/election.h"
#include "redis-wrapper/core/quarantine.h"
#include "redis-wrapper/core/storm.h"

namespace redis_zk::redis_wrapper {

using namespace std::chrono_literals;
using core::Role;
using core::spoken;

namespace {

// A sentinel asks a replica without a link once a second.
constexpr milliseconds time_to_hear_of_an_offer = 2s;
// A master that is slow to answer makes no offer come and go with each answer.
constexpr milliseconds time_to_stay_offered = 5s;

// Of a sentinel that names the same master as the majority.
Actions request_failover(const View& view, const std::string& reason, TimePoint now) {
    if (core::is_pending(view.in_flight.failover_request, now)) return {};
    for (const auto& [sentinel, opinion] : view.sentinels.opinions)
        if (opinion.answered && opinion.can_act && !opinion.failover_in_progress &&
            opinion.master == majority_of_sentinels(view))
            return {RequestFailover{sentinel, reason}};
    return {};
}

// The sentinels still name this restarted node, but another one has fresher data: they have to
// make that one master, or we would throw its writes away. Or it has the same, and this node steps
// back. Not on the word of its former life, and not while those are missing that may have more: the
// nodes wait for them, and elect then.
Actions let_the_better_lead(const View& view, const core::Member& better, TimePoint now) {
    if (is_question_due(view, better.address, now)) return {AskNode{better.address}};
    const auto answer = recent_answer(view, better.address, now);
    const bool answers = answer == Probe::Answer::replica || answer == Probe::Answer::master;
    if (!answers || view.probes.at(better.address).run_id != better.run_id) return {};
    if (missing_data(view)) return {};
    if (better.lineage == view.redis.lineage)
        return request_failover(view, why_it_steps_back(view), now);
    return request_failover(view,
                            spoken(better.address) + " has fresher data (" +
                                spoken(better.lineage) + "; here " + spoken(view.redis.lineage) +
                                ')',
                            now);
}

Actions let_go_and_wait(const View& view, std::string reason) {
    Actions all = let_go_of_lock(view, "this node cannot decide now");
    return all += {Wait{std::move(reason), {}}};
}

bool may_come_back(const View& view, const Endpoint& master, TimePoint now) {
    return now < view.abandoned_since.at(master) + time_to_come_back;
}

std::string obstacle_to_replace(const View& view, const Endpoint& master, TimePoint now) {
    if (view.self.priority == 0)
        return "; replica-priority 0 keeps this node from taking its place";
    if (steps_back(view)) return "; " + why_it_steps_back(view);
    if (majority_of_sentinels(view) != master)
        return "; no majority of the sentinels names it, so none is asked for another";
    if (may_come_back(view, master, now)) return "; it may come back";
    return {};
}

// Under the lock, so that only one sentinel is asked for it.
Actions ask_for_another_master(const View& view, const std::string& what, TimePoint now) {
    if (core::is_failing_over(view.sentinels, now))
        return {Wait{what + "; a sentinel is failing over", {}}};
    switch (view.lock) {
        case Lock::none: return {TakeLock{what}};
        case Lock::requested: return {Wait{"whoever holds the lock decides first", {}}};
        case Lock::held: break;
    }
    Actions all = request_failover(view, what, now);
    return all += {Wait{what + "; waiting for a sentinel to choose another master", {}}};
}

// The wrapper of our master is gone (frozen, or cut off from ZooKeeper), and nobody else can open
// it. Only the sentinels may replace a master that lives, and this node, in sync with it, is one
// that they may choose.
Actions replace_the_abandoned(const View& view, const Endpoint& master, TimePoint now) {
    const std::string what = spoken(master) + " takes no writes, and its wrapper is gone";
    const std::string obstacle = obstacle_to_replace(view, master, now);
    if (!obstacle.empty()) return let_go_and_wait(view, what + obstacle);
    return ask_for_another_master(view, what, now);
}

// Whoever has its data is in sync with it, or will be, and takes its place with them.
bool does_anybody_get_its_data(const View& view, const Endpoint& master) {
    if (view.redis.following == master && (view.redis.link_up || view.redis.synchronising))
        return true;
    return std::ranges::any_of(view.members, [&](const auto& it) {
        const core::Member& member = it.second;
        return member.id != view.self.id && member.role == Role::replica && member.link_up &&
               member.following == master;
    });
}

// An empty node that somebody has promoted, and its wrapper, which would park it, is gone. It lends
// its data to nobody, so nobody will ever be in sync with it: the node with the freshest data takes
// its place, and no other one is offered to the sentinels. Parked, since they choose no replica
// that has been without its master for too long (ten times down-after); and what was parked copies
// nobody, whatever becomes of the empty one, and also when a sentinel points it there again.
Actions replace_the_empty(const View& view, const Finding& finding, TimePoint now) {
    const Endpoint& master = *finding.master;
    const std::string what = spoken(master) +
                             " takes no writes, its wrapper is gone, and nobody says that it has "
                             "the data of the cluster";
    const std::string obstacle = obstacle_to_replace(view, master, now);
    if (!obstacle.empty()) return let_go_and_wait(view, what + obstacle);
    if (const auto another = sign_of_a_master(view, finding, now))
        return let_go_and_wait(view, what + "; " + another->reason);
    if (const auto better = somebody_better(view)) {
        if (view.redis.offered) return {Close{what + "; " + better->reason}};
        return let_go_and_wait(view, what + "; " + better->reason);
    }
    // Who is restarted at this moment may have more.
    if (now < view.abandoned_since.at(master) + view.self.cold_start_wait)
        if (const auto missing = missing_data(view))
            return let_go_and_wait(view, what + "; " + *missing);
    if (view.redis.role == Role::replica && !view.redis.copies_nobody) return {Park{what}};
    if (!view.redis.offered)
        return {Offer{what + ", and the data of this node are the freshest of the living"}};
    if (now < view.redis.offered_since + time_to_hear_of_an_offer)
        return let_go_and_wait(view, what + "; the sentinels have to hear of this node's offer");
    return ask_for_another_master(view, what, now);
}

bool leads_astray(const View& view, TimePoint now) {
    if (proof_of_the_followed(view) == Proof::stranger) return true;
    return !view.redis.link_up &&
           recent_answer(view, *view.redis.following, now) == Probe::Answer::dead;
}

// There is no master. Shall it be this node?
Actions lead_or_wait(const View& view, const Finding& finding, TimePoint now) {
    const auto best = best_member(view);
    const bool is_best = best && best->id == view.self.id;
    const bool is_fresher = best && best->lineage > view.redis.lineage;
    const bool is_level = best && best->lineage == view.redis.lineage;
    const bool is_better = is_fresher || (is_level && steps_back(view));
    if (is_better && majority_of_sentinels(view) == view.self.address) {
        Actions request = let_the_better_lead(view, *best, now);
        if (!request.empty()) return request;
    }
    // Redis would knock at that address for ever, also when it is somebody else's who turns it
    // away. (Sentinels that can promote this node need it as it is.)
    if (view.redis.role == Role::replica && view.sentinels.opinions.empty() &&
        leads_astray(view, now))
        return {Park{"its master at " + spoken(*view.redis.following) +
                     " is gone, and the address may be somebody else's next"}};
    const bool sentinels_may_choose =
        !sign_of_a_master(view, finding, now) && sentinels_can_act(view, now);
    if (is_best && best->lineage && !view.redis.offered && sentinels_may_choose)
        return {Offer{"its data are the freshest of the living, so the sentinels may choose it"}};
    // Somebody has come since this node was offered, and the sentinels rank by something else.
    if (is_fresher && view.redis.role == Role::parked && view.redis.offered)
        return {
            Close{spoken(best->address) + " has fresher data, so the sentinels shall choose it"}};

    if (auto reason = reason_not_to_lead(view, finding, now)) {
        Actions all = let_go_of_lock(view, "it is not this node's turn");
        if (!finding.tried.empty())
            reason->detail += (reason->detail.empty() ? "" : "; ") + finding.tried;
        return all += {*reason};
    }
    switch (view.lock) {
        case Lock::none:
            return {TakeLock{is_new_cluster(view)
                                 ? "the cluster has never had a master"
                                 : "there is no master, and it is the turn of this node"}};
        case Lock::requested: return {Wait{"whoever holds the lock decides first", {}}};
        case Lock::held: break;
    }
    return {Promote{why_to_lead(view)}};
}

// To the sentinels; of a replica in sync.
Actions offer_or_take_back(const View& view, const Endpoint& master, TimePoint now) {
    if (is_withheld(view)) {
        const bool is_new = now < view.redis.offered_since + time_to_stay_offered;
        if (view.redis.offered && !is_new) return {Close{why_it_steps_back(view)}};
        return {};
    }
    // Sentinels that still believe in another master would promote this node beside ours.
    const auto by_sentinels = named_by_sentinels(view);
    const bool may_be_chosen = view.sentinels.opinions.empty() || by_sentinels == master;
    if (!view.redis.offered && may_be_chosen)
        return {Offer{"this node is in sync with " + spoken(master)}};
    if (may_be_chosen) return {};
    const std::string objection =
        (by_sentinels ? "the sentinels name " + spoken(*by_sentinels) : "the sentinels disagree") +
        ", and must not choose this node while " + spoken(master) + " is master";
    if (!view.redis.offered) return {Wait{objection, {}}};
    if (by_sentinels) return {Close{objection}};
    return {};
}

// Whoever was to be preferred to this node may lack what it has got.
std::optional<Offer> step_forward(const View& view) {
    if (!may_be_ahead(view) || view.redis.offered) return std::nullopt;
    const auto& followed = view.redis.following;
    if (majority_of_sentinels(view) != followed || proof_of_the_followed(view) == Proof::stranger)
        return std::nullopt;
    return Offer{spoken(*followed) +
                 " does not answer, and whether another node has as much as this one is not known"};
}

}  // namespace

Actions be_replica(const View& view, const Finding& finding, TimePoint now) {
    if (view.redis.open)
        return {Close{"it is no master any more, and takes no writes before it is recorded again"}};
    const bool is_there_another = finding.master && finding.master != view.redis.following;
    if (auto offer = step_forward(view); offer && !is_there_another) return {*offer};
    if (!finding.master) {
        if (finding.still_looking) return {Wait{"looking for the master", {}}};
        return lead_or_wait(view, finding, now);
    }
    const bool may_succeed = view.redis.following == finding.master && is_in_sync(view) &&
                             view.redis.lineage && view.redis.offered;
    const bool is_abandoned = view.abandoned_since.contains(*finding.master);
    if (is_abandoned && may_succeed) return replace_the_abandoned(view, *finding.master, now);
    if (is_abandoned && !finding.follows_a_rival && !may_come_back(view, *finding.master, now) &&
        reason_not_to_follow(view, *finding.master) &&
        !does_anybody_get_its_data(view, *finding.master))
        return replace_the_empty(view, finding, now);
    Actions all = let_go_of_lock(view, "there is a master");
    if (finding.follows_a_rival)
        return all += {Wait{"whoever pointed this node to " + spoken(*view.redis.following) +
                                " may know more; looking again whether " + spoken(*finding.master) +
                                " is still named as master",
                            {}}};
    if (view.redis.following != finding.master || view.redis.copies_nobody) {
        if (const auto reason = reason_not_to_follow(view, *finding.master))
            return all += {*reason};
        if (auto steps = keep_what_is_lost(view)) return all += std::move(*steps);
        return all += {Follow{*finding.master, finding.why}};
    }
    const std::string master = spoken(*finding.master);
    if (!is_in_sync(view) && view.redis.link_up && is_abandoned)
        return all += {Wait{master + " takes no writes, and its wrapper is gone; whether its data "
                                     "are the cluster's is not known, so nobody takes its place",
                            {}}};
    if (!is_in_sync(view))
        return all += {Wait{"synchronising with " + master,
                            view.redis.loads ? progress_of_loading(view) : ""}};
    return all += offer_or_take_back(view, *finding.master, now);
}

}  // namespace redis_zk::redis_wrapper
