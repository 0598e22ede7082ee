#include "sentinel-wrapper/core/ghosts.h"

#include <algorithm>

#include "sentinel-wrapper/core/find_master.h"

namespace redis_zk::sentinel_wrapper {

using namespace std::chrono_literals;
using core::spoken;

namespace {

// The hello of a new sentinel may come before the news of its id from ZooKeeper.
constexpr milliseconds time_to_be_in_the_pool = 2s;
constexpr milliseconds pace_of_the_silent = 1s;
constexpr milliseconds first_pause = 1min;
constexpr int longest_doubling = 6;
// Times GHOST_TIMEOUT. Who is absent and refuses our password may be ours, with another password
// until its wrapper has ZooKeeper again; or a stranger at the address of a ghost. To be wrong about
// the first does no harm: it is known again with its next hello. To be wrong about the second would
// cost the majority for ever. (The pool of ids is not so patient with the second: two living owners
// of one id would vote twice, and to make one id more costs nothing.)
constexpr int patience_with_the_reserved = 5;

bool has_lasted(const std::optional<TimePoint>& since, milliseconds time, TimePoint now) {
    return since && now - *since >= time;
}

bool is_overdue(const View& view, const std::optional<TimePoint>& absent_since, TimePoint now) {
    return has_lasted(absent_since, view.self.ghost_timeout, now);
}

bool follows_our_master(const View& view, const Endpoint& node) {
    const auto probe = view.probes.find(node);
    return probe != view.probes.end() && view.sentinel.monitored &&
           probe->second.following == view.sentinel.monitored->master;
}

bool has_been_silent(const Probe& probe) {
    return probe.silent_since && probe.answered_at - *probe.silent_since >= time_to_be_gone;
}

bool is_gone(const View& view, const Endpoint& replica, TimePoint now) {
    switch (recent_answer(view, replica, now)) {
        case Probe::Answer::none: return false;
        case Probe::Answer::silent: return has_been_silent(view.probes.at(replica));
        case Probe::Answer::dead: return true;
        case Probe::Answer::loading: return false;
        case Probe::Answer::refused:
        case Probe::Answer::replica:
        case Probe::Answer::master: break;
    }
    return !view.probes.at(replica).same_cluster && !follows_our_master(view, replica);
}

bool is_gone(const View& view, const std::string& id, const KnownSentinel& known, TimePoint now) {
    if (known.address.port == 0) return true;
    const auto found = view.peers.find(known.address);
    if (found == view.peers.end() || now - found->second.answered_at > 2 * pace_of_peers)
        return false;
    const PeerProbe& peer = found->second;
    if (peer.answer == PeerProbe::Answer::refuses_us)
        return has_lasted(known.absent_since, patience_with_the_reserved * view.self.ghost_timeout,
                          now);
    return may_live(peer, id) == false;
}

bool is_left_alone(const View& view, const std::string& id, TimePoint now) {
    const auto found = view.forgotten.find(id);
    if (found == view.forgotten.end() || !found->second.is_back) return false;
    return now < found->second.at + pause_before_next(found->second);
}

bool is_question_due(const View& view, const Endpoint& sentinel, const std::string& id,
                     TimePoint now) {
    const auto found = view.peers.find(sentinel);
    if (found == view.peers.end()) return true;
    const PeerProbe& peer = found->second;
    const auto pace = may_live(peer, id) ? pace_of_peers : pace_of_the_silent;
    return !core::is_pending(peer.asked_until, now) && now - peer.answered_at >= pace;
}

}  // namespace

std::vector<Endpoint> peers_to_ask(const View& view, TimePoint now) {
    std::vector<Endpoint> due;
    for (const auto& [id, known] : view.sentinel.others) {
        if (known.address.port == 0 || !is_overdue(view, known.absent_since, now)) continue;
        if (is_question_due(view, known.address, id, now)) due.push_back(known.address);
    }
    const auto& suspect = view.suspect;
    if (suspect && is_question_due(view, suspect->last_address, suspect->id, now))
        due.push_back(suspect->last_address);
    return due;
}

milliseconds pause_before_next(const Forgotten& forgotten) {
    return first_pause * (1 << std::min(forgotten.times - 1, longest_doubling));
}

std::string spoken(const Unwanted& unwanted) {
    std::string all;
    const auto add = [&](const std::string& name) { all += (all.empty() ? "" : ", ") + name; };
    for (const Endpoint& replica : unwanted.replicas) add("the replica " + spoken(replica));
    for (const auto& [id, sentinel] : unwanted.sentinels)
        add("the sentinel " + id.substr(0, 8) + " at " + spoken(sentinel));
    return all;
}

Unwanted ghosts(const View& view, TimePoint now) {
    Unwanted gone;
    for (const auto& [replica, known] : view.sentinel.replicas)
        if (is_overdue(view, known.absent_since, now) && is_gone(view, replica, now))
            gone.replicas.push_back(replica);
    for (const auto& [id, known] : view.sentinel.others)
        if (is_overdue(view, known.absent_since, now) && is_gone(view, id, known, now))
            gone.sentinels.emplace(id, known.address);
    return gone;
}

Unwanted stranger_replicas(const View& view, TimePoint now) {
    Unwanted strangers;
    for (const auto& [replica, known] : view.sentinel.replicas)
        if (is_stranger(view, replica, now) && !follows_our_master(view, replica))
            strangers.replicas.push_back(replica);
    return strangers;
}

Unwanted foreign_sentinels(const View& view, TimePoint now) {
    Unwanted foreign;
    for (const auto& [id, known] : view.sentinel.others)
        if (has_lasted(known.foreign_since, time_to_be_in_the_pool, now))
            if (!is_left_alone(view, id, now)) foreign.sentinels.emplace(id, known.address);
    return foreign;
}

}  // namespace redis_zk::sentinel_wrapper
