// The part of --check that needs no ZooKeeper: what can be seen on this host. It runs when the
// configuration has no mistakes, and before any loop: everything here may block for some seconds.
// Nothing is left behind.
#pragma once

#include <string>
#include <vector>

#include "common/core/result.h"
#include "redis-wrapper/config.h"

namespace redis_zk::redis_wrapper {

enum class Verdict { good, doubtful, wrong };

struct Observation {
    Verdict verdict = Verdict::good;
    std::string sentence;
};

// "ok: port 6379 of 10.0.0.7 is free", "warning: ...", "mistake: ...".
std::string spoken(const Observation& finding);

// The addresses, whether the ports are free, the server's version, the directories, and whether the
// server takes the generated configuration; then all warnings.
std::vector<Observation> local_observations(const Config& config);

// Prints each on standard output and gives the exit status: 2 when one is wrong, else 0.
int report(const std::vector<Observation>& findings);

// "7.0.15" from "Redis server v=7.0.15 sha=00000000:0 ..." and "Valkey server v=8.0.1 ...". An
// error when it is none of these, or older than Redis 6.2.
core::Result<std::string> version_in(const std::string& line);

}  // namespace redis_zk::redis_wrapper
