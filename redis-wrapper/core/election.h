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

// A member that comes before this node, or that loads what may be fresher.
std::optional<Wait> somebody_better(const View& view);

// Whose data may be fresher than those of everybody here; nothing when nobody's can be.
std::optional<std::string> missing_data(const View& view);

// A master that is not recorded may be anybody's mistake: nobody gives up data for it before its
// own are known to go on from them. Nothing when this node may follow it.
std::optional<Wait> reason_not_to_follow(const View& view, const Endpoint& master);

// One that could be master in place of this recorded one.
std::optional<core::Member> member_with_our_data(const View& view);

// The living member (ourselves included) that ranks first among those that may become master.
std::optional<core::Member> best_member(const View& view);

// A record or a living member says that the cluster has data. Where there are none yet, whoever
// holds the lock is as good as any other.
bool is_there_data(const View& view);

// No data and no record either: the first node to hold the lock founds the cluster, at once.
bool is_new_cluster(const View& view);

// Our data do not continue the cluster's, and nobody has permitted to go on without them.
bool lacks_data(const View& view);

// It has not joined the term of the record: whoever was recorded then has writes that this node
// lacks.
bool is_behind_the_record(const View& view);

// A node that has joined the term of the record, when this one has not, that has just answered
// and may lead. Sentinels that go on naming this node have not chosen it: they have not heard of
// that term.
std::optional<core::Member> whose_data_are_newer(const View& view, TimePoint now);

// The term of the next record: larger than any that anybody has heard of.
std::uint64_t next_term(const View& view);

// Why this node is the one, for the log and for the record; with what was missing, if waiting for
// it was in vain.
std::string why_to_lead(const View& view);

// Releases it if it is ours or asked for.
Actions let_go_of_lock(const View& view, const char* reason);

}  // namespace redis_zk::redis_wrapper
