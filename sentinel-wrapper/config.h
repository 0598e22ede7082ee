// What a sentinel-wrapper was told, completely checked: whoever has a Config can start. What every
// parent of a server is told is in common/server/config.h; the rest is derived from our own options
// and from the user's sentinel.conf. Making one reads and asks, but creates and writes nothing
// (P8).
#pragma once

#include <optional>
#include <string>
#include <variant>

#include "common/app/options.h"
#include "common/core/time.h"
#include "common/server/config.h"
#include "sentinel-wrapper/user_configuration.h"

namespace redis_zk::sentinel_wrapper {

using server::Environment;

struct Config : server::Config {
    std::string sentinel_server;  // absolute path
    UserConfiguration user;

    std::optional<int> quorum;  // none: the majority of the sentinels
    core::milliseconds down_after{};
    core::milliseconds failover_timeout{};
    int parallel_syncs = 1;

    core::milliseconds master_timeout{};  // for a first master; 0: for ever
    core::milliseconds ghost_timeout{};
    core::milliseconds drain{};

    // redis-sentinel writes it anew whenever it learns something.
    std::string configuration_path() const { return run_dir + "/sentinel.conf"; }

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

}  // namespace redis_zk::sentinel_wrapper
