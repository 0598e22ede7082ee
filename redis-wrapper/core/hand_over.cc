#include "redis-wrapper/core/hand_over.h"

#include <algorithm>
#include <set>
#include <vector>

#include "common/core/inquiry.h"
#include "redis-wrapper/core/find_master.h"
#include "redis-wrapper/core/lease.h"
#include "redis-wrapper/core/publication.h"
#include "redis-wrapper/core/sentinel_choice.h"
#include "redis-wrapper/core/storm.h"

namespace redis_zk::redis_wrapper {

using namespace std::chrono_literals;
using core::Member;
using core::Role;
using core::spoken;

namespace {

// The wrapper of the successor, or a watcher, needs less to write the record.
constexpr milliseconds time_for_others_to_publish = 100ms;
// At the sentinels, which hear of replicas and priorities with each INFO.
constexpr milliseconds before_another_look = 300ms;
// As for a watcher: who was promoted may follow somebody again, once the sentinels are dead.
constexpr milliseconds freshness_of_a_proof = 500ms;
constexpr milliseconds time_to_hear_the_sentinels = 1s;
// For the steps after the promotion, which cannot be taken back.
constexpr milliseconds time_to_finish = 1s;

// Who may become master: a sentinel chooses by priority, and by offsets that may be ten seconds
// old.
std::vector<Member> heirs(const View& view) {
    std::vector<Member> all;
    for (const auto& [id, member] : view.members)
        if (id != view.self.id && member.role == Role::replica && member.priority != 0 &&
            !steps_back(view, member))
            all.push_back(member);
    return all;
}

bool is_connected(const View& view, const Member& heir) {
    return std::ranges::find(view.redis.replicas, heir.address) != view.redis.replicas.end();
}

std::vector<Endpoint> willing_sentinels(const View& view, TimePoint now) {
    static const std::set<Endpoint> nobody;
    return willing_sentinels(view, view.hand_over ? view.hand_over->refused_by : nobody, now);
}

// Its answer is as new as the pause of the clients.
const Probe* answer_since_pause(const View& view, const Endpoint& node) {
    return core::answer_since(view.probes, node, *view.hand_over->paused_at);
}

Actions ask(const View& view, const Endpoint& node, TimePoint now) {
    if (!core::may_be_asked_again(view.probes, node, now)) return {};
    return {AskNode{node}};
}

// Whomever of those who answer so a sentinel chooses: none of our writes is lost.
bool has_everything(const View& view, const Probe* answer) {
    if (answer == nullptr) return false;
    if (answer->answer == Probe::Answer::dead) return true;
    return answer->answer == Probe::Answer::replica && answer->same_cluster &&
           answer->replication_id == view.redis.replication_id &&
           answer->offset >= view.redis.offset;
}

bool may_be_chosen(const Probe* answer) {
    return answer == nullptr || answer->answer != Probe::Answer::replica || answer->priority != 0;
}

// Whom this sentinel may choose, of those that have not everything, or say themselves that they are
// not to be chosen: as one does that stops, too.
std::set<Endpoint> missing_for(const View& view, const Endpoint& sentinel) {
    std::set<Endpoint> all;
    for (const auto& [node, is_down] : view.sentinels.opinions.at(sentinel).candidates) {
        const Probe* answer = answer_since_pause(view, node);
        const bool is_gone = is_down && answer && answer->answer == Probe::Answer::silent;
        const bool is_unwilling =
            answer && answer->answer == Probe::Answer::replica && answer->priority == 0;
        if (is_unwilling || (!is_gone && !has_everything(view, answer))) all.insert(node);
    }
    return all;
}

bool has_a_choice(const View& view, const Endpoint& sentinel) {
    return std::ranges::any_of(view.sentinels.opinions.at(sentinel).candidates,
                               [](const core::Candidate& it) { return !it.down; });
}

bool is_heard_since_pause(const View& view, const Endpoint& sentinel) {
    return view.sentinels.opinions.at(sentinel).asked_at >= *view.hand_over->paused_at;
}

std::optional<Endpoint> sentinel_that_chooses_well(const View& view, TimePoint now) {
    for (const Endpoint& sentinel : willing_sentinels(view, now))
        if (is_heard_since_pause(view, sentinel) && has_a_choice(view, sentinel) &&
            missing_for(view, sentinel).empty())
            return sentinel;
    return std::nullopt;
}

std::set<Endpoint> missing_heirs(const View& view, TimePoint now) {
    std::set<Endpoint> all;
    for (const Member& heir : heirs(view)) {
        const Probe* answer = answer_since_pause(view, heir.address);
        if (may_be_chosen(answer) && !has_everything(view, answer)) all.insert(heir.address);
    }
    if (!sentinel_that_chooses_well(view, now))
        for (const Endpoint& sentinel : willing_sentinels(view, now))
            if (is_heard_since_pause(view, sentinel)) all.merge(missing_for(view, sentinel));
    return all;
}

// It was a replica that had all, and is master by now. (Others may call themselves master too.)
bool has_taken_over(const HandOver& hand_over, const Probe* answer) {
    return answer != nullptr && answer->answer == Probe::Answer::master && answer->same_cluster &&
           answer->former_replication_id == hand_over.replication_id &&
           answer->former_offset >= hand_over.offset;
}

std::optional<Endpoint> successor(const View& view) {
    for (const auto& [id, member] : view.members)
        if (id != view.self.id &&
            has_taken_over(*view.hand_over, answer_since_pause(view, member.address)))
            return member.address;
    return std::nullopt;
}

// A pause keeps the sentinels' hello away too, and with it their PING: not for so long that they
// take this master for dead, and begin a fail-over of their own.
std::optional<TimePoint> end_of_the_pause(const View& view) {
    const auto down_after = shortest_down_after(view);
    const auto& paused_at = view.hand_over->paused_at;
    if (!down_after || !paused_at) return std::nullopt;
    return *paused_at + *down_after / 2;
}

// Its clients wait: until each heir has all that it has, and this node takes no write any more.
std::optional<Actions> let_the_heirs_catch_up(const View& view, TimePoint now) {
    const HandOver& it = *view.hand_over;
    if (!it.paused_at) {
        const auto left = it.asked_at + view.hand_over_timeout + time_to_finish - now;
        return Actions{Pause{std::chrono::duration_cast<milliseconds>(left),
                             "a replica shall get all that this master has, and take its place"}};
    }
    if (view.redis.looked_at <= *it.paused_at) return Actions{Wait{"its clients wait", {}}};
    Actions all;
    const TimePoint since = std::max(*it.paused_at, now - before_another_look);
    const bool is_choice_good = sentinel_that_chooses_well(view, now).has_value();
    if (!is_choice_good && are_to_be_asked(view, willing_sentinels(view, now), since, now))
        all.push_back(AskSentinels{});
    std::string missing;
    for (const Endpoint& node : missing_heirs(view, now)) {
        all += ask(view, node, now);
        missing += (missing.empty() ? "" : ", ") + spoken(node);
    }
    if (!missing.empty()) return all += {Wait{"waiting until all is at " + missing, {}}};
    if (!is_choice_good) return all += {Wait{"asking the sentinels whom they may choose", {}}};
    if (view.redis.open) return Actions{Close{"all that it has is at its replicas"}};
    return std::nullopt;
}

Actions ask_for_a_successor(const View& view, TimePoint now) {
    Actions all;
    for (const auto& [id, member] : view.members)
        if (id != view.self.id) all += ask(view, member.address, now);
    const auto sentinel = sentinel_that_chooses_well(view, now);
    if (sentinel && !core::is_pending(view.in_flight.failover_request, now))
        all += {RequestFailover{*sentinel, "this master hands over"}};
    return all += {Wait{"waiting until a sentinel has promoted a replica", {}}};
}

bool is_recorded_as_master(const View& view, const Endpoint& node) {
    return view.record.written && view.record.named == node && view.record.written->master == node;
}

Actions make_it_known(const View& view, const Endpoint& successor, TimePoint now) {
    if (view.redis.role == Role::master) return {Park{spoken(successor) + " has taken over"}};
    if (is_recorded_as_master(view, successor))
        return {EndHandOver{true, spoken(successor) + " is master, and recorded"}};
    if (!view.zookeeper_connected)
        return {EndHandOver{true, spoken(successor) + " is master; ZooKeeper cannot be told now"}};
    const auto& stepped_down_at = view.hand_over->stepped_down_at;
    const bool is_due = stepped_down_at && now >= *stepped_down_at + time_for_others_to_publish;
    const bool is_proven = now - view.probes.at(successor).asked_at <= freshness_of_a_proof;
    const bool may_publish = !core::is_pending(view.in_flight.publication, now) &&
                             !core::is_too_soon(view.in_flight.publications, now);
    if (is_due && is_proven && may_publish)
        if (auto publish = publication_of(view, successor, "its master has handed over to it"))
            return {std::move(*publish)};
    Actions all = ask(view, successor, now);
    return all += {Wait{"the record shall name " + spoken(successor), {}}};
}

}  // namespace

std::optional<std::string> obstacle_to_hand_over(const View& view, TimePoint now) {
    if (view.redis.role != Role::master || !is_recorded(view)) return "it is no recorded master";
    if (view.sentinels.opinions.empty())
        return "no sentinel is registered that could promote a replica";
    const auto all = heirs(view);
    if (std::ranges::none_of(all, [&](const Member& it) { return is_connected(view, it); }))
        return "no replica that may be promoted is in sync";
    if (willing_sentinels(view, now).empty() && !core::is_failing_over(view.sentinels, now))
        return "no sentinel that names this master could fail over";
    return std::nullopt;
}

std::optional<std::string> obstacle_to_begin_a_hand_over(const View& view, TimePoint now) {
    if (view.hand_over_timeout == 0ms) return "HANDOVER_TIMEOUT is 0s";
    if (view.stop_requested_at) return "it is asked to stop";
    if (view.hand_over && !view.hand_over->is_over) return "it is handing over";
    if (view.redis.role == Role::master && !view.redis.open) return "it takes no writes now";
    return obstacle_to_hand_over(view, now);
}

std::optional<Actions> hand_over(const View& view, TimePoint now) {
    if (!view.hand_over || view.hand_over->is_over) return std::nullopt;
    if (core::is_pending(view.in_flight.redis_command, now))
        return Actions{Wait{"handing over", {}}};
    const HandOver& it = *view.hand_over;
    const bool is_asked = it.paused_at && !it.replication_id.empty();
    const auto next = is_asked ? successor(view) : std::nullopt;
    const TimePoint end = it.asked_at + view.hand_over_timeout;
    if (next && now < end + time_to_finish) return make_it_known(view, *next, now);
    if (next) return Actions{EndHandOver{true, spoken(*next) + " is master, and not recorded yet"}};
    // Whoever was asked at the last moment may have promoted somebody, who is seen a little later.
    const bool is_under_way =
        !view.redis.open && core::is_pending(view.in_flight.failover_request, now);
    if (now >= (is_under_way ? end + time_to_finish : end))
        return Actions{EndHandOver{false, "no replica has taken over in time (HANDOVER_TIMEOUT)"}};
    if (const auto limit = end_of_the_pause(view); limit && view.redis.open && now >= *limit)
        return Actions{EndHandOver{false,
                                   "no replica has caught up before the sentinels would take a "
                                   "master whose clients wait for dead (DOWN_AFTER)"}};
    // Once a sentinel was asked there may be a successor, whatever becomes of the others: it had
    // all then, and nothing was written since.
    if (is_under_way) return ask_for_a_successor(view, now);
    // What they could do some seconds ago says little about now; the clients do not wait yet.
    if (!it.paused_at && view.sentinels.as_of < it.asked_at && !view.sentinels.opinions.empty() &&
        now < it.asked_at + time_to_hear_the_sentinels) {
        Actions question;
        if (!core::is_pending(view.sentinels.asked_until, now)) question.push_back(AskSentinels{});
        return question += {Wait{"asking the sentinels whether they could fail over", {}}};
    }
    if (const auto obstacle = obstacle_to_hand_over(view, now))
        return Actions{EndHandOver{false, *obstacle}};
    if (auto actions = let_the_heirs_catch_up(view, now)) return actions;
    return ask_for_a_successor(view, now);
}

}  // namespace redis_zk::redis_wrapper
