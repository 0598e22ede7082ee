#include "redis-wrapper/core/decide.h"

#include <algorithm>

#include "redis-wrapper/core/election.h"
#include "redis-wrapper/core/find_master.h"

namespace redis_zk::redis_wrapper {

using namespace std::chrono_literals;
using core::Role;
using core::spoken;

namespace {

using Actions = std::vector<Action>;

Actions& operator+=(Actions& all, Actions more) {
    all.insert(all.end(), more.begin(), more.end());
    return all;
}

// Asked to stop. Redis stops as its own configuration says, and whoever asks twice is in a hurry.
// The place where a master will hand over to its best replica is before ShutDown.
Actions leave(const View& view, TimePoint now) {
    if (view.redis.role == Role::stopped) return {Exit{}};
    if (!view.shutdown_sent) return {ShutDown{"this node was asked to stop"}};
    if (view.stop_requests > 1) return {Kill{"this node was asked to stop a second time"}};
    if (now >= *view.stop_requested_at + view.stop_timeout)
        return {Kill{"it did not stop in time"}};
    return {Wait{"redis is stopping", {}}};
}

std::optional<std::string> uninformed(const View& view) {
    if (!view.zookeeper_connected && !view.record.known) return "ZooKeeper has not answered yet";
    if (!view.record.known || !view.members_known || !view.sentinels.known)
        return "reading the record, the members and the sentinels from ZooKeeper";
    if (!view.zookeeper_connected)
        return "ZooKeeper is unreachable; redis keeps its role (" +
               std::string{name_of(view.redis.role)} + ')';
    return std::nullopt;
}

// A record that is newer than all that this node has been told of: others may take writes by now.
bool is_replaced(const View& view) {
    return view.redis.role == Role::master && view.record.written && !is_recorded(view) &&
           majority_of_sentinels(view) != view.self.address && view.redis.lineage &&
           view.record.term() > view.redis.lineage->term;
}

Close close_the_replaced(const View& view) {
    return {"the record names another master in the larger term " +
            std::to_string(view.record.term())};
}

// A wrong configuration that shows only at run time ends a node that serves nobody yet. One that
// serves goes on: its data are worth more than the order in ZooKeeper.
Actions refuse(const View& view, std::string reason) {
    if (view.redis.role == Role::master || view.redis.role == Role::replica)
        return {Wait{"this node keeps its role and takes no other, because " + reason, {}}};
    return {Refuse{std::move(reason)}};
}

// Redis does not answer. Whoever was made master meanwhile must not hear from it again.
Actions endure_silence(const View& view) {
    const bool another_is_recorded = view.record.named && view.record.named != view.self.address;
    if (view.redis.role == Role::master && another_is_recorded)
        return {Kill{"it does not answer, and the record names another master"}};
    return {Wait{"redis does not answer", {}}};
}

// Another living process must not hold our address or our identity. A leftover of our own former
// life, whose session has not expired yet, does not answer and does not count.
Actions join(const View& view, TimePoint now) {
    for (const auto& [id, member] : view.members) {
        const bool same_id = id == view.self.id;
        const bool same_address = member.address == view.self.address;
        if (same_id == same_address) continue;
        if (is_question_due(view, member.address, now)) return {AskNode{member.address}};
        const auto answer = recent_answer(view, member.address, now);
        if (answer == Probe::Answer::none)
            return {Wait{"asking " + spoken(member.address) + " whether it is somebody else", {}}};
        const bool is_alive = answer != Probe::Answer::silent && answer != Probe::Answer::dead;
        if (!is_alive || view.probes.at(member.address).run_id == view.redis.run_id) continue;
        if (same_address)
            return refuse(view, "another member, " + id + ", announces " + spoken(member.address) +
                                    " and answers there; announce another address");
        return refuse(view, "a living node at " + spoken(member.address) + " has the identity " +
                                id +
                                " of this data directory; was the directory copied? Remove "
                                "its state file to give the copy an identity of its own");
    }
    if (InFlight::busy(view.in_flight.registration, now))
        return {Wait{"registering in ZooKeeper", {}}};
    return {Register{}};
}

Publish publication(const View& view, std::string reason) {
    if (view.record.unreadable) reason += "; it replaces a record that could not be read";
    return {{next_term(view), view.self.address, cluster_of(view), view.self.id, view.redis.run_id,
             view.redis.replication_id, view.self.name, std::move(reason)}};
}

Actions let_go_of_lock(const View& view, const char* reason) {
    if (view.lock == Lock::none) return {};
    return {ReleaseLock{reason}};
}

// A recorded master keeps the list of those that have its data, for an election after its death.
Actions keep_roster(const View& view, TimePoint now) {
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
    if (same || InFlight::busy(view.in_flight.roster, now)) return {};
    return {WriteRoster{roster}};
}

bool is_failing_over(const View& view) {
    return std::ranges::any_of(view.sentinels.opinions, [](const auto& it) {
        return it.second.answered && it.second.failover_in_progress;
    });
}

// Another node is a verified master too. Only one of us may stay it.
Actions meet_rival(const View& view, const Finding& finding) {
    const std::string rival = spoken(*finding.master);
    // The sentinels chose another, and the record is about to follow. Whatever is written here now
    // would be lost.
    if (is_recorded(view) && view.redis.open)
        return {Close{"the majority of the sentinels names " + rival + ", and it is master"}};
    if (is_recorded(view))
        return {Wait{"the record shall name " + rival + " before we follow it", {}}};
    // A sentinel names its choice only when it has seen the promotion. To follow the rival before
    // that would undo its fail-over.
    if (is_failing_over(view)) {
        const std::string reason =
            "a sentinel is failing over, perhaps to this node, and " + rival + " is still master";
        if (view.redis.open) return {Close{reason}};
        return {Wait{reason, {}}};
    }
    return {Follow{*finding.master, "it is master and " + finding.why}};
}

// Why this node is the one, for the log and for the record; with what was missing, if waiting for
// it was in vain.
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

// Master by our own doing, under the lock, or by somebody's who does not write the record.
Actions become_recorded(const View& view, const Finding& finding, TimePoint now) {
    if (majority_of_sentinels(view) == view.self.address)
        return {publication(view, "the majority of the sentinels names it")};
    switch (view.lock) {
        case Lock::none: return {TakeLock{"this node is master and the record does not say so"}};
        case Lock::requested: return {Wait{"whoever holds the lock decides first", {}}};
        case Lock::held: break;
    }
    if (view.redis.open) return {publication(view, "it is master, and nobody else is")};
    if (const auto objection = reason_not_to_lead(view, finding, now))
        return {Park{objection->reason}};
    return {publication(view, why_to_lead(view))};
}

Actions be_master(const View& view, const Finding& finding, TimePoint now) {
    const bool named_by_sentinels = majority_of_sentinels(view) == view.self.address;

    // Safety first: stop taking writes before wondering who should.
    if (finding.master && *finding.master != view.self.address && !named_by_sentinels)
        return meet_rival(view, finding);
    if (view.redis.open && is_replaced(view)) return {close_the_replaced(view)};

    if (is_recorded(view)) {
        if (!view.redis.open) return {Open{"the record names this node"}};
        Actions all = let_go_of_lock(view, "the record is written");
        return all += keep_roster(view, now);
    }
    // Its two nodes in ZooKeeper arrive here one after the other: half of a record proves nothing.
    if (InFlight::busy(view.in_flight.publication, now))
        return {Wait{"the record is being written", {}}};
    if (lacks_data(view) && !view.redis.open)
        return {Park{"the data of this node do not continue the cluster's"}};
    if (finding.still_looking) return {Wait{"looking whether somebody else is master", {}}};
    return become_recorded(view, finding, now);
}

// The sentinels still name this restarted node, but another one has fresher data: they have to
// make that one master, or we would throw its writes away.
Actions let_the_fresher_lead(const View& view, const core::Member& fresher, TimePoint now) {
    if (InFlight::busy(view.in_flight.failover_request, now)) return {};
    for (const auto& [sentinel, opinion] : view.sentinels.opinions)
        if (opinion.answered && opinion.can_act && !opinion.failover_in_progress)
            return {RequestFailover{sentinel, spoken(fresher.address) + " has fresher data (" +
                                                  spoken(fresher.lineage) + "; here " +
                                                  spoken(view.redis.lineage) + ')'}};
    return {};
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
    if (is_fresher && majority_of_sentinels(view) == view.self.address) {
        Actions request = let_the_fresher_lead(view, *best, now);
        if (!request.empty()) return request;
    }
    // Redis would go on connecting to that address, and copy whoever listens there next. (Sentinels
    // that can promote this node need it as it is.)
    if (view.redis.role == Role::replica && view.sentinels.opinions.empty() &&
        leads_astray(view, now))
        return {Park{"its master at " + spoken(*view.redis.following) +
                     " is gone, and the address may be somebody else's next"}};
    const bool sentinels_may_choose =
        !sign_of_a_master(view, finding, now) && sentinels_can_act(view, now);
    if (is_best && best->lineage && !view.redis.open && sentinels_may_choose)
        return {Open{"its data are the freshest of the living, so the sentinels may choose it"}};

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

Actions be_replica(const View& view, const Finding& finding, TimePoint now) {
    if (!finding.master) {
        if (finding.still_looking) return {Wait{"looking for the master", {}}};
        return lead_or_wait(view, finding, now);
    }
    Actions all = let_go_of_lock(view, "there is a master");
    if (finding.follows_a_rival)
        return all += {Wait{"whoever pointed this node to " + spoken(*view.redis.following) +
                                " may know more; looking again whether " + spoken(*finding.master) +
                                " is still named as master",
                            {}}};
    if (view.redis.following != finding.master)
        return all += {Follow{*finding.master, finding.why}};
    const std::string master = spoken(*finding.master);
    if (!is_in_sync(view)) return all += {Wait{"synchronising with " + master, {}}};
    // Sentinels that still believe in another master would promote this node beside ours.
    const auto by_sentinels = majority_of_sentinels(view);
    const bool may_be_chosen = view.sentinels.opinions.empty() || by_sentinels == finding.master;
    if (!view.redis.open && may_be_chosen)
        return all += {Open{"this node is in sync with " + master}};
    if (may_be_chosen) return all;
    const std::string objection =
        (by_sentinels ? "the sentinels name " + spoken(*by_sentinels) : "the sentinels disagree") +
        ", and must not choose this node while " + master + " is master";
    if (!view.redis.open) return all += {Wait{objection, {}}};
    if (by_sentinels) all += {Close{objection}};
    return all;
}

}  // namespace

std::vector<Action> decide(const View& view, TimePoint now) {
    if (view.stop_requested_at) return leave(view, now);
    if (view.redis.role == Role::stopped) return {Wait{"redis-server is starting", {}}};
    if (const auto reason = uninformed(view)) return {Wait{*reason, {}}};
    const auto cluster = view.record.cluster();
    if (view.redis.hangs) return endure_silence(view);
    if (view.redis.open && is_replaced(view) && !InFlight::busy(view.in_flight.redis_command, now))
        return {close_the_replaced(view)};
    if (!cluster.empty() && !view.self.claimed_cluster.empty() &&
        cluster != view.self.claimed_cluster)
        return refuse(view, "the data directory belongs to the cluster " +
                                view.self.claimed_cluster + ", and ZooKeeper holds the cluster " +
                                cluster +
                                "; give this node another data directory or another ZK_ROOT");
    if (!view.registered) return join(view, now);
    if (view.redis.role == Role::loading)
        return {Wait{"redis is loading",
                     std::to_string(static_cast<int>(view.redis.loading_percent)) + " %, about " +
                         std::to_string(view.redis.loading_seconds_left) + " s left"}};

    const Finding finding = find_master(view, now);
    Actions all;
    for (const Endpoint& node : finding.questions) all.push_back(AskNode{node});
    if (finding.ask_sentinels) all.push_back(AskSentinels{});
    if (InFlight::busy(view.in_flight.redis_command, now)) return all;
    const bool is_master = view.redis.role == Role::master;
    return all += is_master ? be_master(view, finding, now) : be_replica(view, finding, now);
}

TimePoint next_deadline(const View& view, TimePoint now) {
    if (view.stop_requested_at) return now + 100ms;
    return now + (is_settled(view) ? 1000ms : 150ms);
}

}  // namespace redis_zk::redis_wrapper
