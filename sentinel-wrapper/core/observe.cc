#include "sentinel-wrapper/core/observe.h"

#include <algorithm>

#include "common/core/inquiry.h"
#include "sentinel-wrapper/core/find_master.h"
#include "sentinel-wrapper/core/ghosts.h"

namespace redis_zk::sentinel_wrapper {

using namespace std::chrono_literals;
using State = OwnSentinel::State;

namespace {

constexpr milliseconds time_for_a_command = 2s;
// Twice what the connection waits for an answer.
constexpr milliseconds longest_silence_of_the_sentinel = 10s;
constexpr milliseconds time_for_a_registration = 3s;

// The hello of a former life, held back by the network, makes a sentinel its own peer, and it tells
// itself of itself from then on: it does not look for its id in what it is told directly
// (sentinelPublishCommand in sentinel.c, 7.0) [measured, the chaos suite].
bool is_itself(const View& view, const std::string& id, const KnownSentinel& known) {
    return id == view.identity.id || known.address == view.self.address;
}

// Absence counts only while ZooKeeper can be read.
void look_for_the_absent(View& view, TimePoint now) {
    const bool informed = view.informed_since.has_value();
    std::set<Endpoint> nodes;
    for (const auto& [id, member] : view.members) nodes.insert(member.address);
    for (auto& [replica, known] : view.sentinel.replicas)
        core::count_from(known.absent_since, informed && !nodes.contains(replica), now);
    const auto& registered = view.registered_sentinels.opinions;
    view.once_ours.insert(view.ids.begin(), view.ids.end());
    for (auto& [id, known] : view.sentinel.others) {
        const bool absent = informed && !registered.contains(known.address);
        core::count_from(known.absent_since, absent, now);
        const bool is_foreign = absent && !view.once_ours.contains(id);
        core::count_from(known.foreign_since, is_foreign || is_itself(view, id, known), now);
    }
}

// A fail-over that was under way before goes on only where the order had no effect: the sentinel
// may have watched that master all the time.
bool is_obeyed(const View& view) {
    const auto& [master, given_at, times] = *view.order;
    const auto& fail_over = view.sentinel.fail_over;
    const bool is_master = view.sentinel.monitored && view.sentinel.monitored->master == master;
    return is_master && !(fail_over && fail_over->since < given_at);
}

void note_forgotten(View& view, const std::vector<std::string>& ids, TimePoint now) {
    for (const std::string& id : ids) {
        const auto before = view.forgotten.find(id);
        const bool is_again = before != view.forgotten.end() && before->second.is_back;
        view.forgotten[id] = {now, is_again ? before->second.times + 1 : 1, false};
    }
}

// Whoever wrote the record may know more than who was asked before.
void observe_term(View& view, TimePoint now) {
    const auto before = view.registered_sentinels.last_term;
    core::observe_term(view.registered_sentinels, view.record.term(), now);
    if (before && before != view.record.term()) core::outdate_answers(view.probes, now);
}

void verify_again(View& view, TimePoint now) {
    const Finding finding = find_master(view, now);
    if (finding.master == view.verified) return;
    if (!finding.master && finding.still_looking) return;
    view.verified = finding.master;
    view.verified_since = now;
}

}  // namespace

void observe_sentinel(View& view, const SentinelLook& look, TimePoint now) {
    OwnSentinel& sentinel = view.sentinel;
    const auto held_before = sentinel.monitored;
    sentinel.state = State::running;
    sentinel.looked_at = now;
    sentinel.monitored = look.monitored;
    sentinel.has_quorum = look.has_quorum;
    if (look.monitored && (!held_before || held_before->master != look.monitored->master))
        sentinel.monitored_since = now;
    std::optional<core::FailOver> fail_over;
    if (look.monitored && look.monitored->failover_in_progress)
        fail_over = core::FailOver{look.monitored->master, look.monitored->config_epoch, now};
    core::observe_fail_over(sentinel.fail_over, fail_over);
    if (view.order && is_obeyed(view)) view.order.reset();
    const auto replicas_before = std::move(sentinel.replicas);
    sentinel.replicas.clear();
    for (const auto& replica : look.replicas) {
        const auto known = replicas_before.find(replica.address);
        if (known != replicas_before.end()) sentinel.replicas[replica.address] = known->second;
        sentinel.replicas[replica.address].down = replica.down;
    }
    const auto others_before = std::move(sentinel.others);
    sentinel.others.clear();
    for (const auto& other : look.others) {
        const auto known = others_before.find(other.id);
        const bool is_same = known != others_before.end() && known->second.address == other.address;
        if (is_same) sentinel.others[other.id] = known->second;
        sentinel.others[other.id].address = other.address;
        sentinel.others[other.id].down = other.down;
        const auto forgotten = view.forgotten.find(other.id);
        if (forgotten != view.forgotten.end() && now >= forgotten->second.at + time_to_forget)
            forgotten->second.is_back = true;
    }
    observe_known(view.removed, sentinel);
}

void observe_sentinel_gone(View& view) {
    view.sentinel = OwnSentinel{};
    view.in_flight.sentinel_command.reset();
    view.reset_at.reset();
    view.foreign_reset_at.reset();
    view.order.reset();
    view.removed.missing.reset();
}

void observe_probe(View& view, const Endpoint& node, Probe answer, TimePoint now) {
    if (core::is_outdated(view.probes, node, answer)) return;
    const bool takes_part = answer.answer == Probe::Answer::master ||
                            (answer.answer == Probe::Answer::replica && answer.following);
    if (takes_part && !answer.same_cluster)
        view.strangers.try_emplace(node, now);
    else
        view.strangers.erase(node);
    core::observe_answer(view.probes[node], std::move(answer), now);
}

void observe_peer(View& view, const Endpoint& sentinel, PeerProbe answer, TimePoint now) {
    answer.answered_at = now;
    answer.asked_until.reset();
    PeerProbe& known = view.peers[sentinel];
    if (answer.answer == PeerProbe::Answer::silent)
        answer.silent_since = known.silent_since.value_or(now);
    known = std::move(answer);
}

void observe_suspect(View& view, const std::optional<Suspect>& suspect) {
    if (suspect == view.suspect) return;
    if (suspect) view.peers.erase(suspect->last_address);
    view.suspect = suspect;
}

void observe_opinions(View& view, const std::map<Endpoint, Opinion>& opinions, TimePoint now) {
    core::observe_opinions(view.registered_sentinels, opinions, now);
}

void observe_sentinels(View& view, const std::vector<Endpoint>& registered) {
    core::observe_registered(view.registered_sentinels, registered);
}

void observe_session(View& view, bool connected, bool is_new) {
    view.zookeeper_connected = connected;
    if (!is_new) return;
    view.registered = false;
    view.lock = Lock::none;
    view.in_flight.registration.reset();
}

void observe_command_done(View& view) { view.in_flight.sentinel_command.reset(); }

void observe_registration_done(View& view) { view.in_flight.registration.reset(); }

void observe_performed(View& view, const Action& action, TimePoint now) {
    if (const auto* ask = std::get_if<AskNode>(&action))
        core::observe_question(view.probes[ask->node], now);
    if (const auto* ask = std::get_if<AskPeer>(&action))
        view.peers[ask->sentinel].asked_until = now + core::time_for_a_question;
    if (std::holds_alternative<AskSentinels>(action))
        core::observe_question(view.registered_sentinels, now, core::time_for_a_question);
    if (const auto* start = std::get_if<Start>(&action)) {
        view.sentinel = OwnSentinel{};
        view.sentinel.state = State::starting;
        view.sentinel.id = start->id;
        view.sentinel.started_at = now;
    }
    if (std::holds_alternative<Abandon>(action)) view.sentinel.abandoned = true;
    if (const auto* monitor = std::get_if<Monitor>(&action)) {
        const bool is_repeated = view.order && view.order->master == monitor->master;
        view.order = Order{monitor->master, now, is_repeated ? view.order->times + 1 : 1};
    }
    const bool is_command =
        std::holds_alternative<Monitor>(action) || std::holds_alternative<StopMonitoring>(action) ||
        std::holds_alternative<Reset>(action) || std::holds_alternative<SetQuorum>(action);
    if (is_command) view.in_flight.sentinel_command = now + time_for_a_command;
    if (const auto* reset = std::get_if<Reset>(&action)) {
        view.reset_at = now;
        if (reset->is_about_foreign) view.foreign_reset_at = now;
        note_forgotten(view, reset->sentinels, now);
        observe_reset(view.removed, view.sentinel, now);
    }
    if (std::holds_alternative<Monitor>(action) || std::holds_alternative<StopMonitoring>(action))
        view.removed.missing.reset();
    const bool is_end =
        std::holds_alternative<ShutDown>(action) || std::holds_alternative<Kill>(action);
    if (is_end && !view.sentinel.asked_to_stop) {
        view.sentinel.asked_to_stop = true;
        view.sentinel.may_stop_until = now + view.self.stop_timeout;
    }
    if (std::holds_alternative<Register>(action) || std::holds_alternative<Deregister>(action))
        view.in_flight.registration = now + time_for_a_registration;
    if (std::holds_alternative<TakeLock>(action)) view.lock = Lock::requested;
    if (std::holds_alternative<ReleaseLock>(action)) view.lock = Lock::none;
}

bool observe_jump(View& view, TimePoint now, milliseconds tolerated) {
    if (!core::stood_still(view.next_turn_at, now, tolerated)) return false;
    core::outdate_answers(view.probes, now);
    view.peers.clear();
    core::observe_standstill(view.registered_sentinels, now);
    view.sentinel.fail_over.reset();
    view.verified.reset();
    view.calm_since.reset();
    // The silence was ours.
    view.sentinel.looked_at += now - view.next_turn_at;
    view.sentinel.started_at += now - view.next_turn_at;
    if (view.removed.missing) view.removed.missing->forgotten_at += now - view.next_turn_at;
    return true;
}

void observe_time(View& view, TimePoint now) {
    Sentinels& sentinels = view.registered_sentinels;
    if (view.record.known) observe_term(view, now);
    view.sentinel.hangs = view.sentinel.state == State::running &&
                          now - view.sentinel.looked_at >= longest_silence_of_the_sentinel;
    core::count_from(view.informed_since,
                     view.zookeeper_connected && view.record.known && view.members_known &&
                         view.ids_known && sentinels.known,
                     now);
    core::count_from(view.master_missing_since,
                     view.informed_since && view.sentinel.state == State::stopped, now);
    core::count_from(view.calm_since, !is_failing_over(view, now), now);
    core::count_from(view.lock_held_since, view.lock == Lock::held, now);
    core::count_from(view.deregistered_at, view.stop_requested_at && !view.registered, now);
    look_for_the_absent(view, now);
    std::erase_if(view.forgotten, [now](const auto& it) {
        return now - it.second.at > 2 * pause_before_next(it.second);
    });
    core::forget_old_answers(view.probes, now);
    core::forget_old_answers(view.peers, now);
    std::erase_if(view.strangers, [&](const auto& it) { return !view.probes.contains(it.first); });
    verify_again(view, now);
}

}  // namespace redis_zk::sentinel_wrapper
