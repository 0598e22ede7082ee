// Follows the lineage of a node's dataset while its Redis runs: what may be said of the data in
// memory, and what may be written into the file beside the data.
//
// The two differ after a full synchronisation. The new data are in memory at once; on disk they
// are when Redis has rewritten its append-only file, and a kill before that brings the old dataset
// back. So the stored claim moves only when the disk has caught up: it stays a lower bound.
#pragma once

#include "common/core/lineage.h"
#include "common/core/record.h"

namespace redis_zk::core {

class LineageTracker {
  public:
    // What one look at the Redis showed (INFO).
    struct Observation {
        Role role = Role::stopped;
        bool link_up = false;
        bool sync_in_progress = false;  // a full synchronisation is replacing the data
        bool disk_settled = true;       // no rewrite of the append-only file is due or under way
        std::string replication_id;
        std::int64_t offset = 0;
        std::int64_t keys = 0;
        // The term whose history this node has joined: the record's, when the record names this
        // very master, or the master that the link is up to, or the replication id of the data (a
        // snapshot restores it; what is in the snapshot is then proven by Redis itself).
        std::optional<std::uint64_t> joined_term;
        // The link is up to a node of another cluster: the data are, or will be, that one's.
        bool stranger = false;
        // Bytes that Redis keeps back from its append-only file while an fsync runs: a kill loses
        // them. Counted like the offset, near enough.
        std::int64_t unwritten = 0;
    };

    LineageTracker() = default;
    explicit LineageTracker(std::optional<Claim> stored) : stored_{std::move(stored)} {}

    // Once, when the Redis has loaded its files.
    void loaded(const LoadedDataset& dataset);
    void observed(const Observation& look);

    // Of the data in memory; none while they are being replaced. Before loaded(): what the files
    // may turn out to hold.
    std::optional<Lineage> current() const;
    // For the file. Belongs to `node` in `cluster`.
    Claim claim(const std::string& node, const std::string& cluster) const;

  private:
    void store(const Observation& look);

    std::optional<Claim> stored_;  // a lower bound of what is on disk
    std::optional<Lineage> memory_;
    std::int64_t keys_ = 0;            // as last seen with data that belong to memory_
    bool counts_in_this_run_ = false;  // Redis's own offset belongs to memory_'s term
    bool loaded_ = false;
    bool being_replaced_ = false;
    bool disk_behind_ = false;
};

}  // namespace redis_zk::core
