// Who a sentinel is to the other sentinels: its id (`SENTINEL MYID`), by which they count its vote.
// They never forget one that they have seen, and each takes part in the majority that a fail-over
// needs. So ids do not belong to processes but to the cluster: they are kept in ZooKeeper, lent to
// one sentinel at a time and lent again (common/zk/identity_pool.h).
//
// Fact of Sentinel 7.0: the same id at another address counts as the same sentinel that has moved;
// see tests/integration/test_sentinel_facts.py.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "common/core/endpoint.h"

namespace redis_zk::core {

// One id as ZooKeeper knows it.
struct SentinelIdentity {
    enum class State {
        owned,      // somebody has taken it. Whether that one still lives is said elsewhere
        released,   // its sentinel was stopped: free for anybody
        abandoned,  // for longer than GHOST_TIMEOUT nobody has owned it, and nobody has released it
    };

    Endpoint last_address;  // of the sentinel that has or had this id, as it was announced
    State state = State::owned;
    std::string claimant;  // a random name of who took it last, which tells two takers apart

    bool operator==(const SentinelIdentity&) const = default;
};

const char* name_of(SentinelIdentity::State state);
std::optional<SentinelIdentity::State> parse_identity_state(std::string_view name);

// 40 hexadecimal digits in lower case: what Redis calls a run id.
bool is_sentinel_id(std::string_view text);

}  // namespace redis_zk::core
