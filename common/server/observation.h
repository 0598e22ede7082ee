// What --check says: one sentence for each thing that was looked at. It looks when the
// configuration has no mistakes, and before any loop: everything here may block for some seconds.
// Nothing is left behind.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "common/core/endpoint.h"
#include "common/core/result.h"
#include "common/server/config.h"

namespace redis_zk::server {

enum class Verdict { good, doubtful, wrong };

struct Observation {
    Verdict verdict = Verdict::good;
    std::string sentence;
};

// "ok: port 6379 of 10.0.0.7 is free", "warning: ...", "mistake: ...".
std::string spoken(const Observation& finding);

// Prints each on standard output and gives the exit status: 2 when one is wrong, else 0.
int report(const std::vector<Observation>& findings);

// Where a parent of a server listens and what it announces, whether the ports are free, and whether
// its run-time directory is. `who` would listen: "redis port".
std::vector<Observation> place_observations(const std::string& who, const Config& config);

// Each sentence is a warning.
void add_doubts(std::vector<Observation>& findings, const std::vector<std::string>& sentences);

// Whether somebody can listen there; `who` would: "redis port".
Observation port_observation(const std::string& who, const core::Endpoint& endpoint);

// Whether the directory can be made or written, and nobody uses it.
Observation lock_observation(const std::string& directory);

// Whether it is a server of the Redis family, and new enough; asks it for its version.
Observation server_observation(const std::string& executable);

// "7.0.15" from "Redis server v=7.0.15 sha=00000000:0 ..." and "Valkey server v=8.0.1 ...". An
// error when it is none of these, or older than Redis 6.2.
core::Result<std::string> version_in(const std::string& line);

// Nothing for "7.0.15"; for a version that is too old the end of a sentence that says so.
std::optional<std::string> why_unsupported(const std::string& version);

// Before anything is written or started: who cannot listen cannot serve. The error's sentence names
// the options.
core::Result<core::Done> look_for_ports(const Config& config);

}  // namespace redis_zk::server
