#include "redis-wrapper/core/decide.h"

#include <algorithm>

#include "common/core/inquiry.h"
#include "redis-wrapper/core/after_death.h"
#include "redis-wrapper/core/be_master.h"
#include "redis-wrapper/core/be_replica.h"
#include "redis-wrapper/core/election.h"
#include "redis-wrapper/core/find_master.h"
#include "redis-wrapper/core/hand_over.h"
#include "redis-wrapper/core/lease.h"
#include "redis-wrapper/core/quarantine.h"

namespace redis_zk::redis_wrapper {

using namespace std::chrono_literals;
using core::Role;
using core::spoken;

namespace {

// Asked to stop. A master hands over first, whoever asks twice is in a hurry, and redis stops as
// its own configuration says.
Actions leave(const View& view, TimePoint now) {
    if (view.redis.role == Role::stopped) return {Exit{}};
    if (!view.shutdown_sent) {
        if (view.stop_requests == 1)
            if (auto steps = hand_over(view, now)) return *steps;
        Actions all;
        if (view.hand_over && !view.hand_over->is_over)
            all += {EndHandOver{false, "this node was asked to stop a second time"}};
        if (view.redis.role == Role::replica && view.redis.offered)
            all += {Close{"nobody shall choose a node that stops"}};
        return all += {ShutDown{"this node was asked to stop"}};
    }
    if (view.stop_requests > view.stop_requests_until_shutdown)
        return {Kill{"this node was asked to stop a second time"}};
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

Actions questions(const Finding& finding) {
    Actions all;
    for (const Endpoint& node : finding.questions) all.push_back(AskNode{node});
    if (finding.ask_sentinels) all.push_back(AskSentinels{});
    return all;
}

// Who can do nothing with the lock must not keep it from the others.
Actions let_go_and(const View& view, Wait wait) {
    Actions all = let_go_of_lock(view, "this node cannot decide now");
    all.emplace_back(std::move(wait));
    return all;
}

// A wrong configuration that shows only at run time ends a node that serves nobody yet. One that
// serves goes on: its data are worth more than the order in ZooKeeper.
Actions refuse(const View& view, std::string reason) {
    if (view.redis.role == Role::master || view.redis.role == Role::replica)
        return let_go_and(
            view, Wait{"this node keeps its role and takes no other, because " + reason, {}});
    return {Refuse{std::move(reason)}};
}

// Redis does not answer. Whoever is made master must never hear from it again, so a master is ended
// before others are told that it is none any more; but only if one of them has its data.
Actions endure_silence(const View& view) {
    if (view.redis.role != Role::master) return let_go_and(view, Wait{"redis does not answer", {}});
    if (view.record.named && view.record.named != view.self.address)
        return {Kill{"it does not answer, and the record names another master"}};
    if (const auto heir = member_with_our_data(view))
        return {Kill{"it does not answer, and " + spoken(heir->address) + " can take over"}};
    if (!view.redis.open && !is_recorded(view))
        return {Kill{"it does not answer, has taken no write, and keeps others from deciding"}};
    return let_go_and(view, Wait{"redis does not answer, and no other node has its data", {}});
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
        const std::string process = is_alive ? view.probes.at(member.address).run_id : "";
        if (!is_alive || process == view.redis.run_id) continue;
        // Not the one that registered: the address has been given to somebody else.
        if (same_id && process != member.run_id) continue;
        if (same_address)
            return refuse(view, "another member, " + id + ", announces " + spoken(member.address) +
                                    " and answers there; announce another address");
        return refuse(view, "a living node at " + spoken(member.address) + " has the identity " +
                                id +
                                " of this data directory; was the directory copied? Remove "
                                "its state file to give the copy an identity of its own");
    }
    if (core::is_pending(view.in_flight.registration, now))
        return {Wait{"registering in ZooKeeper", {}}};
    return {Register{}};
}

// The sentinels have pointed this former master to the one that they have chosen since the record,
// and which its wrapper has opened. (Sentinels that go on naming an older one have chosen nothing.)
bool was_replaced(const View& view, const Finding& finding) {
    if (view.redis.role != Role::replica || !view.redis.copies_nobody) return false;
    if (!finding.named_by_sentinels || finding.master != view.redis.following) return false;
    return core::is_newest_choice(view.sentinels, *finding.master) &&
           core::largest_config_epoch(view.sentinels) > view.record.config_epoch() &&
           view.probes.at(*finding.master).closed == false;
}

// ZooKeeper cannot be asked, so nothing is decided here. But what the majority of the sentinels has
// decided holds, and a service must not stop because ZooKeeper did.
Actions obey_the_sentinels(const View& view, const std::string& reason, TimePoint now) {
    if (!view.record.known || !view.sentinels.known) return {Wait{reason, {}}};
    const Finding finding = find_master(view, now);
    Actions all = questions(finding);
    const bool is_master = view.redis.role == Role::master;
    const bool another_is_named = finding.named_by_sentinels && finding.master != view.self.address;
    if (is_master && another_is_named && is_silent(view, now))
        return all += {Kill{"it does not answer, and the sentinels have another master"}};
    if (view.redis.hangs) return all += {Wait{reason, {}}};
    if (core::is_pending(view.in_flight.redis_command, now)) return all;
    if (view.redis.open && (!is_master || another_is_named))
        return all += {Close{"the sentinels have another master"}};
    if (was_replaced(view, finding)) {
        if (auto steps = keep_what_is_lost(view)) return all += std::move(*steps);
        return all += {Follow{*finding.master, "the sentinels have chosen it since the record"}};
    }
    const auto& record = view.record.written;
    const bool is_known = record && view.record.named == record->master;
    // Sentinels that go on naming the recorded master have not heard of whom the nodes elected
    // since.
    const bool is_chosen = is_known && is_master && record->master != view.self.address &&
                           majority_of_sentinels(view) == view.self.address &&
                           !finding.still_looking && !finding.former_is_unknown &&
                           !finding.open_former && !is_being_replaced(view, now) &&
                           !is_behind_the_record(view);
    if (is_chosen && !view.redis.open && !why_not_in_touch_yet(view, now))
        return all += {Open{"the majority of the sentinels names this node; the record follows "
                            "when ZooKeeper is back"}};
    return all += {Wait{reason, {}}};
}

Actions keep_in_touch(const View& view, TimePoint now) {
    Actions all;
    for (const Endpoint& sentinel : contacts_due(view, now)) all.push_back(KeepInTouch{sentinel});
    return all;
}

Actions decide_the_rest(const View& view, TimePoint now) {
    const auto fence = close_without_lease(view, now);
    Actions first;
    if (fence && !core::is_pending(view.in_flight.redis_command, now)) first = {*fence};
    if (view.death) return after_death(view, now);
    // Redis takes writes while it waits for its replicas and saves.
    if (view.stop_requested_at) return first += leave(view, now);
    if (view.redis.role == Role::stopped) return {Wait{"redis-server is starting", {}}};
    if (!first.empty()) return first;
    if (auto steps = hand_over(view, now)) return *steps;
    if (const auto reason = uninformed(view)) return obey_the_sentinels(view, *reason, now);
    const auto cluster = view.record.cluster();
    if (const auto kill = kill_the_replaced(view, now)) return {*kill};
    if (view.redis.hangs) return endure_silence(view);
    const auto close = close_the_replaced(view);
    if (close && !core::is_pending(view.in_flight.redis_command, now)) return {*close};
    if (!cluster.empty() && !view.self.claimed_cluster.empty() &&
        cluster != view.self.claimed_cluster)
        return refuse(view, "the data directory belongs to the cluster " +
                                view.self.claimed_cluster + ", and ZooKeeper holds the cluster " +
                                cluster +
                                "; give this node another data directory or another ZK_ROOT");
    if (!view.registered) return join(view, now);
    if (view.redis.role == Role::loading)
        return {Wait{"redis is loading", progress_of_loading(view)}};

    const Finding finding = find_master(view, now);
    Actions all = questions(finding);
    if (core::is_pending(view.in_flight.redis_command, now)) return all;
    const bool is_master = view.redis.role == Role::master;
    return all += is_master ? be_master(view, finding, now) : be_replica(view, finding, now);
}

}  // namespace

Actions decide(const View& view, TimePoint now) {
    Actions all = keep_in_touch(view, now);
    return all += decide_the_rest(view, now);
}

TimePoint next_deadline(const View& view, TimePoint now) {
    const bool hurries = view.death || (view.hand_over && !view.hand_over->is_over);
    if (hurries) return now + core::shortest_pace;
    if (is_taking_over(view, now)) return now + core::pace_of_a_succession;
    if (view.stop_requested_at) return now + 100ms;
    TimePoint next = now + (is_settled(view) ? 1000ms : 150ms);
    if (view.redis.role != Role::master) return next;
    // Neither a contact nor the end of the lease waits for another question.
    for (const auto& it : {next_contact(view), lease_ends(view)})
        if (it && *it > now) next = std::min(next, *it);
    return next;
}

}  // namespace redis_zk::redis_wrapper
