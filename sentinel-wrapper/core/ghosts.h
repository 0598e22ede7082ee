// Whom the own sentinel should forget. Sentinel itself never forgets anybody, and the majority that
// a fail-over needs is that of all sentinels ever seen.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "sentinel-wrapper/core/view.h"

namespace redis_zk::sentinel_wrapper {

// For how long to count on an answer of who lives where a lost sentinel was, and when to ask again.
inline constexpr milliseconds pace_of_peers{10000};

// Sentinels that were absent for longer than GHOST_TIMEOUT, and the suspect: are they really gone?
std::vector<Endpoint> peers_to_ask(const View& view, TimePoint now);

// Whom to forget.
struct Unwanted {
    std::vector<Endpoint> replicas;
    std::map<std::string, Endpoint> sentinels;  // by id

    bool empty() const { return replicas.empty() && sentinels.empty(); }
};

// "the replica 10.0.0.7:31002, the sentinel 5f3c0a1b at 10.0.0.8:31005"
std::string spoken(const Unwanted& unwanted);

// Absent from ZooKeeper for longer than GHOST_TIMEOUT, and not there when they were asked.
Unwanted ghosts(const View& view, TimePoint now);

// For how long a sentinel that has come back is left alone. It goes on saying hello to our nodes,
// and each RESET costs the own sentinel its replicas for up to 10 s: twice as long each time.
milliseconds pause_before_next(const Forgotten& forgotten);

// Replicas that answer and belong to another cluster, and sentinels whose id never was of our pool,
// or that are our own one.
// Through them the sentinels of two clusters would merge, so they are no matter of GHOST_TIMEOUT.
// (A stranger that follows our master in earnest is known again at once, and stays.)
Unwanted stranger_replicas(const View& view, TimePoint now);
Unwanted foreign_sentinels(const View& view, TimePoint now);

}  // namespace redis_zk::sentinel_wrapper
