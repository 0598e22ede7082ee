// A redis-server as far as its parent and its peers can tell: role, link, dataset, and what it
// restores after a restart (as measured, see tests/integration/test_restart_facts.py).
#pragma once

#include <optional>
#include <string>

#include "common/core/endpoint.h"
#include "common/core/lineage.h"
#include "tests/simulation/clock.h"
#include "tests/simulation/dataset.h"

namespace redis_zk::simulation {

using core::Endpoint;

// What outlives the processes of a node: its data directory.
struct Disk {
    std::optional<core::Claim> claim;   // the wrapper's file beside the data
    Version claimed = Versions::empty;  // the true dataset when that file was written
    Version version = Versions::empty;  // what Redis will load
    std::string replication_id;         // as a snapshot stores it
    std::int64_t offset = 0;
};

struct FakeRedis {
    bool running = false;
    bool loading = false;
    bool append_only = true;
    bool is_master = false;
    std::optional<Endpoint> following;  // none: parked, or master
    bool link_up = false;
    bool open = false;
    bool hangs = false;  // does not stop when it is asked to
    std::string run_id;

    Version version = Versions::empty;
    std::string replication_id;
    std::int64_t offset = 0;

    // A full synchronisation under way, and the rewrite of the append-only file after it.
    std::optional<TimePoint> sync_ends;
    std::optional<TimePoint> disk_settles;

    bool accepts_writes() const { return running && !loading && is_master && open; }
};

}  // namespace redis_zk::simulation
