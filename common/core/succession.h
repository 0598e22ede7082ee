// The change from one master to the next: who may still take writes although another node has been
// made master, and in which term the next record is written. Pure.
//
// A replica that was promoted is closed until the record names it, so whoever writes the record
// opens it. That must not happen before the former master takes no more writes (P1). Sentinel
// promotes by hand while the old master lives, and demotes that one up to some 10 s later.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "common/core/probe.h"
#include "common/core/record.h"
#include "common/core/time.h"

namespace redis_zk::core {

// How a node became master, as far as whoever judges it knows.
struct Promotion {
    TimePoint at{};  // or earlier
    // The former master was heard so shortly before that it cannot have been replaced for being
    // dead.
    bool former_was_heard = false;
    TimePoint noticed_at{};  // or later, where the promotion itself was not seen
};

// Whether clients may be writing to this node beside the promoted one. A silence proves nothing if
// the node was alive after the promotion, before Sentinel has had the time to demote it.
bool may_take_writes(const Probe& node, const FoundRecord& record, const Promotion& promotion,
                     TimePoint now);

// Larger than any term that anybody has heard of.
std::uint64_t next_term(const FoundRecord& record, const Roster& roster,
                        const std::vector<Member>& living);

// What was written down of the data of all nodes but the new master: of the living, and of those
// that had everything their master had. For the history; while a node is in sync it has more than
// it wrote. Whoever follows the new master already counts offsets of another term.
std::optional<Lineage> freshest_of_others(const Roster& roster,
                                          const std::map<std::string, Member>& living,
                                          const Endpoint& master);

}  // namespace redis_zk::core
