// Who is master now, as far as it can be proven. The record and the sentinels are only where to
// look: both may be stale. What counts is a node that answers ROLE with "master" and proves that
// it belongs to this cluster; an address alone may be somebody else's by now.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "redis-wrapper/core/view.h"

namespace redis_zk::redis_wrapper {

struct Finding {
    std::optional<Endpoint> master;  // verified; may be our own address
    bool named_by_sentinels = false;
    std::string why;  // "the record names it"
    // The node that our Redis follows is another one, and a verified master too or not known yet:
    // whoever pointed us there may have heard something newer.
    bool follows_a_rival = false;

    std::vector<Endpoint> questions;  // nodes to ask now
    bool ask_sentinels = false;
    bool still_looking = false;  // answers are missing: conclude nothing
    // The record's master, and whom this one followed before: nothing may be written here while one
    // of them can be written to.
    bool former_is_unknown = false;
    std::optional<Endpoint> open_former;

    // Whom a sentinel names instead of this closed master, unless it is known to be none; or who
    // was seen to be one.
    std::optional<Endpoint> named_otherwise;

    // A node that is named as master and gives no sign at all, neither of life nor of death.
    std::optional<Endpoint> silent;
    TimePoint silent_since{};
    std::string tried;  // what was found instead of a master, for people
};

Finding find_master(const View& view, TimePoint now);

// A sentinel fails over from this node, or did so when it was heard last. Until it has named the
// successor, nobody else knows of one.
bool is_being_replaced(const View& view, TimePoint now);

// This closed master is the successor in the fail-over that runs, as its leader says.
bool is_taking_over(const View& view, TimePoint now);

// Whom more than half of the registered sentinels name. Nobody while their answers are older than
// the record: an old master would outvote the one that the sentinels chose meanwhile.
std::optional<Endpoint> majority_of_sentinels(const View& view);

// redis-zk leaves the entries of its dead sentinels for ever. Where nobody has data of a cluster
// yet only those count that answer, so that the dead do not hide whom the others name.
core::Sentinels sentinels_that_count(const View& view);
// Whom most of these name.
std::optional<Endpoint> named_by_sentinels(const View& view);

// Nothing is expected to change: a master that is recorded, or a replica whose link is up. Looks
// are rare then.
bool is_settled(const View& view);

// A question to this node is due: no answer yet, or an old one, and none under way.
bool is_question_due(const View& view, const Endpoint& node, TimePoint now);

// The last answer of a node, unless it is too old to conclude anything from.
Probe::Answer recent_answer(const View& view, const Endpoint& node, TimePoint now);

}  // namespace redis_zk::redis_wrapper
