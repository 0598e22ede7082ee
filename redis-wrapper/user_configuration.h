// What the user's own redis.conf (REDIS_CONF) and the arguments behind "--" mean to the wrapper:
// the values that it borrows and gives back (replica-priority, min-replicas-*), the passwords that
// it needs itself, the directory of the data, and what cannot work under a wrapper.
//
// redis-server reads the same lines, from the generated configuration that includes them; this is
// only the part that the wrapper has to know too.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "common/server/configuration_reader.h"
#include "common/server/configuration_text.h"

namespace redis_zk::redis_wrapper {

using server::Directive;
using server::Words;

struct UserConfiguration {
    std::string file;      // absolute path of REDIS_CONF, or empty
    Words argument_lines;  // the arguments behind "--", as lines of a configuration

    // Redis's own defaults where the user says nothing.
    int replica_priority = 100;
    int min_replicas_to_write = 0;
    int min_replicas_max_lag = 10;  // seconds
    int shutdown_timeout = 10;      // seconds; of Redis 7 and later

    std::optional<std::string> data_dir;  // absolute; the last `dir`
    // A `dir` that does not exist, with where it stands. redis-server changes into each while it
    // reads, so all but the data directory itself have to exist before.
    std::vector<std::pair<std::string, std::string>> missing_directories;

    std::optional<std::string> requirepass;  // of the default user; "" means that it needs none
    std::optional<std::string> masterauth;
    std::optional<std::string> masteruser;
    Words users;                // names that `user` lines define
    bool has_acl_file = false;  // there may be more users in it

    bool sets(const std::string& name) const { return last.contains(name); }

    // The directive that counts for each name, which is the last one; other names of the same thing
    // under the usual one: "slave-priority" is "replica-priority", "slaveof" is "replicaof".
    std::map<std::string, Directive> last;

    std::vector<std::string> mistakes;  // sentences; no secret in any
    std::vector<std::string> warnings;
};

// `file` is an absolute path of a file that can be read, or empty.
UserConfiguration read_user_configuration(const std::string& file, const Words& arguments,
                                          const std::string& working_directory);

// One sentence for each directive of the user that says something else than ours, which come after
// it and therefore win: `daemonize yes (line 3 of ...) is overridden by daemonize no`.
std::vector<std::string> spoken_overrides(const UserConfiguration& user,
                                          const std::vector<Words>& ours);

}  // namespace redis_zk::redis_wrapper
