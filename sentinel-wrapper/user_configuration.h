// What the user's own sentinel.conf (SENTINEL_CONF) and the arguments behind "--" mean to the
// wrapper. His file is read and never written: redis-sentinel rewrites the file that it is started
// with, so it gets a copy, and in the copy only what can work under a wrapper.
//
// Three kinds of lines:
//  - kept: they stand in the generated configuration as they are;
//  - taken over: passwords, and the settings of the master that are options of ours too. The option
//    wins where it is given;
//  - dropped: what the wrapper decides itself (addresses, whom to monitor, the id) and what an
//    earlier life of a sentinel wrote into the file (epochs, known replicas and sentinels).
#pragma once

#include <optional>
#include <set>
#include <string>
#include <vector>

#include "common/core/time.h"
#include "common/server/configuration_reader.h"

namespace redis_zk::sentinel_wrapper {

using server::Directive;
using server::Words;

struct UserConfiguration {
    std::vector<Words> kept;           // in the order of the user
    std::vector<Directive> decided;    // what the wrapper decides itself, and dropped
    std::vector<Words> of_the_master;  // settings for SENTINEL SET that are no options of ours

    std::optional<core::milliseconds> down_after;
    std::optional<core::milliseconds> failover_timeout;
    std::optional<int> parallel_syncs;
    std::optional<std::string> auth_user;  // with which sentinels speak to nodes
    std::optional<std::string> auth_pass;
    std::optional<std::string> requirepass;  // of the sentinel itself
    bool sets_protected_mode = false;
    std::set<std::string> users;  // of ACL, that it defines
    bool has_acl_file = false;    // which may define more

    std::vector<std::string> mistakes;  // sentences; no secret in any
    std::vector<std::string> warnings;
};

// `file` is an absolute path of a file that can be read, or empty. `master_name` is the only master
// that it may speak of.
UserConfiguration read_user_configuration(const std::string& file, const Words& arguments,
                                          const std::string& working_directory,
                                          const std::string& master_name);

}  // namespace redis_zk::sentinel_wrapper
