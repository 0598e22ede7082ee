// What every executable was told about the cluster, and what every parent of a server was told
// besides; completely checked. Options come from flags, environment
// and file (common/app/options.h); the rest is derived from them and from what the kernel says
// about this host. Making one reads and asks, but creates and writes nothing (P8).
//
// Which address is announced, and on which the server listens:
//   listening host   BIND_IP, else the first address of NET_IFACE
//   listening port   LISTEN_PORT, else PORT0
//   announced host   ANNOUNCE_IP, else in bridge mode the address of HOST, else the listening host,
//                    else, when that is 0.0.0.0 or ::, the address of NET_IFACE
//   announced port   ANNOUNCE_PORT, else PORT0 where it is given, else the listening port
// Bridge mode: the scheduler has set HOST and PORT0, and HOST is no address of this host; so we are
// behind its forwarder, and PORT0 is a port of the outer host. Where the inner port differs from it
// LISTEN_PORT says so. A HOST that is a name is looked up, once, before the loop runs. Only what
// somebody has named (BIND_IP, NET_IFACE, ANNOUNCE_IP) can be a loopback address.
//
// Which directory is used for run-time files:
//   run_dir    RUN_DIR, else MESOS_SANDBOX, else XDG_RUNTIME_DIR/redis-zk-<port>, else a fresh one
//              below TMPDIR. One that was not asked for by name is passed over when nobody can
//              write there, or when its path is too long for the name of a unix socket (107 bytes;
//              the sandbox of an agent without containers usually is)
#pragma once

#include <initializer_list>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "common/app/logging.h"
#include "common/app/options.h"
#include "common/core/endpoint.h"
#include "common/core/time.h"
#include "common/redis/connection.h"
#include "common/redis/questions.h"
#include "common/zk/hosts.h"
#include "common/zk/layout.h"
#include "common/zk/session_keeper.h"

namespace redis_zk::server {

struct ClusterConfig {
    zk::Hosts hosts;
    std::string root;
    core::milliseconds session_timeout{};
    core::milliseconds zk_timeout{};  // how long ZooKeeper may be away at the start; 0: for ever
    std::string zk_credentials;       // of scheme "digest": "user:password"; empty: none

    std::string master_name;
    redis::Credentials credentials;           // of our own connections to redis-servers
    redis::Credentials sentinel_credentials;  // without a password they need none

    app::LogLevel log_level = app::LogLevel::info;
    app::LogFormat log_format = app::LogFormat::text;
    bool check = false;  // only look whether everything is well

    std::vector<std::string> warnings;  // sentences for the log

    zk::Layout layout() const { return {hosts.chroot, root}; }
    zk::SessionKeeper::Options session_options() const {
        return {hosts.servers, session_timeout, zk_credentials};
    }
    redis::Questions::Options question_options() const {
        return {credentials, sentinel_credentials, master_name};
    }
    // The servers and the root, for people.
    std::string spoken_zookeeper() const;
};

struct Config : ClusterConfig {
    core::Endpoint listen;
    core::Endpoint announce;
    std::optional<core::Endpoint> http;
    std::string http_token;  // empty: nothing can be changed over HTTP

    std::string run_dir;           // absolute; configuration and unix socket, for our eyes only
    bool run_dir_is_ours = false;  // a fresh one: to be made, and removed at the end

    core::milliseconds stop_timeout{};

    std::string socket_path() const { return run_dir + "/redis.sock"; }
};

// Parts of the table of options, which an executable puts together in the order of its --help.
// `server` is who listens there, for people: "redis-server".
std::vector<app::Option> zookeeper_options();
std::vector<app::Option> listening_options(const std::string& server, const std::string& port);
std::vector<app::Option> address_options(const std::string& server, const std::string& port);
app::Option run_dir_option();
app::Option stop_timeout_option(const std::string& server);
app::Option master_name_option();
app::Option redis_password_option();
// The user and the password of the sentinels.
std::vector<app::Option> sentinel_credentials_options();
std::vector<app::Option> log_options();
app::Option check_option();
// The table, of its parts.
std::vector<app::Option> joined(std::initializer_list<std::vector<app::Option>> parts);

// Each fills in its part of a config and adds what is wrong to the mistakes.
using Environment = std::map<std::string, std::string>;
void read_zookeeper(ClusterConfig& config, app::Settings& settings);
// Log, master_name, sentinel_credentials, check.
void read_cluster_options(ClusterConfig& config, app::Settings& settings);
// REDIS_USERNAME and REDIS_PASSWORD.
void read_credentials(ClusterConfig& config, app::Settings& settings);
core::Endpoint choose_listening(app::Settings& settings);
void choose_addresses(Config& config, app::Settings& settings, const Environment& environment,
                      const std::string& server);
// After choose_addresses().
void choose_run_dir(Config& config, app::Settings& settings, const Environment& environment);
// Those of the cluster, stop_timeout, http_token.
void read_common_options(Config& config, app::Settings& settings);
// At the end: those of the settings come before what was found besides.
void take_warnings(ClusterConfig& config, const app::Settings& settings);

bool is_executable(const std::string& path);

// The absolute path of a server that the option names: a path, or a name in PATH; by default the
// first of `names` that is in PATH. Empty, with a mistake, when there is none.
std::string find_executable(const std::string& option, const std::vector<std::string>& names,
                            app::Settings& settings, const Environment& environment);

// A configuration of the user's that the option names, as an absolute path; empty when there is
// none, or when it cannot be read, which is among the mistakes then. `reader` is who would include
// it, and take some letters for a pattern.
std::string find_user_file(const std::string& option, const std::string& reader,
                           app::Settings& settings);

std::string absolute_path(const std::string& path);

// "" when the directory can be used or made, else why not: "is no directory".
std::string why_unusable(const std::string& directory);

}  // namespace redis_zk::server
