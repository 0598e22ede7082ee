#include "sentinel-wrapper/trial.h"

#include <vector>

#include <unistd.h>

#include "common/server/trial_start.h"
#include "sentinel-wrapper/generated_configuration.h"
#include "sentinel-wrapper/sentinel_child.h"

namespace redis_zk::sentinel_wrapper {

namespace {

constexpr core::milliseconds patience{10'000};

// Any id, and a master that is never there: the trial is over before it is missed.
const Beginning for_a_moment{std::string(40, '0'), {"127.0.0.1", 1}, 1};

std::vector<Words> needed_commands(const Config& config) {
    const std::string& name = config.master_name;
    return {{"SENTINEL", "MASTER", name},    {"SENTINEL", "REPLICAS", name},
            {"SENTINEL", "SENTINELS", name}, {"SENTINEL", "MYID"},
            {"SENTINEL", "REMOVE", name},    {"SENTINEL", "MONITOR", name, "127.0.0.1", "1", "1"}};
}

}  // namespace

core::Result<core::Done> try_to_start(const Config& config, const std::string& directory) {
    Config trial = config;
    trial.listen.port = 0;
    trial.run_dir = directory;
    if (auto written = write_generated_configuration(trial, for_a_moment); !written) return written;
    auto tried = server::try_to_start({sentinel_command(trial), trial.socket_path(),
                                       config.sentinel_credentials, needed_commands(config)},
                                      patience);
    unlink(trial.configuration_path().c_str());
    unlink(trial.socket_path().c_str());
    return tried;
}

}  // namespace redis_zk::sentinel_wrapper
