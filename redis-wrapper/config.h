// What a redis-wrapper was told, completely checked: whoever has a Config can start. Options come
// from flags, environment and file (common/app/options.h); the rest is derived from them, from the
// user's redis.conf and from what the kernel says about this host. Making one reads and asks, but
// creates and writes nothing (P8).
//
// Which address is announced, and on which the redis-server listens:
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
// Which directories are used:
//   run_dir    RUN_DIR, else MESOS_SANDBOX, else XDG_RUNTIME_DIR/redis-zk-<port>, else a fresh one
//              below TMPDIR. One that was not asked for by name is passed over when nobody can
//              write there, or when its path is too long for the name of a unix socket (107 bytes;
//              the sandbox of an agent without containers usually is)
//   data_dir   DATA_DIR, else the user's `dir`, else <run_dir>/data; when MESOS_SANDBOX was passed
//              over for its length only, still MESOS_SANDBOX/data
#pragma once

#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "common/app/logging.h"
#include "common/app/options.h"
#include "common/core/endpoint.h"
#include "common/core/time.h"
#include "common/redis/connection.h"
#include "common/zk/hosts.h"
#include "redis-wrapper/user_configuration.h"

namespace redis_zk::redis_wrapper {

struct Config {
    zk::Hosts hosts;
    std::string root;
    core::milliseconds session_timeout{};
    core::milliseconds zk_timeout{};  // how long ZooKeeper may be away at the start; 0: for ever
    std::string zk_credentials;       // of scheme "digest": "user:password"; empty: none

    core::Endpoint listen;
    core::Endpoint announce;
    std::optional<core::Endpoint> http;
    std::string http_token;  // empty: nothing can be changed over HTTP

    std::string redis_server;            // absolute path
    redis::Credentials credentials;      // of our own connections to redis-servers
    bool password_is_from_user = false;  // it is the requirepass of the user's redis.conf
    UserConfiguration user;

    std::string data_dir;          // absolute, as run_dir
    std::string run_dir;           // redis.conf and the unix socket, for our eyes only
    bool run_dir_is_ours = false;  // a fresh one: to be made, and removed at the end

    core::milliseconds cold_start_wait{};
    core::milliseconds stop_timeout{};
    app::LogLevel log_level = app::LogLevel::info;
    app::LogFormat log_format = app::LogFormat::text;
    std::string master_name;
    bool accept_data_loss = false;
    bool check = false;  // only look whether everything is well

    std::vector<std::string> warnings;  // sentences for the log

    std::string socket_path() const { return run_dir + "/redis.sock"; }
    std::string configuration_path() const { return run_dir + "/redis.conf"; }

    // The exit status instead when there is nothing to run: help and version were printed on
    // standard output (0), or all mistakes on standard error (2).
    static std::variant<Config, int> from_command_line(int argc, char** argv);
};

// The table of the options, for --help and for tests.
app::Options options();

// The same without a process around it. With mistakes among the settings the config is not usable.
struct ReadConfig {
    Config config;
    app::Settings settings;
};
ReadConfig read_config(const app::Invocation& invocation);

// Each fills in its part of a config and adds what is wrong to the mistakes.
using Environment = std::map<std::string, std::string>;
void choose_addresses(Config& config, app::Settings& settings, const Environment& environment);
// After choose_addresses(), and when the user's configuration has been read.
void choose_directories(Config& config, app::Settings& settings, const Environment& environment);

}  // namespace redis_zk::redis_wrapper
