#include "sentinel-wrapper/core/namesake.h"

#include <set>

namespace redis_zk::sentinel_wrapper {

using namespace std::chrono_literals;

namespace {

constexpr milliseconds pace = 1s;
// Leaves room for one question that is lost.
constexpr milliseconds fresh = 5s;

// Announced addresses are all spelled in the usual way, so another spelling is another address.
std::set<Endpoint> places(const View& view, TimePoint now) {
    std::set<Endpoint> all;
    for (const auto& [sentinel, peer] : view.peers)
        if (peer.knows_us_at && now - peer.answered_at <= fresh) all.insert(*peer.knows_us_at);
    for (const auto& [id, known] : view.sentinel.others)
        if (known.address.port != 0) all.insert(known.address);
    all.erase(view.self.address);
    return all;
}

bool is_due(const View& view, const Endpoint& sentinel, TimePoint now) {
    const auto found = view.peers.find(sentinel);
    if (found == view.peers.end()) return true;
    return !core::is_pending(found->second.asked_until, now) &&
           now - found->second.answered_at >= pace;
}

// Whose the id is. Who has it and is not its owner finds that out there as well.
bool is_told_by_zookeeper(const View& view) {
    return view.zookeeper_connected && view.identity.confirmed;
}

}  // namespace

std::vector<Endpoint> peers_to_ask_for_us(const View& view, TimePoint now) {
    std::vector<Endpoint> due;
    if (view.zookeeper_connected || view.sentinel.state != OwnSentinel::State::running) return due;
    for (const Endpoint& sentinel : places(view, now))
        if (is_due(view, sentinel, now)) due.push_back(sentinel);
    return due;
}

std::optional<Endpoint> namesake(const View& view, TimePoint now) {
    if (view.sentinel.state == OwnSentinel::State::stopped || is_told_by_zookeeper(view))
        return std::nullopt;
    for (const auto& [sentinel, peer] : view.peers) {
        const bool is_living = peer.answer == PeerProbe::Answer::alive &&
                               peer.id == view.sentinel.id && now - peer.answered_at <= fresh;
        // What was heard in a former life of ours may be why that one ended, and settled by now.
        const bool is_news = peer.answered_at > view.sentinel.started_at;
        if (is_living && is_news && sentinel != view.self.address) return sentinel;
    }
    return std::nullopt;
}

}  // namespace redis_zk::sentinel_wrapper
