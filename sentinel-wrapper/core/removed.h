// Whom the own sentinel has really forgotten, for /metrics. A RESET makes it forget everybody, and
// who lives is known again after a while; who is not was removed, whoever it was sent for.
#pragma once

#include <cstddef>
#include <optional>
#include <set>
#include <string>

#include "common/core/endpoint.h"
#include "common/core/time.h"

namespace redis_zk::sentinel_wrapper {

using core::Endpoint;
using core::milliseconds;
using core::TimePoint;

struct OwnSentinel;

// An answer that was under way when the sentinel forgot everybody is older than that.
inline constexpr milliseconds time_to_forget{1000};

struct Missing {
    TimePoint forgotten_at{};  // the last time
    std::set<Endpoint> replicas;
    std::set<std::string> sentinels;  // by id
};

struct Removed {
    std::optional<Missing> missing;  // since a RESET that nobody knows the whole effect of yet
    std::size_t replicas = 0;        // of all RESETs before
    std::size_t sentinels = 0;
};

// The sentinel, which knows these, is told to forget them.
void observe_reset(Removed& removed, const OwnSentinel& known, TimePoint now);

// The sentinel has said whom it knows: they are missing no more. Who is then, after as long as the
// living may take to be known again, is counted; while the master is down nobody can be found.
void observe_known(Removed& removed, const OwnSentinel& known);

}  // namespace redis_zk::sentinel_wrapper
