#include "sentinel-wrapper/core/decide.h"

#include <algorithm>

#include "sentinel-wrapper/core/find_master.h"
#include "sentinel-wrapper/core/forget.h"
#include "sentinel-wrapper/core/ghosts.h"
#include "sentinel-wrapper/core/namesake.h"

namespace redis_zk::sentinel_wrapper {

using namespace std::chrono_literals;
using core::spoken;

namespace {

using Actions = std::vector<Action>;
using State = OwnSentinel::State;

// ZooKeeper may be slow when we leave; our entry ends with the session anyway.
constexpr milliseconds time_to_say_goodbye = 3s;
// Two hellos. After a fail-over the sentinels tell each other who is master.
constexpr milliseconds time_to_hear_it_from_others = 5s;
// It asks its master for the replicas every ten seconds.
constexpr milliseconds time_to_find_everybody = 15s;
// It may look names up before it listens, and the look-up of one may take 20 s.
constexpr milliseconds time_to_start = 30s;
// Between two orders that are not obeyed, and twice as long after each: the name of the master may
// be one that the sentinel cannot look up, and each order takes an epoch.
constexpr milliseconds before_next_order = 5s;
constexpr int longest_doubling = 4;

Actions& operator+=(Actions& all, Actions more) {
    all.insert(all.end(), more.begin(), more.end());
    return all;
}

// What stopped cleanly gives its id to whoever starts next.
Actions give_id_back_and(const Action& end, const View& view) {
    switch (view.identity.state) {
        case Identity::State::none: return {end};
        case Identity::State::releasing: return {Wait{"the id goes back to the pool", {}}};
        case Identity::State::claiming:
        case Identity::State::owned: break;
    }
    return {ReleaseIdentity{}};
}

Actions leave_the_list(const View& view, const char* reason, TimePoint now) {
    if (core::is_pending(view.in_flight.registration, now))
        return {Wait{"leaving the list of sentinels", {}}};
    return {Deregister{reason}};
}

// Asked to stop: clients are told first, the id is given back last, when nobody votes under it.
// Whoever asks twice is in a hurry.
Actions leave(const View& view, TimePoint now) {
    const bool hurries = view.stop_requests > 1;
    const auto patience_ends = *view.stop_requested_at + view.self.drain + view.self.stop_timeout;
    if (view.sentinel.state == State::stopped) {
        if (!view.zookeeper_connected || now >= patience_ends) return {Exit{}};
        return give_id_back_and(Exit{}, view);
    }
    if (view.sentinel.asked_to_stop) {
        if (hurries) return {Kill{"it was asked to stop a second time"}};
        if (now >= view.sentinel.may_stop_until) return {Kill{"it did not stop in time"}};
        return {Wait{"the sentinel is stopping", {}}};
    }
    const bool is_listed = view.registered && view.zookeeper_connected;
    if (is_listed && !hurries && now < *view.stop_requested_at + time_to_say_goodbye)
        return leave_the_list(view, "this sentinel was asked to stop", now);
    const auto drained_at =
        view.deregistered_at.value_or(*view.stop_requested_at) + view.self.drain;
    if (!hurries && now < drained_at)
        return {Wait{"clients have time to notice that this sentinel leaves", {}}};
    return {ShutDown{"it was asked to stop"}};
}

// Whoever has its id by now votes under it.
Actions fall_silent(const View& view, const std::optional<Endpoint>& namesake, TimePoint now) {
    Actions all;
    if (view.sentinel.asked_to_stop)
        all.push_back(Wait{"the sentinel is being killed", {}});
    else
        all.push_back(Kill{"its id is " +
                           (namesake ? "that of the sentinel at " + spoken(*namesake)
                                     : std::string{"somebody else's"}) +
                           " by now, and it must not vote under it"});
    const bool is_listed = view.registered && view.zookeeper_connected;
    if (is_listed && !core::is_pending(view.in_flight.registration, now))
        all.push_back(Deregister{"the sentinel starts again under another id"});
    return all;
}

std::optional<std::string> uninformed(const View& view) {
    if (view.informed_since) return std::nullopt;
    if (view.zookeeper_connected || view.session_is_up)
        return "reading the record, the members and the sentinels from ZooKeeper";
    if (view.sentinel.state == State::running)
        return "ZooKeeper is unreachable; the sentinel goes on";
    if (view.identity.state == Identity::State::owned)
        return "ZooKeeper is unreachable, and only there it is known whose the sentinel's id is";
    return view.record.known ? "ZooKeeper is unreachable" : "ZooKeeper has not answered yet";
}

// What a sentinel that starts on this master could know if it had been there all the time. When
// all of them begin anew only the record remembers it: a fail-over in an epoch that is no larger
// than the record's would not count as newer.
Epochs known_epochs(const View& view, const Endpoint& master) {
    Epochs epochs;
    if (const auto& written = view.record.written) {
        if (written->master == master) epochs.config = written->config_epoch;
        epochs.last_vote = written->config_epoch;
    }
    for (const auto& [sentinel, opinion] : view.registered_sentinels.opinions) {
        if (opinion.master == master) epochs.config = std::max(epochs.config, opinion.config_epoch);
        epochs.last_vote = std::max({epochs.last_vote, opinion.last_vote, opinion.config_epoch});
    }
    return epochs;
}

// Two living sentinels with one id would have one vote twice.
Actions take_an_id(const View& view) {
    const auto& suspect = view.suspect;
    const auto peer = suspect ? view.peers.find(suspect->last_address) : view.peers.end();
    const auto lives =
        peer != view.peers.end() ? may_live(peer->second, suspect->id) : std::nullopt;
    if (lives) return {JudgeSuspect{suspect->id, suspect->last_address, *lives}};
    return {
        Wait{"an id is being taken from the pool",
             suspect ? "does its sentinel at " + spoken(suspect->last_address) + " live?" : ""}};
}

// An id is taken only when it is needed: who gives up for want of a master leaves no trace.
Actions begin(const View& view, const Finding& finding, TimePoint now) {
    if (const auto reason = uninformed(view)) return {Wait{*reason, {}}};
    const auto patience = view.self.master_timeout;
    const bool is_late =
        patience > 0ms && view.master_missing_since && now >= *view.master_missing_since + patience;
    if (!finding.master && is_late)
        return give_id_back_and(GiveUp{"no master was found within MASTER_TIMEOUT, " +
                                       std::to_string(patience.count()) + " ms" +
                                       (finding.tried.empty() ? "" : ": " + finding.tried)},
                                view);
    if (!finding.master && view.record.is_absent())
        return {Wait{"the cluster has never had a master", {}}};
    if (!finding.master) return {Wait{"looking for a master that is verified", finding.tried}};
    if (finding.still_looking) return {Wait{"asking the other sentinels who is master", {}}};
    if (view.identity.state == Identity::State::none) return {ClaimIdentity{}};
    if (!view.identity.confirmed) return take_an_id(view);
    return {Start{view.identity.id, *finding.master, wanted_quorum(view), finding.why,
                  known_epochs(view, *finding.master)}};
}

Actions wait_for_the_start(const View& view, TimePoint now) {
    if (view.sentinel.abandoned) return {Wait{"the sentinel is being killed", {}}};
    if (now < view.sentinel.started_at + time_to_start)
        return {Wait{"redis-sentinel is starting", {}}};
    return {Abandon{"it was started " + std::to_string(time_to_start / 1s) +
                    " s ago and has never answered"}};
}

Actions endure_silence(const View& view, TimePoint now) {
    if (view.registered && view.zookeeper_connected)
        return leave_the_list(view, "the sentinel does not answer", now);
    return {Wait{"the sentinel does not answer", {}}};
}

Actions give(Monitor order, const View& view, TimePoint now) {
    const auto& last = view.order;
    if (!last || last->master != order.master) return {std::move(order)};
    const int doublings = std::min(last->times - 1, longest_doubling);
    if (now >= last->given_at + before_next_order * (1 << doublings)) return {std::move(order)};
    return {
        Wait{"the sentinel was told to monitor " + spoken(order.master) + " and has not obeyed yet",
             {}}};
}

// It monitors nobody: clients would ask it in vain, and the nodes' wrappers would count on it.
Actions find_somebody_to_monitor(const View& view, const Finding& finding, TimePoint now) {
    if (view.registered && view.zookeeper_connected)
        return leave_the_list(view, "the sentinel monitors nobody", now);
    if (const auto reason = uninformed(view)) return {Wait{*reason, {}}};
    if (finding.still_looking) return {Wait{"looking for the master", finding.tried}};
    if (!finding.master)
        return {Wait{"the nodes shall have a master before it is monitored", finding.tried}};
    return give({*finding.master, wanted_quorum(view), finding.why}, view, now);
}

// None: the sentinel knows nobody who could drag it back.
std::optional<News> news_for(const View& view) {
    std::uint64_t largest = view.sentinel.monitored->config_epoch;
    for (const auto& [sentinel, opinion] : view.registered_sentinels.opinions)
        largest = std::max({largest, opinion.config_epoch, opinion.last_vote});
    for (const auto& [id, known] : view.sentinel.others)
        if (known.address.port != 0 && !known.foreign_since)
            return News{largest + 1, id, known.address};
    return std::nullopt;
}

// The sentinels of two clusters that share a node would merge, and a fail-over might promote it. So
// this waits for nothing but the end of a fail-over.
Actions let_go_of_strangers(const View& view, const Finding& finding, TimePoint now) {
    const Endpoint& master = view.sentinel.monitored->master;
    const bool is_master_strange = is_stranger(view, master, now);
    // To forget a replica means to forget all of them, until the master tells them anew.
    const Unwanted replicas = stranger_replicas(view, now);
    const bool is_master_lost = !finding.still_looking && !is_master_up(view, finding);
    if (!is_master_strange && (replicas.empty() || !is_master_lost)) return {};
    if (is_failing_over(view, now)) return {};
    const std::string reason = is_master_strange
                                   ? "its master " + spoken(master) + " belongs to another cluster"
                                   : "it knows " + spoken(replicas) +
                                         " of another cluster, and its master " + spoken(master) +
                                         " is not up";
    const bool was_told = view.order && view.order->master == finding.master;
    // Afresh: it must not say its epoch through the stranger, where other sentinels would hear it.
    if (finding.master && finding.master != master && !was_told)
        return {Monitor{*finding.master, wanted_quorum(view), reason, news_for(view), true}};
    return {StopMonitoring{reason + (was_told ? "; it does not turn to " + spoken(*finding.master)
                                              : "; the nodes shall elect a master")}};
}

// A sentinel that has just switched to this master may know more than an older answer.
bool was_asked_since(const View& view, const Endpoint& node) {
    const auto probe = view.probes.find(node);
    return probe != view.probes.end() && probe->second.answered_at > view.sentinel.monitored_since;
}

bool is_gone(const View& view, const Endpoint& node, TimePoint now) {
    const auto answer = recent_answer(view, node, now);
    return answer == Probe::Answer::dead || answer == Probe::Answer::silent;
}

// The master that the others name and reach, and we do not. What we would tell our sentinel against
// them it would tell them in a larger epoch, and they would believe it.
std::optional<Endpoint> out_of_our_reach(const View& view, TimePoint now) {
    const auto named = core::majority_of(view.registered_sentinels);
    const bool is_theirs = named && core::does_majority_reach(view.registered_sentinels, *named);
    return is_theirs && is_gone(view, *named, now) ? named : std::nullopt;
}

// The sentinel watches the master, and has replaced it by a node that is down: until that is back
// it names it to clients, and begins no other fail-over. News of the master that it watches would
// change nothing [measured, tests/integration/test_failover_facts.py].
Actions end_the_stuck_failover(const View& view, const Finding& finding, TimePoint now) {
    const Endpoint& held = view.sentinel.monitored->master;
    const bool is_named = finding.named_by_sentinels || finding.named_by_record;
    if (!is_stuck(view, now) || !is_named || !was_asked_since(view, held)) return {};
    const std::string what =
        spoken(held) + " is master, and the sentinel has promoted another node";
    if (!view.calm_since) return {Wait{what + "; a fail-over runs", {}}};
    if (now < std::max(view.verified_since, *view.calm_since) + time_to_hear_it_from_others)
        return {Wait{what + ", and may still hear of it", {}}};
    if (const auto master = out_of_our_reach(view, now))
        return {Wait{
            what + "; the sentinels name " + spoken(*master) + ", which most of them reach", {}}};
    return give({held, wanted_quorum(view),
                 finding.why + ", and the node that the sentinel has promoted is gone",
                 news_for(view), true},
                view, now);
}

// Some have heard of it already, and the others will with their next hello, up to two seconds
// later.
bool is_newest_choice(const View& view, const Endpoint& master) {
    const Sentinels& sentinels = view.registered_sentinels;
    return !core::are_outdated(sentinels) && core::is_newest_choice(sentinels, master);
}

// The sentinel holds on to a master that is none any more, and the nodes have another.
Actions follow_the_truth(const View& view, const Finding& finding, TimePoint now) {
    const Endpoint& held = view.sentinel.monitored->master;
    if (!finding.master || finding.still_looking) return {};
    if (finding.master == held) return end_the_stuck_failover(view, finding, now);
    const auto answer = recent_answer(view, held, now);
    const bool is_heard = answer != Probe::Answer::none && was_asked_since(view, held);
    if ((!is_heard && !was_replaced_when_lost(view, now)) ||
        !was_asked_since(view, *finding.master))
        return {};
    const std::string both =
        spoken(*finding.master) + " is master, the sentinel holds on to " + spoken(held) + ", ";
    if (answer == Probe::Answer::master && view.probes.at(held).same_cluster)
        return {Wait{both + "which is master too: the nodes decide", {}}};
    if (!finding.named_by_sentinels && !finding.named_by_record)
        return {Wait{both + "and the record is about to name the master", {}}};
    const auto news = finding.named_by_record ? news_for(view) : std::nullopt;
    if (news && was_promoted_just_now(view, *finding.master, now))
        return give({*finding.master, wanted_quorum(view),
                     finding.why + ", and a sentinel has promoted it", news},
                    view, now);
    if (!view.calm_since) return {Wait{both + "and a fail-over runs", {}}};
    if (news && is_newest_choice(view, *finding.master))
        return give({*finding.master, wanted_quorum(view),
                     finding.why + ", and so does the newest choice of the sentinels", news},
                    view, now);
    if (const auto master = out_of_our_reach(view, now)) {
        const bool is_another = master != held;
        return {Wait{both + (is_another ? "and the sentinels name " + spoken(*master) + ", " : "") +
                         "which most sentinels reach",
                     {}}};
    }
    const bool may_replace_it = is_gone(view, held, now) && can_act(view);
    const auto patience = may_replace_it
                              ? std::max(view.self.failover_timeout, time_to_hear_it_from_others)
                              : time_to_hear_it_from_others;
    if (now < std::max(view.verified_since, *view.calm_since) + patience)
        return {Wait{both + "and may still hear of it or replace it", {}}};
    return give({*finding.master, wanted_quorum(view),
                 finding.why + ", and " + spoken(held) + " is master no more", news_for(view)},
                view, now);
}

Actions keep_quorum(const View& view) {
    const int wanted = wanted_quorum(view);
    if (view.self.quorum || wanted == view.sentinel.monitored->quorum) return {};
    return {SetQuorum{wanted, "it is the majority of the sentinels that are registered or answer"}};
}

// Others may forget while this sentinel cannot.
Actions let_go_of_lock(const View& view) {
    if (view.lock == Lock::none) return {};
    return {ReleaseLock{"the sentinel has to have a master first"}};
}

// It finds everybody again as soon as it has a master: two that know nobody could agree on nothing.
bool has_just_forgotten(const View& view, TimePoint now) {
    return view.reset_at && view.lock_held_since <= view.reset_at &&
           now < *view.reset_at + time_to_find_everybody;
}

// The first part that has something to do or to wait for.
Actions keep_in_line(const View& view, const Finding& finding, TimePoint now) {
    if (!view.sentinel.monitored) return find_somebody_to_monitor(view, finding, now);
    if (auto actions = let_go_of_strangers(view, finding, now); !actions.empty()) return actions;
    if (auto actions = forget_strangers(view, finding, now); !actions.empty()) return actions;
    if (const auto reason = uninformed(view)) return {Wait{*reason, {}}};
    if (!view.registered && core::is_pending(view.in_flight.registration, now))
        return {Wait{"registering in ZooKeeper", {}}};
    // Whoever finds it there stays connected.
    if (!view.registered && view.sentinel.cuts_clients_soon)
        return {Wait{"the sentinel is being told which sentinels are of its cluster", {}}};
    if (!view.registered) return {Register{}};
    if (auto actions = follow_the_truth(view, finding, now); !actions.empty()) {
        Actions all;
        if (!has_just_forgotten(view, now)) all = let_go_of_lock(view);
        return all += actions;
    }
    if (auto actions = keep_quorum(view); !actions.empty()) return actions;
    if (auto actions = forget_in_turn(view, finding, now); !actions.empty()) return actions;
    if (!finding.master && !finding.still_looking)
        return {Wait{"there is no verified master; the sentinels may make one", finding.tried}};
    return {};
}

}  // namespace

std::vector<Action> decide(const View& view, TimePoint now) {
    if (view.stop_requested_at) return leave(view, now);
    const auto other = namesake(view, now);
    if (other || has_lost_its_identity(view)) return fall_silent(view, other, now);
    const Finding finding = find_master(view, now);
    Actions all;
    for (const Endpoint& node : finding.questions) all.push_back(AskNode{node});
    if (finding.ask_sentinels) all.push_back(AskSentinels{});
    for (const Endpoint& peer : peers_to_ask(view, now)) all.push_back(AskPeer{peer});
    for (const Endpoint& peer : peers_to_ask_for_us(view, now)) all.push_back(AskPeer{peer});
    if (!is_monitoring(view)) all += let_go_of_lock(view);
    if (view.sentinel.state == State::stopped) return all += begin(view, finding, now);
    if (view.sentinel.state == State::starting) return all += wait_for_the_start(view, now);
    if (view.sentinel.hangs) return all += endure_silence(view, now);
    if (core::is_pending(view.in_flight.sentinel_command, now)) return all;
    return all += keep_in_line(view, finding, now);
}

TimePoint next_deadline(const View& view, TimePoint now) {
    if (view.stop_requested_at) return now + 100ms;
    if (is_about_to_turn(view, now)) return now + core::pace_of_a_succession;
    return now + (is_settled(view) ? 1000ms : 150ms);
}

}  // namespace redis_zk::sentinel_wrapper
