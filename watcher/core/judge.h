// What a watcher believes, and why: who is master now, who says so, and whether that is proven. The
// pages show it, the policy acts on it.
#pragma once

#include <optional>
#include <set>
#include <string>
#include <vector>

#include "common/core/inquiry.h"
#include "common/core/opinion.h"
#include "watcher/core/view.h"

namespace redis_zk::watcher {

// The opinions that count now, for what common/core can tell of them: an answer that is missing,
// old or outdated counts as none.
core::Sentinels believed_sentinels(const View& view, TimePoint now);

// Whom the sentinels have chosen, if that is beyond doubt.
struct Choice {
    Endpoint master;
    std::uint64_t config_epoch = 0;  // the largest among those that name it
    std::string why;                 // "the majority of the sentinels names it"
    bool is_newer = false;           // than any that the record has seen
    bool is_of_majority = false;     // else of those alone that can be reached
};
std::optional<Choice> choice_of_sentinels(const View& view, TimePoint now);

// The last term that was read. A record that somebody has deleted still says who was master, and
// for which reason: the same one needs no other, and whatever is older counts as little as before.
const std::optional<core::Record>& last_recorded(const View& view);

// It was asked in vain whether it is still master, and most of the sentinels that looked after it
// have not said that it is down: it may live, and be cut off from us alone.
bool is_out_of_sight(const View& view, const Endpoint& node, TimePoint now);

// Whoever is registered has answered lately, or was silent then.
bool are_all_sentinels_asked(const View& view, TimePoint now);
bool has_any_sentinel_answered(const View& view, TimePoint now);

// Whom the record names, in either of its places, and whom anybody names as master.
std::set<Endpoint> named_nodes(const View& view);

// Besides, who is registered, and who was a master of ours when it was asked last: one that has
// left ZooKeeper and that nobody names any more may still take writes.
std::set<Endpoint> nodes_of_interest(const View& view);

// It believes in another master than the majority, and for an older reason.
bool is_behind(const View& view, const Endpoint& sentinel, TimePoint now);

// The last answer of a node, unless it is too old to conclude anything from.
Probe::Answer recent_answer(const View& view, const Endpoint& node, TimePoint now);

// As ROLE told it lately; nothing where it told none. Whoever restarts or is promoted is ahead of
// its entry in ZooKeeper, and an entry whose wrapper is frozen or cut off stays what it was.
std::optional<core::Role> answered_role(const View& view, const Endpoint& node, TimePoint now);

// Its wrapper proves it; or it is the very process that a wrapper has registered in our ZooKeeper:
// Sentinel cuts the connection that carries the first proof when it promotes a node.
bool belongs_to_us(const View& view, const Endpoint& node);

// It answers as a master, and belongs to our cluster.
bool is_verified(const View& view, const Endpoint& node, TimePoint now);

// The record names this node in both of its places, and the very process that was asked last.
bool is_recorded(const View& view, const Endpoint& node);

// A fail-over may be under way: an event says so, or a sentinel does.
bool is_alarmed(const View& view, TimePoint now);

// Nothing is expected to change: the recorded master is verified, and all who answer name it.
bool is_calm(const View& view, TimePoint now);

// How often to look, and for how long an answer may be believed.
core::Pace pace_of(const View& view, TimePoint now);

// Who contradicts whom, one sentence each; empty when all agree.
std::vector<std::string> disagreements(const View& view, TimePoint now);

}  // namespace redis_zk::watcher
