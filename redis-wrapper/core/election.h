// Who should become master when there is none and no sentinel can say: the living member with the
// freshest data. Pure.
#pragma once

#include <optional>
#include <string>

#include "redis-wrapper/core/action.h"
#include "redis-wrapper/core/find_master.h"
#include "redis-wrapper/core/view.h"

namespace redis_zk::redis_wrapper {

// Why this node must not become master now, in words; nothing when it is its turn.
std::optional<Wait> reason_not_to_lead(const View& view, const Finding& finding, TimePoint now);

// The parts of it that mean "there may be a master after all", and "the sentinels will make one".
std::optional<Wait> sign_of_a_master(const View& view, const Finding& finding, TimePoint now);
std::optional<Wait> sentinels_can_act(const View& view, TimePoint now);

// Whose data may be fresher than those of everybody here; nothing when nobody's can be.
std::optional<std::string> missing_data(const View& view);

// The living member (ourselves included) that ranks first among those that may become master.
std::optional<core::Member> best_member(const View& view);

// A record or a living member says that the cluster has data. Where there are none yet, whoever
// holds the lock is as good as any other.
bool is_there_data(const View& view);

// No data and no record either: the first node to hold the lock founds the cluster, at once.
bool is_new_cluster(const View& view);

// Our data do not continue the cluster's, and nobody has permitted to go on without them.
bool lacks_data(const View& view);

// The term of the next record: larger than any that anybody has heard of.
std::uint64_t next_term(const View& view);

}  // namespace redis_zk::redis_wrapper
