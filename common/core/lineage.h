// The position of a dataset in its cluster's history, and what a restarted Redis may still claim
// of it.
//
// Redis itself cannot say it: with an append-only file (the usual configuration) a restarted server
// has a new random replication id and offset 0, although its data are complete; any ranking by
// offset then puts the fullest node level with an empty one. So the suite carries the lineage in a
// small file beside the data, which lives and dies with them.
// Source of the facts on restarts: tests/integration/test_restart_facts.py, run on Redis 7.0.15.
#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace redis_zk::core {

// (term, replication offset in it), compared as a pair: larger is fresher. Within one term all
// nodes replicate one history, so offsets compare; a larger term began with data that were the
// freshest of the terms before it.
struct Lineage {
    std::uint64_t term = 0;
    std::int64_t offset = 0;

    auto operator<=>(const Lineage&) const = default;
};

// "term 7, offset 99", or "no data of this cluster".
std::string spoken(const std::optional<Lineage>& lineage);

// A replication id under which this node's data once were, and in which term.
struct PastId {
    std::string replication_id;
    std::uint64_t term = 0;

    bool operator==(const PastId&) const = default;
};

// Of the redis that has these data, each soon after it became master: see
// redis-wrapper/core/storm.h.
struct EarlyCrashes {
    int count = 0;
    std::int64_t last_at = 0;  // seconds since 1970

    bool operator==(const EarlyCrashes&) const = default;
};

// Writes that the node of these data took as a master; none when it has copied another one since.
enum class OwnWrites {
    none,
    handed_over,  // the master of the next term has them all
    counted,      // the lineage of the data tells them all
    uncounted,    // of a former life, whose last claim is older than they; or in no recorded term
};
const char* name_of(OwnWrites writes);
std::optional<OwnWrites> parse_own_writes(const std::string& name);

// What the file beside the data says: everything up to `lineage` is on disk. It is a lower bound,
// written after the data, never before.
struct Claim {
    std::string node;     // the identity of the node, which lives with its data
    std::string cluster;  // empty: never belonged to one
    std::optional<Lineage> lineage;
    std::string replication_id;  // in which `lineage.offset` counts
    std::int64_t keys = 0;
    std::vector<PastId> past;  // the newest last; a snapshot may be of one of them
    OwnWrites own_writes = OwnWrites::none;
    EarlyCrashes early_crashes = {};

    bool operator==(const Claim&) const = default;
};

// What a Redis shows when it has loaded its files and before anything else happened to it.
struct LoadedDataset {
    bool from_append_only_file = false;
    std::string replication_id;
    std::int64_t offset = 0;
    std::int64_t keys = 0;
};

// The lineage that a restarted node may claim; none when its data do not continue the cluster's.
//  - files that held keys and load none were lost: no claim, whatever the file beside them says;
//  - append-only file: nothing is restored, but nothing is missing either: the claim stands;
//  - snapshot of the history that the claim speaks of: the smaller of the two offsets;
//  - snapshot of a history that the node was in before: that term, and the snapshot's offset;
//  - snapshot of another or of an unknown history (a master that never had a replica stores none):
//    older than every known term, and no claim at all if it holds no key.
std::optional<Lineage> restored_lineage(const std::optional<Claim>& claim,
                                        const LoadedDataset& loaded);

}  // namespace redis_zk::core
