// Something that was refused and is tried again: each attempt in a row comes later than the one
// before, since whatever refuses it (a ZooKeeper that lets us write nothing) may do so for days,
// and each attempt costs it work and us a line in the log. Pure.
#pragma once

#include <cstdint>
#include <optional>

#include "common/core/time.h"

namespace redis_zk::core {

// How long to leave it alone after so many failures in a row, at least one: 200 ms, doubled with
// each further one up to 12.8 s; and from half of that to half as much again, by `chance`, any
// number, so that many processes do not come all at once.
milliseconds pause_after(int failures, std::uint64_t chance);

struct Attempts {
    std::optional<TimePoint> next;  // not before then, after a failure
    int failures = 0;               // in a row
};

bool is_too_soon(const Attempts& attempts, TimePoint now);

void observe_failure(Attempts& attempts, std::uint64_t chance, TimePoint now);

}  // namespace redis_zk::core
