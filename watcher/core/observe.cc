#include "watcher/core/observe.h"

#include <algorithm>

#include "common/core/inquiry.h"
#include "watcher/core/event_table.h"
#include "watcher/core/judge.h"

namespace redis_zk::watcher {

using namespace std::chrono_literals;

namespace {

constexpr milliseconds time_for_a_publication = 3s;
// A fail-over whose next step is not heard of is over or was given up, one way or the other.
constexpr milliseconds time_of_an_alarm = 10s;
// Whoever was listened to for so long is no bad choice for having failed now.
constexpr milliseconds time_to_prove_itself = 10s;

void remember_entries(View& view) {
    for (const auto& [id, member] : view.members) view.last_entries[member.address] = member;
    if (!view.record.cluster().empty()) view.cluster = view.record.cluster();
    if (view.record.written) view.last_written = view.record.written;
}

void judge_health(View& view, const Endpoint& node) {
    std::size_t up = 0;
    std::size_t down = 0;
    for (const auto& [sentinel, known] : view.sentinels)
        if (known.opinion.answered && known.opinion.watched == node)
            ++(known.opinion.master_is_up ? up : down);
    if (2 * down > view.sentinels.size()) view.said_to_be_down.insert(node);
    if (2 * up > view.sentinels.size()) view.said_to_be_down.erase(node);
}

void note_heard(View& view, const Endpoint& master, TimePoint at) {
    TimePoint& last = view.heard_at[master];
    last = std::max(last, at);
}

// From an answer of the term that the record has now, whichever of the two came first.
void note_history(View& view) {
    const auto& last = last_recorded(view);
    const auto known = last ? view.probes.find(last->master) : view.probes.end();
    if (known == view.probes.end()) return;
    const Probe& answer = known->second;
    const bool is_of_this_term = answer.answer == Probe::Answer::master && !answer.run_id.empty() &&
                                 answer.run_id == last->run_id &&
                                 answer.asked_at >= view.outdated_at;
    if (is_of_this_term) view.recorded_history = {answer.replication_id, last->term};
}

// A PING is answered in any role.
bool is_heard_as_master(const View& view, const Endpoint& node) {
    const auto none = view.no_master_at.find(node);
    const auto heard = view.heard_at.find(node);
    return none == view.no_master_at.end() ||
           (heard != view.heard_at.end() && none->second < heard->second);
}

// What is known of a node goes with its last answer. Its entry is needed for longer: a node that is
// cut off from ZooKeeper has left the list, and may be promoted. It is known by the master then.
void forget_the_old(View& view, TimePoint now) {
    core::forget_old_answers(view.probes, now);
    const auto was_asked = [&](const Endpoint& node) { return view.probes.contains(node); };
    std::erase_if(view.no_master_at, [&](const auto& it) { return !was_asked(it.first); });
    std::erase_if(view.master_since, [&](const auto& it) { return !was_asked(it.first); });
    std::erase_if(view.heard_at, [&](const auto& it) { return !was_asked(it.first); });
    if (!is_calm(view, now)) return;
    std::set<Endpoint> known = nodes_of_interest(view);
    for (const auto& [node, probe] : view.probes) {
        known.insert(node);
        for (const auto& [replica, offset] : probe.replicas) known.insert(replica);
    }
    std::erase_if(view.said_to_be_down, [&](const auto& node) { return !known.contains(node); });
    std::erase_if(view.last_entries, [&](const auto& it) { return !known.contains(it.first); });
}

void look_for_the_late(View& view, TimePoint now) {
    for (auto& [sentinel, known] : view.sentinels)
        core::count_from(known.behind_since, is_behind(view, sentinel, now), now);
}

}  // namespace

void observe_probe(View& view, const Endpoint& node, Probe answer, TimePoint now) {
    if (core::is_outdated(view.probes, node, answer)) return;
    const bool is_none =
        answer.answer == Probe::Answer::replica || answer.answer == Probe::Answer::loading;
    if (is_none) view.no_master_at[node] = now;
    if (answer.answer == Probe::Answer::master) {
        view.master_since.try_emplace(node, now);
        note_heard(view, node, answer.asked_at);
    } else if (answer.answer != Probe::Answer::silent) {
        view.master_since.erase(node);
    }
    // It lives: whatever the sentinels said before.
    if (answer.answer != Probe::Answer::silent && answer.answer != Probe::Answer::dead)
        view.said_to_be_down.erase(node);
    core::observe_answer(view.probes[node], std::move(answer), now);
}

void observe_opinion(View& view, const Endpoint& sentinel, const Opinion& opinion, TimePoint now) {
    const auto found = view.sentinels.find(sentinel);
    if (found == view.sentinels.end()) return;
    KnownSentinel& known = found->second;
    if (opinion.asked_at < known.asked_at) return;  // it answers an earlier question
    const bool chose_anew =
        opinion.answered && (opinion.master != known.opinion.master ||
                             opinion.config_epoch != known.opinion.config_epoch);
    if (chose_anew) view.chosen_anew_at = now;
    core::observe_opinion(known.opinion, opinion, now);
    known.answered_at = now;
    known.as_of = opinion.asked_at;
    known.asked_until.reset();
    if (opinion.answered && opinion.watched && is_heard_as_master(view, *opinion.watched))
        note_heard(view, *opinion.watched, opinion.asked_at - opinion.unanswered_for);
    if (opinion.watched) judge_health(view, *opinion.watched);
}

void observe_sentinels(View& view, const std::vector<Endpoint>& registered) {
    std::erase_if(view.sentinels, [&](const auto& it) {
        return std::ranges::find(registered, it.first) == registered.end();
    });
    for (const Endpoint& sentinel : registered) view.sentinels.try_emplace(sentinel);
    view.sentinels_known = true;
}

void observe_event(View& view, const std::string& name, const std::vector<std::string>& words,
                   TimePoint now) {
    const BehaviourSet behaviours = behaviours_of(name, words);
    const bool is_alarm = behaviours.contains(Behaviour::alarm);
    if (is_alarm || behaviours.contains(Behaviour::look)) view.look_at = now;
    if (is_alarm) view.alarmed_until = now + time_of_an_alarm;
}

void observe_listening(View& view, TimePoint now) {
    view.listening.state = Listening::State::listening;
    // What was published before is lost.
    view.look_at = now;
}

void observe_lost_sentinel(View& view, TimePoint now) {
    const auto& sentinel = view.listening.sentinel;
    const auto known = view.sentinels.find(sentinel.value_or(Endpoint{}));
    if (known != view.sentinels.end()) {
        int& failures = known->second.failures;
        const bool was_good = view.listening.state == Listening::State::listening &&
                              now - view.listening.since >= time_to_prove_itself;
        failures = was_good ? 1 : failures + 1;
        known->second.shunned_until = now + core::pause_after(failures, view.chance);
    }
    view.listening = {};
    view.look_at = now;
}

void observe_published(View& view, Outcome outcome, TimePoint now) {
    InFlight& in_flight = view.in_flight;
    in_flight.publication.reset();
    if (outcome == Outcome::failed)
        core::observe_failure(in_flight.publications, view.chance, now);
    else
        in_flight.publications = {};
}

void observe_performed(View& view, const Action& action, TimePoint now) {
    if (const auto* ask = std::get_if<AskNode>(&action))
        core::observe_question(view.probes[ask->node], now);
    if (const auto* ask = std::get_if<AskSentinel>(&action)) {
        view.sentinels[ask->sentinel].asked_at = now;
        view.sentinels[ask->sentinel].asked_until = now + core::time_for_a_question;
    }
    if (const auto* listen = std::get_if<Listen>(&action)) {
        const auto former = view.sentinels.find(view.listening.sentinel.value_or(Endpoint{}));
        if (former != view.sentinels.end())
            former->second.shunned_until =
                now + core::pause_after(++former->second.failures + 3, 0);
        view.listening = {Listening::State::connecting, listen->sentinel, now};
    }
    if (std::holds_alternative<StopListening>(action)) view.listening = {};
    if (std::holds_alternative<Publish>(action))
        view.in_flight.publication = now + time_for_a_publication;
}

bool observe_jump(View& view, TimePoint now, milliseconds tolerated) {
    if (!core::stood_still(view.next_turn_at, now, tolerated)) return false;
    core::outdate_answers(view.probes, now);
    view.no_master_at.clear();
    view.master_since.clear();
    view.heard_at.clear();
    view.said_to_be_down.clear();
    view.outdated_at = view.look_at = now;
    for (auto& [sentinel, known] : view.sentinels) known.opinion.fail_over.reset();
    return true;
}

void observe_time(View& view, TimePoint now) {
    if (view.record.known) {
        if (view.last_term && *view.last_term != view.record.term())
            view.outdated_at = view.look_at = now;
        view.last_term = view.record.term();
    }
    const auto& record = view.record;
    const bool is_half = record.named && record.written && record.named != record.written->master;
    core::count_from(view.half_read_since, is_half, now);
    // Whoever answers next may let us write.
    if (!view.zookeeper_connected) view.in_flight.publications = {};
    remember_entries(view);
    note_history(view);
    look_for_the_late(view, now);
    if (is_calm(view, now) && view.look_at + 2s < now) view.alarmed_until.reset();
    forget_the_old(view, now);
}

}  // namespace redis_zk::watcher
