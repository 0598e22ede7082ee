// The configuration with which our redis-sentinel starts: what is kept of the user's, then ours.
// redis-sentinel rewrites this file whenever it learns something, and needs to rename in the
// directory around it. Nothing of what it writes is read again: the next start makes a new file, so
// what a sentinel knows comes from ZooKeeper and the other sentinels, never from a former life.
// (That also spares us a fault of it: passwords with blanks are rewritten without quotes [measured,
// 7.0.15].)
#pragma once

#include <string>
#include <vector>

#include "common/core/endpoint.h"
#include "common/core/result.h"
#include "sentinel-wrapper/config.h"
#include "sentinel-wrapper/core/action.h"

namespace redis_zk::sentinel_wrapper {

// Who it is and whom it monitors, which is known only when it starts.
struct Beginning {
    std::string id;
    core::Endpoint master;
    int quorum = 0;
    Epochs epochs{};  // the file is the only way to tell a sentinel of them
};

// Our own directives, each with its values. Contains the passwords.
std::vector<Words> own_directives(const Config& config, const Beginning& beginning);

// What SENTINEL SET has to say about a master that is monitored anew: names, each with its values.
// Contains the password.
Words settings_of_master(const Config& config);

// The text of the file. Contains the passwords.
std::string generated_configuration(const Config& config, const Beginning& beginning);

// Sentences for the log, once at the start: what of the user's is overridden, and what our own
// choice means for him. No secret in any.
std::vector<std::string> spoken_choices(const Config& config);

// Replaces <run_dir>/sentinel.conf in one step, mode 0600. The directory has to exist.
core::Result<core::Done> write_generated_configuration(const Config& config,
                                                       const Beginning& beginning);

}  // namespace redis_zk::sentinel_wrapper
