#include "redis-wrapper/core/election.h"

#include <algorithm>
#include <set>

#include "common/core/ranking.h"
#include "common/core/succession.h"
#include "redis-wrapper/core/storm.h"

namespace redis_zk::redis_wrapper {

using namespace std::chrono_literals;
using core::Member;
using core::Role;
using core::spoken;

bool is_there_data(const View& view) {
    // A name without a term was written by redis-zk or by a person: it says nothing about data.
    if (view.record.written || view.record.written_version >= 0 || view.redis.lineage) return true;
    return std::ranges::any_of(view.members,
                               [](const auto& it) { return it.second.lineage.has_value(); });
}

namespace {

// All that are registered, ourselves as we are now and not as we last wrote.
std::vector<Member> living(const View& view) {
    std::vector<Member> all{self_as_member(view)};
    for (const auto& [id, member] : view.members)
        if (id != view.self.id) all.push_back(member);
    return all;
}

bool may_lead(const View& view, const Member& member) {
    if (member.priority == 0 || steps_back(view, member)) return false;
    if (member.role != Role::parked && member.role != Role::replica) return false;
    if (member.lineage || !is_there_data(view)) return true;
    return member.id == view.self.id && view.self.accept_data_loss;
}

// Its entry says that the link is up: there may be a master, and what the member has is not known
// before the link is down, for its offset is written only then.
bool hears_from_a_master(const View& view, const Member& member) {
    if (member.role != Role::replica || !member.link_up || !member.following) return false;
    // A link to our former process: what the member has is not known before it has noticed.
    if (*member.following == view.self.address)
        return std::ranges::find(view.redis.replicas, member.address) == view.redis.replicas.end();
    return true;
}

// The process that registered this is gone, and its session is still there.
bool is_of_a_former_life(const View& view, const Member& member, TimePoint now) {
    if (member.address == view.self.address) return true;
    const auto answer = recent_answer(view, member.address, now);
    if (answer == Probe::Answer::dead) return true;
    if (answer == Probe::Answer::none || answer == Probe::Answer::silent) return false;
    return view.probes.at(member.address).run_id != member.run_id;
}

std::string seconds_until(TimePoint then, TimePoint now) {
    const auto left = std::chrono::ceil<std::chrono::seconds>(then - now).count();
    return std::to_string(std::max<std::int64_t>(left, 0)) + " s";
}

// When waiting for nodes that may have fresher data ends.
TimePoint patience_ends(const View& view) {
    if (!view.patience_began) return TimePoint::max();
    const TimePoint seen = view.master_seen_at.value_or(TimePoint::min());
    return std::max(*view.patience_began, seen) + view.self.cold_start_wait;
}

// When sentinels that could have acted have had the time for it.
TimePoint sentinels_patience_ends(const View& view) {
    if (!view.patience_began) return TimePoint::max();
    milliseconds longest{0};
    for (const auto& [sentinel, opinion] : view.sentinels.opinions)
        if (opinion.answered && opinion.can_act) longest = std::max(longest, opinion.time_to_act);
    return std::max(*view.patience_began, view.master_seen_at.value_or(TimePoint::min())) + longest;
}

bool holds_the_recorded_lineage(const View& view, const Member& member) {
    const auto& record = view.record;
    if (!record.written || member.id != record.written->node || !member.lineage) return false;
    if (member.lineage->term != record.term()) return member.lineage->term > record.term();
    return view.roster.term != record.term() || member.lineage->offset >= view.roster.offset;
}

// The other side of its lease (lease.h): it goes on while those that have lost it are no majority.
// Of one that is registered and does not answer us nobody knows.
bool may_be_in_touch(const View& view, const Endpoint& master) {
    const auto& opinions = view.sentinels.opinions;
    const auto lost = std::ranges::count_if(opinions, [&](const auto& it) {
        const Opinion& opinion = it.second;
        const bool reaches_it = opinion.watched == master && opinion.master_is_up;
        return opinion.dead || (opinion.answered && !reaches_it);
    });
    return !opinions.empty() && static_cast<std::size_t>(lost) < opinions.size() / 2 + 1;
}

// One without a wrapper, which nobody has recorded, has no lease either: whether it lives only
// those know who reach it.
std::optional<Endpoint> plain_master_out_of_reach(const View& view, TimePoint now) {
    const auto named = is_there_data(view) ? std::nullopt : named_by_sentinels(view);
    if (!named || named == view.self.address) return std::nullopt;
    const auto answer = recent_answer(view, *named, now);
    const bool is_out_of_reach = answer == Probe::Answer::silent || answer == Probe::Answer::dead ||
                                 answer == Probe::Answer::refused;
    const bool is_reached = core::does_majority_reach(sentinels_that_count(view), *named);
    return is_out_of_reach && is_reached ? named : std::nullopt;
}

// In one term the master has all that its replicas have, and perhaps more: its claim is a lower
// bound. So where claims are level the recorded master resumes, whatever the priorities are.
bool leads_before(const View& view, const Member& one, const Member& other) {
    const auto& record = view.record.written;
    const bool are_level = one.lineage && one.lineage == other.lineage && record &&
                           one.lineage->term == record->term && one.id != other.id;
    if (are_level && one.id == record->node) return true;
    if (are_level && other.id == record->node) return false;
    return core::ranks_before(one, other);
}

}  // namespace

std::optional<Wait> somebody_better(const View& view) {
    const Member self = self_as_member(view);
    for (const Member& member : living(view)) {
        if (member.id == self.id) continue;
        // In a new cluster too: those of a plain server would be replaced by nothing.
        const bool may_bring_data = is_new_cluster(view) && !view.redis.brings_data;
        if (member.role == Role::loading && (member.lineage > self.lineage || may_bring_data))
            return Wait{"member " + spoken(member.address) + " is loading data that may be fresher",
                        spoken(member.lineage)};
        // Where there are no data yet, whoever holds the lock is as good as any other.
        const bool is_better = is_there_data(view) ? leads_before(view, member, self)
                                                   : core::is_strictly_better(member, self);
        if (may_lead(view, member) && is_better)
            return Wait{"member " + spoken(member.address) + " ranks before this node",
                        "there " + spoken(member.lineage) + ", here " + spoken(self.lineage)};
    }
    return std::nullopt;
}

// Signs that a master lives, or that somebody else is about to make one.
std::optional<Wait> sign_of_a_master(const View& view, const Finding& finding, TimePoint now) {
    for (const Member& member : living(view)) {
        if (member.id == view.self.id) continue;
        const std::string name = "member " + spoken(member.address);
        if (member.role == Role::master)
            return is_of_a_former_life(view, member, now)
                       ? Wait{name + " was master in a former life, and its session has not ended",
                              {}}
                       : Wait{name + " says that it is master, and is not published yet", {}};
        if (hears_from_a_master(view, member))
            return Wait{name + " still hears from a master, " + spoken(*member.following), {}};
    }
    if (view.redis.link_up && view.redis.following &&
        recent_answer(view, *view.redis.following, now) == Probe::Answer::master &&
        proof_of_the_followed(view) == Proof::ours)
        return Wait{"the link to " + spoken(*view.redis.following) + ", a master, is up", {}};
    if (const auto plain = plain_master_out_of_reach(view, now))
        return Wait{
            "the sentinels name " + spoken(*plain) + " and reach it, which this node does not", {}};
    if (finding.silent && may_be_in_touch(view, *finding.silent))
        return Wait{spoken(*finding.silent) +
                        " does not answer this node, and may be in touch with so many sentinels "
                        "that it goes on as master",
                    {}};
    if (finding.silent && now < finding.silent_since + view.self.cold_start_wait)
        return Wait{spoken(*finding.silent) + " is named as master and does not answer",
                    "it counts as dead in " +
                        seconds_until(finding.silent_since + view.self.cold_start_wait, now)};
    return std::nullopt;
}

std::optional<Wait> sentinels_can_act(const View& view, TimePoint now) {
    if (is_new_cluster(view)) return std::nullopt;
    // A fail-over that nobody begins is not waited for longer than for missing nodes, and than the
    // sentinels need. One that is under way ends by itself, unless the node that was promoted is
    // gone: then it keeps its sentinel from beginning another, perhaps for ever.
    const TimePoint patience = std::max(patience_ends(view), sentinels_patience_ends(view));
    std::string names;
    TimePoint longest = now;
    for (const auto& [sentinel, opinion] : view.sentinels.opinions) {
        const bool fails_over = opinion.failover_in_progress;
        const TimePoint until = fails_over ? core::end_of_fail_over(opinion) : patience;
        if (!opinion.answered || !(fails_over || opinion.can_act) || now >= until) continue;
        names += (names.empty() ? "" : ", ") + spoken(sentinel);
        longest = std::max(longest, until);
    }
    // The sentinels that still name us as their master will not replace us: nothing is down.
    if (names.empty() || majority_of_sentinels(view) == view.self.address) return std::nullopt;
    return Wait{"the sentinels " + names + " know a living replica and can choose a master",
                "this node will not wait longer than " + seconds_until(longest, now)};
}

std::optional<std::string> missing_data(const View& view) {
    if (view.record.unreadable) return "the record cannot be read, so nodes may be missing";
    if (view.record.is_absent()) return "the record is lost, so nodes may be missing";
    if (!view.record.written) return "the record does not say which data are the freshest";
    const auto present = living(view);
    const std::string recorded = "the recorded master, " + spoken(view.record.written->master);
    for (const Member& member : present) {
        const bool is_loading = member.role == Role::loading;
        if (is_loading && member.id == view.record.written->node) return recorded + ", is loading";
        if (holds_the_recorded_lineage(view, member)) return std::nullopt;
    }
    if (view.roster.term != view.record.term()) return recorded + ", is missing with its data";
    std::size_t missing = 0;
    for (const auto& id : view.roster.nodes)
        missing += std::ranges::none_of(present, [&](const Member& it) { return it.id == id; });
    if (missing == 0) return std::nullopt;
    return recorded + ", is missing with its data: of the nodes that had them, " +
           std::to_string(missing) + " of " + std::to_string(view.roster.nodes.size()) +
           " are missing";
}

bool is_new_cluster(const View& view) { return view.record.is_absent() && !is_there_data(view); }

bool lacks_data(const View& view) {
    return is_there_data(view) && !view.redis.lineage && !view.self.accept_data_loss;
}

bool is_behind_the_record(const View& view) {
    const bool has_joined = view.redis.lineage && view.redis.lineage->term >= view.record.term();
    return !has_joined && !view.self.accept_data_loss;
}

std::optional<Member> whose_data_are_newer(const View& view, TimePoint now) {
    if (!is_behind_the_record(view)) return std::nullopt;
    for (const auto& [id, member] : view.members) {
        const auto answer = recent_answer(view, member.address, now);
        const bool lives = answer == Probe::Answer::master || answer == Probe::Answer::replica;
        if (id != view.self.id && lives && member.priority != 0 && member.lineage &&
            member.lineage->term >= view.record.term())
            return member;
    }
    return std::nullopt;
}

std::uint64_t next_term(const View& view) {
    return core::next_term(view.record, view.roster, living(view));
}

std::optional<Wait> reason_not_to_follow(const View& view, const Endpoint& master) {
    if (!view.redis.lineage) return std::nullopt;
    // The process counts, not the address: it may have been started again since, with other data.
    const auto answer = view.probes.find(master);
    const auto is_it = [&](const Endpoint& address, const std::string& run_id) {
        return address == master && answer != view.probes.end() && answer->second.run_id == run_id;
    };
    const auto& record = view.record.written;
    if (record && is_it(record->master, record->run_id)) return std::nullopt;
    for (const auto& [id, member] : view.members)
        if (is_it(member.address, member.run_id) && member.lineage >= view.redis.lineage)
            return std::nullopt;
    return Wait{spoken(master) +
                    " is master, and neither the record nor its entry says that its data continue "
                    "those of this node",
                "here " + spoken(view.redis.lineage)};
}

std::optional<Member> member_with_our_data(const View& view) {
    for (const auto& [id, member] : view.members)
        if (id != view.self.id && may_lead(view, member) && member.lineage &&
            member.lineage->term == view.record.term())
            return member;
    return std::nullopt;
}

std::optional<Member> best_member(const View& view) {
    std::optional<Member> best;
    for (const Member& member : living(view))
        if (may_lead(view, member) && (!best || leads_before(view, member, *best))) best = member;
    return best;
}

std::optional<Wait> reason_not_to_lead(const View& view, const Finding& finding, TimePoint now) {
    if (auto reason = sign_of_a_master(view, finding, now)) return reason;
    if (auto reason = sentinels_can_act(view, now)) return reason;
    if (view.self.priority == 0)
        return Wait{"replica-priority 0 keeps this node from being master", {}};
    if (steps_back(view)) return Wait{why_it_steps_back(view), {}};
    if (lacks_data(view))
        return Wait{
            "the data of this node do not continue the cluster's, so it must not become "
            "master; start a node that has the data, or permit the loss with "
            "ACCEPT_DATA_LOSS=yes",
            {}};
    if (auto reason = somebody_better(view)) return reason;
    if (is_new_cluster(view) || now >= patience_ends(view)) return std::nullopt;
    if (auto missing = missing_data(view))
        return Wait{*missing, "waiting for fresher data for another " +
                                  seconds_until(patience_ends(view), now)};
    return std::nullopt;
}

std::string why_to_lead(const View& view) {
    if (is_new_cluster(view)) return "the cluster has never had a master";
    std::string reason = "there is no master, and the data of this node are the freshest (" +
                         spoken(view.redis.lineage) + ')';
    if (!view.redis.lineage) reason = "there is no master, and no node has data of a cluster";
    if (!view.redis.lineage && is_there_data(view))
        reason = "there is no master, and an operator permits the loss of the data";
    if (const auto missing = missing_data(view)) reason += "; " + *missing;
    return reason;
}

Actions let_go_of_lock(const View& view, const char* reason) {
    if (view.lock == Lock::none) return {};
    return {ReleaseLock{reason}};
}

}  // namespace redis_zk::redis_wrapper
