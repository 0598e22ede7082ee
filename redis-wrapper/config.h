// What a redis-wrapper was told, completely checked: whoever has a Config can start. What every
// parent of a server is told is in common/server/config.h; the rest is derived from our own options
// and from the user's redis.conf. Making one reads and asks, but creates and writes nothing (P8).
//
// Where the data are kept:
//   data_dir   DATA_DIR, else the user's `dir`, else <run_dir>/data; when MESOS_SANDBOX was passed
//              over for its length only, still MESOS_SANDBOX/data
#pragma once

#include <string>
#include <variant>

#include "common/app/options.h"
#include "common/core/time.h"
#include "common/server/config.h"
#include "redis-wrapper/quarantine_directory.h"
#include "redis-wrapper/user_configuration.h"

namespace redis_zk::redis_wrapper {

using server::Environment;

struct Config : server::Config {
    std::string redis_server;            // absolute path
    bool password_is_from_user = false;  // it is the requirepass of the user's redis.conf
    UserConfiguration user;

    std::string data_dir;  // absolute

    core::milliseconds cold_start_wait{};
    bool accept_data_loss = false;
    core::milliseconds hand_over_timeout{};
    QuarantineLimits quarantine;

    // For which redis-server may wait for its replicas when it is told to stop, the user's value at
    // most. It saves only afterwards [measured, 7.0.15], and that has to fit into STOP_TIMEOUT too.
    std::chrono::seconds shutdown_timeout() const;

    std::string configuration_path() const { return run_dir + "/redis.conf"; }

    // The exit status instead when there is nothing to run: help and version were printed on
    // standard output (0), or all mistakes on standard error (2).
    static std::variant<Config, int> from_command_line(int argc, char** argv);
};

// The table of the options, for --help and for tests.
const app::Options& options();

// The same without a process around it. With mistakes among the settings the config is not usable.
struct ReadConfig {
    Config config;
    app::Settings settings;
};
ReadConfig read_config(const app::Invocation& invocation);

// Fills in the directory of the data and adds what is wrong to the mistakes. After
// choose_run_dir(), and when the user's configuration has been read.
void choose_directories(Config& config, app::Settings& settings);

}  // namespace redis_zk::redis_wrapper
