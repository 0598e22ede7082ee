// A redis-server as far as its parent and its peers can tell: role, link, dataset, and what it
// restores after a restart (as measured, see tests/integration/test_restart_facts.py).
#pragma once

#include <optional>
#include <set>
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
    bool has_own_writes = false;   // that it took, and has copied nobody since
    std::set<Version> quarantine;  // what was kept of data that were replaced
};

struct FakeRedis {
    bool running = false;
    bool loading = false;
    bool append_only = true;
    bool is_master = false;
    std::optional<Endpoint> following;  // none: parked, or master
    bool link_up = false;
    TimePoint heard_at{};        // its master, over the link
    std::string linked_process;  // of the master; a link ends with it, however soon it is back
    bool open = false;
    bool copies_nobody = true;  // its wrapper has given it no login at a master
    bool offered = false;       // for Sentinel's choice
    bool ignores_sigterm = false;
    // Sentinels made another node master while this one, or the one that it follows, was alive:
    // what was written here since is given up by whoever asked for that.
    bool is_given_up = false;
    std::uint64_t copied_in_term = 0;  // of the record, when it copied somebody last
    core::TimePoint offered_at{};
    bool is_promoted_by_others = false;  // than its wrapper: sentinels, or a hand
    bool was_pointed_by_hand = false;    // at whom it follows; its data are the hand's matter
    bool lends_its_data = false;         // its wrapper has made the user with which replicas log in
    bool is_listened_to = true;          // by its wrapper, on the channel of the cluster
    TimePoint demoted_at{};              // by somebody else than its wrapper
    TimePoint opened_at{};               // by its wrapper, last
    TimePoint stepped_down_at{};         // by its wrapper
    TimePoint hangs_until{};             // answers nothing before
    TimePoint paused_until{};            // its clients wait with their writes
    TimePoint lags_until{};              // nothing of its master's stream comes before
    std::string run_id;

    Version version = Versions::empty;
    std::string replication_id;
    std::string former_replication_id;
    std::int64_t former_offset = 0;
    std::int64_t offset = 0;

    // A full synchronisation under way, and the rewrite of the append-only file after it.
    std::optional<TimePoint> sync_ends;
    std::optional<TimePoint> disk_settles;

    // At this time; a server that hangs will take them later.
    bool accepts_writes() const { return running && !loading && is_master && open; }
};

}  // namespace redis_zk::simulation
