#include "redis-wrapper/core/be_master.h"

#include <algorithm>
#include <utility>

#include "redis-wrapper/core/election.h"
#include "redis-wrapper/core/lease.h"
#include "redis-wrapper/core/publication.h"
#include "redis-wrapper/core/quarantine.h"

namespace redis_zk::redis_wrapper {

using namespace std::chrono_literals;
using core::Role;
using core::spoken;

namespace {

// The longest that Sentinel takes to see that a node is master and to tell the other sentinels.
constexpr milliseconds time_to_name_a_master = 10s;

// A record that is newer than all that this node has been told of: others may take writes by now.
// (Of its own record the half with the term may arrive first.)
bool is_replaced(const View& view) {
    return view.redis.role == Role::master && view.record.written &&
           view.record.named == view.record.written->master && !is_recorded(view) &&
           view.record.written->run_id != view.redis.run_id &&
           majority_of_sentinels(view) != view.self.address && view.redis.lineage &&
           view.record.term() > view.redis.lineage->term;
}

}  // namespace

std::optional<Close> close_without_lease(const View& view, TimePoint now) {
    if (view.redis.role != Role::master) return std::nullopt;
    if (view.lease_is_lost)
        return Close{
            "this process stood still, and another node may have been made master meanwhile"};
    const auto reason = view.redis.open ? why_out_of_touch(view, now) : std::nullopt;
    if (reason) return Close{*reason};
    return std::nullopt;
}

std::optional<Close> close_the_replaced(const View& view) {
    if (!view.redis.open || !is_replaced(view)) return std::nullopt;
    return Close{"the record names another master in the larger term " +
                 std::to_string(view.record.term())};
}

std::optional<Kill> kill_the_replaced(const View& view, TimePoint now) {
    const auto close = is_silent(view, now) ? close_the_replaced(view) : std::nullopt;
    if (!close) return std::nullopt;
    return Kill{"it does not answer, and " + close->reason};
}

namespace {

// A recorded master keeps the list of those that have its data, for an election after its death.
Actions keep_roster(const View& view, TimePoint now) {
    // Our replicas' entries say that they hear nobody while our Redis is silent.
    if (is_silent(view, now)) return {};
    core::Roster roster{
        view.record.term(), view.redis.lineage ? view.redis.lineage->offset : 0, {}};
    roster.nodes.push_back(view.self.id);
    for (const auto& [id, member] : view.members) {
        const bool has_our_data = member.role == Role::replica && member.link_up &&
                                  member.following == view.self.address && member.lineage &&
                                  member.lineage->term == view.record.term();
        if (id != view.self.id && has_our_data) roster.nodes.push_back(id);
    }
    std::ranges::sort(roster.nodes);
    const bool same = roster.term == view.roster.term && roster.nodes == view.roster.nodes;
    if (same || core::is_pending(view.in_flight.roster, now)) return {};
    return {WriteRoster{roster}};
}

// Sentinels that promoted this node name it only when they have seen it, up to a second later, and
// until then the old master. To follow that would undo their fail-over.
std::optional<std::string> promoted_by_sentinels(const View& view, TimePoint now) {
    if (view.sentinels.opinions.empty()) return std::nullopt;
    if (core::is_failing_over(view.sentinels, now))
        return "a sentinel is failing over, perhaps to this node";
    if (view.sentinels.as_of < view.redis.became_master_at || core::are_outdated(view.sentinels))
        return "asking the sentinels whether they made this node master";
    if (now >= view.redis.became_master_at + time_to_name_a_master) return std::nullopt;
    if (core::is_newest_choice(view.sentinels, view.self.address))
        return "a sentinel has chosen this node, and the others do not know it yet";
    const bool all_answered = std::ranges::all_of(view.sentinels.opinions, [](const auto& it) {
        return it.second.answered || it.second.dead;
    });
    if (!all_answered) return "a sentinel that does not answer may have made this node master";
    return std::nullopt;
}

// It was made master by a sentinel that leads a fail-over, and by nobody else: the proof that needs
// not wait until that sentinel has seen it.
bool is_chosen_in_a_fail_over(const View& view, TimePoint now) {
    return core::has_promoted(view.sentinels, view.self.address, view.redis.became_master_at, now);
}

// It takes no writes any more, and a sentinel has chosen this node in its place.
bool gives_way(const View& view, const Endpoint& former, TimePoint now) {
    const auto probe = view.probes.find(former);
    return probe != view.probes.end() && probe->second.closed == true &&
           is_chosen_in_a_fail_over(view, now);
}

// Another node is a verified master too. Only one of us may stay it.
Actions meet_rival(const View& view, const Finding& finding, TimePoint now) {
    const std::string rival = spoken(*finding.master);
    Actions all = let_go_of_lock(view, "another node is master");
    // Whatever is written here now would be lost.
    if (view.redis.open) return {Close{rival + " is master, and " + finding.why}};
    if (is_recorded(view) && view.abandoned_since.contains(*finding.master))
        return all += {Wait{rival + " was chosen in place of this node and takes no writes, and "
                                    "its wrapper is gone; waiting for it, or for another choice",
                            {}}};
    if (is_recorded(view))
        return all += {Wait{"the record shall name " + rival + " before we follow it", {}}};
    if (const auto reason = promoted_by_sentinels(view, now))
        return all += {Wait{*reason + ", and " + rival + " is still master", {}}};
    if (core::is_pending(view.in_flight.publication, now))
        return all += {Wait{"the record is being written", {}}};
    if (const auto reason = reason_not_to_follow(view, *finding.master)) return all += {*reason};
    if (keep_what_is_lost(view))
        return all += {Park{rival + " is master, and perhaps without all that was written here"}};
    return all += {Follow{*finding.master, "it is master and " + finding.why}};
}

std::string still_takes_writes(const Endpoint& former) {
    return spoken(former) + " still takes writes, and has to stop first";
}

// Master by our own doing, under the lock, or by somebody's who does not write the record.
Actions become_recorded(const View& view, const Finding& finding, TimePoint now) {
    if (finding.open_former) return {Wait{still_takes_writes(*finding.open_former), {}}};
    // The one that it has chosen writes the record, and would take turns in that with this node.
    if (!view.redis.open && is_being_replaced(view, now))
        return {Wait{"a sentinel is failing over from this node", {}}};
    if (majority_of_sentinels(view) == view.self.address)
        return {publication(view, "the majority of the sentinels names it", now)};
    if (is_chosen_in_a_fail_over(view, now))
        return {publication(view, "a sentinel has chosen it in a fail-over", now)};
    // Under the lock it was our own decision.
    const auto reason = promoted_by_sentinels(view, now);
    if (reason && !view.redis.open && view.lock != Lock::held) return {Wait{*reason, {}}};
    switch (view.lock) {
        case Lock::none: return {TakeLock{"this node is master and the record does not say so"}};
        case Lock::requested: return {Wait{"whoever holds the lock decides first", {}}};
        case Lock::held: break;
    }
    if (view.redis.open) return {publication(view, "it is master, and nobody else is", now)};
    if (const auto objection = reason_not_to_lead(view, finding, now))
        return {Park{objection->reason}};
    return {publication(view, why_to_lead(view), now)};
}

// ZooKeeper has refused the last one.
Actions hold_back_publications(const View& view, Actions actions, TimePoint now) {
    if (!core::is_too_soon(view.in_flight.publications, now)) return actions;
    for (Action& action : actions)
        if (std::holds_alternative<Publish>(action))
            action = Wait{"ZooKeeper has not written the record; another attempt comes soon", {}};
    return actions;
}

// A watcher that has never seen our entry records us without the identity of our data, and an
// election after our death has to know whose data the freshest are.
std::optional<Publish> name_our_data(const View& view, TimePoint now) {
    if (view.record.written->node == view.self.id) return std::nullopt;
    return publication(view, "the record does not say whose data this node has", now);
}

// A recorded master that is closed may have been replaced by the sentinels just now.
std::optional<std::string> reason_to_stay_closed(const View& view, const Finding& finding,
                                                 TimePoint now) {
    const TimePoint heard = std::max(view.sentinels.heard_at, *view.patience_began);
    const bool may_still_be_heard = now < heard + view.self.cold_start_wait;
    if (finding.still_looking || (may_still_be_heard && !core::is_majority_heard(view.sentinels)))
        return "asking the sentinels whether they have another master";
    if (auto reason = why_not_in_touch_yet(view, now)) return reason;
    if (is_being_replaced(view, now)) return "a sentinel is failing over from this node";
    // It has followed another one meanwhile, which may be opened by its wrapper in this instant.
    if (finding.former_is_unknown) return "looking whether somebody else is master";
    if (finding.open_former) return still_takes_writes(*finding.open_former);
    if (finding.named_otherwise)
        return spoken(*finding.named_otherwise) + " is or was named as master, and may be it";
    return std::nullopt;
}

}  // namespace

Actions be_master(const View& view, const Finding& finding, TimePoint now) {
    const bool named_by_sentinels = majority_of_sentinels(view) == view.self.address;

    // Safety first: stop taking writes before wondering who should.
    const bool has_rival = finding.master && *finding.master != view.self.address &&
                           !gives_way(view, *finding.master, now);
    if (has_rival && !named_by_sentinels) return meet_rival(view, finding, now);
    if (const auto close = close_the_replaced(view)) return {*close};

    if (is_recorded(view)) {
        const auto reason = reason_to_stay_closed(view, finding, now);
        if (!view.redis.open && reason) return {Wait{*reason, {}}};
        if (!view.redis.open) return {Open{"the record names this node"}};
        if (is_being_replaced(view, now))
            return {
                Close{"a sentinel is failing over from this node, and what is written from now "
                      "on would be lost"}};
        Actions all = let_go_of_lock(view, "the record is written");
        if (core::is_pending(view.in_flight.publication, now)) return all;
        const bool may_publish = !core::is_too_soon(view.in_flight.publications, now);
        if (auto publish = name_our_data(view, now); publish && may_publish)
            return all += {std::move(*publish)};
        return all += keep_roster(view, now);
    }
    // Its two nodes in ZooKeeper arrive here one after the other: half of a record proves nothing.
    if (core::is_pending(view.in_flight.publication, now))
        return {Wait{"the record is being written", {}}};
    const auto& record = view.record.written;
    const bool is_half_recorded = record && record->run_id == view.redis.run_id;
    if (lacks_data(view) && !view.redis.open && !is_half_recorded)
        return {Park{"the data of this node do not continue the cluster's"}};
    if (finding.still_looking || finding.former_is_unknown)
        return {Wait{"looking whether somebody else is master", {}}};
    if (const auto newer = whose_data_are_newer(view, now); newer && !view.redis.open)
        return {Park{spoken(newer->address) + " has newer data (" + spoken(newer->lineage) +
                     "; here " + spoken(view.redis.lineage) + ')'}};
    return hold_back_publications(view, become_recorded(view, finding, now), now);
}

}  // namespace redis_zk::redis_wrapper
