// The configuration with which our redis-server starts: it includes the user's redis.conf, then
// come the arguments behind "--", then ours, which win. Every line of it is understood by Redis 6.2
// and 7, and by Valkey 8.
//
// It starts the server parked and closed: a replica of an address where nobody can listen, never
// chosen by Sentinel (replica-priority 0), and refusing writes even if something promotes it
// (min-replicas-to-write). The wrapper gives the user's values back over the unix socket when the
// node is in sync.
// Source of the facts: tests/integration/test_restart_facts.py, run on Redis 7.0.15.
#pragma once

#include <string>
#include <vector>

#include "common/core/result.h"
#include "common/server/configuration_text.h"
#include "redis-wrapper/config.h"

namespace redis_zk::redis_wrapper {

// Our own directives, each with its values. Contains the password.
std::vector<Words> own_directives(const Config& config);

// The text of the file. Contains the password.
std::string generated_configuration(const Config& config);

// Sentences for the log, once at the start: what of the user's is overridden, and what our own
// choice means for him. No secret in any.
std::vector<std::string> spoken_choices(const Config& config);

// Replaces <run_dir>/redis.conf in one step, mode 0600. The directory has to exist.
core::Result<core::Done> write_generated_configuration(const Config& config);

}  // namespace redis_zk::redis_wrapper
