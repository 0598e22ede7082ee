// Who is master now, as far as it can be proven, and what the nodes say that the own sentinel
// counts on.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "common/core/inquiry.h"
#include "sentinel-wrapper/core/view.h"

namespace redis_zk::sentinel_wrapper {

struct Finding {
    std::optional<Endpoint> master;  // verified
    bool named_by_sentinels = false;
    bool named_by_record = false;     // which is whole: the name of a term, not a hand's
    std::string why;                  // "the record names it"
    std::vector<Endpoint> questions;  // nodes to ask now
    bool ask_sentinels = false;
    bool still_looking = false;  // answers are missing: conclude nothing
    std::string tried;           // what was found instead of a master, for people
};

Finding find_master(const View& view, TimePoint now);

// The own sentinel monitors the verified master, and sees it itself.
bool is_master_up(const View& view, const Finding& finding);

// The last answer of a node, unless it is too old to conclude anything from.
Probe::Answer recent_answer(const View& view, const Endpoint& node, TimePoint now);

// The node answered twice in a row, as a master or as somebody's replica, and did not prove that it
// belongs to our cluster. (Twice: its wrapper may have been connecting anew to its redis. One that
// is parked has not said yet to whom it belongs, and passes nothing on.)
bool is_stranger(const View& view, const Endpoint& node, TimePoint now);

// Nothing is expected to change: the own sentinel is registered and monitors the verified master.
// Looks are rare then.
bool is_settled(const View& view);

// In the fail-over that runs, as its leader says itself. It sees that the promoted node is master,
// and names it, only with its next INFO, up to a second later.
bool was_promoted_just_now(const View& view, const Endpoint& master, TimePoint now);

// A sentinel has promoted whom the record names, and the own one does not name it yet.
bool is_about_to_turn(const View& view, TimePoint now);

// And it takes its master for dead, too: nobody needs to wait until a question to the dead one has
// timed out.
bool was_replaced_when_lost(const View& view, TimePoint now);

}  // namespace redis_zk::sentinel_wrapper
