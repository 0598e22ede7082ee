// The guard against a storm: a node whose redis crashes soon after each of its promotions steps
// back. It is not offered to the sentinels and elects nobody but another, as with replica-priority
// 0, for as long as another one could lead with all that this one has. Pure.
//
// The wrapper ends with its redis, so the file beside the data keeps the count (core::Claim). Every
// node judges by the entries of all, so that no two of them leave it to each other: where all crash
// so, or whoever else has the data is gone, nobody steps back.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>

#include "common/core/lineage.h"
#include "redis-wrapper/core/view.h"

namespace redis_zk::redis_wrapper {

// Crashes are counted that come so soon after the promotion; a mastership that has lasted for so
// long forgives them.
constexpr std::chrono::minutes time_to_prove_itself{1};
constexpr int early_crashes_of_a_storm = 3;
// After the last one. A crash that comes later begins the count anew.
constexpr std::chrono::minutes memory_of_early_crashes{10};

// At the start: what the file says. `unix_time`: now, in seconds since 1970. Clocks jump, and a
// crash in the future counts as one of now.
void recall_early_crashes(View& view, const core::EarlyCrashes& claimed, std::int64_t unix_time,
                          TimePoint now);

// Redis has ended, and nobody has asked it to. To be called before observe_redis_death(), which
// forgets what it was. True when it counts, and the file is to be written.
bool count_early_crash(View& view, std::int64_t unix_time, TimePoint now);

// When they are forgiven, or old. Part of observe_time().
void forget_early_crashes(View& view, TimePoint now);

// So often that this node would step back. One that is never promoted has nothing to step back
// from.
bool crashes_early(const View& view);

// Whether a member does step back: in the eyes of this node, which may be meant itself.
bool steps_back(const View& view, const core::Member& member);
bool steps_back(const View& view);

// Whether the sentinels must not choose this node for that. They may while its master is silent:
// nobody can tell then whether the others have got as much as it has, and writes may be
// acknowledged that only it has.
bool is_withheld(const View& view);

// A node that crashes early, whose master is silent or has ended, and that may have more than those
// for which it would step back: it has to be offered to the sentinels.
bool may_be_ahead(const View& view);

// "redis has crashed 3 times within a minute of its promotion", ", and another node can lead"
std::string spoken_crashes(const View& view);
std::string why_it_steps_back(const View& view);

// At most; 0 where it would not.
std::int64_t seconds_to_step_back(const View& view, TimePoint now);

}  // namespace redis_zk::redis_wrapper
