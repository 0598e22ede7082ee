// What a watcher was told, completely checked: whoever has a Config can start. What every
// executable is told about the cluster is in common/server/config.h. Making one reads and asks, but
// creates and writes nothing (P8).
#pragma once

#include <cstddef>
#include <variant>

#include "common/app/options.h"
#include "common/core/endpoint.h"
#include "common/core/time.h"
#include "common/server/config.h"
#include "watcher/hooks.h"

namespace redis_zk::watcher {

using server::Environment;

struct Config : server::ClusterConfig {
    core::Endpoint listen;  // of the HTTP API: on the listening address, at PORT0

    std::vector<Hook> hooks;
    core::milliseconds hook_timeout{};
    std::size_t hook_queue = 0;

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

}  // namespace redis_zk::watcher
