#include "redis-wrapper/local_check.h"

#include "common/server/fresh_directory.h"
#include "common/server/trial_start.h"
#include "redis-wrapper/generated_configuration.h"
#include "redis-wrapper/state_file.h"

namespace redis_zk::redis_wrapper {

namespace {

constexpr core::milliseconds patience{10'000};

std::vector<Words> needed_commands() {
    return {{"ROLE"},
            {"INFO"},
            {"CONFIG", "GET", "replica-priority"},
            {"CONFIG", "SET", "replica-priority", "0"},
            {"REPLICAOF", "127.0.0.1", "0"},
            {"CLIENT", "LIST"},
            {"ACL", "SETUSER", "redis-zk-replica", "off"},
            {"ACL", "DELUSER", "redis-zk-replica"},
            {"PUBSUB", "NUMSUB", "redis-zk"},
            {"SUBSCRIBE", "redis-zk"}};
}

Observation trial_finding(const Config& config) {
    if (!config.user.missing_directories.empty())
        return {Verdict::doubtful, "configuration: not tried, because its dir \"" +
                                       config.user.missing_directories.front().first +
                                       "\" is made only at the start"};
    const auto tried = try_to_start(config, patience);
    if (!tried) return {Verdict::wrong, "configuration: " + tried.error().message};
    return {Verdict::good, "configuration: the server takes it"};
}

Observation state_finding(const Config& config) {
    StateFile file{config.data_dir};
    const auto is_read = file.read();
    if (!is_read)
        return {Verdict::doubtful, "data: " + is_read.error().message +
                                       "; at the start it is set aside, and the data do not count"};
    if (!file.claim()) return {Verdict::good, "data: never belonged to a cluster"};
    return {Verdict::good, "data: " + core::spoken(file.claim()->lineage)};
}

}  // namespace

core::Result<core::Done> try_to_start(const Config& config, core::milliseconds time) {
    const auto directory = server::FreshDirectory::make_temporary();
    if (!directory) return directory.error();
    Config trial = config;
    trial.listen.port = 0;
    trial.data_dir = trial.run_dir = directory->path();
    if (auto written = write_generated_configuration(trial); !written) return written;
    return server::try_to_start({{config.redis_server, {trial.configuration_path()}, {}, {}},
                                 trial.socket_path(),
                                 config.credentials,
                                 needed_commands()},
                                time);
}

std::vector<Observation> local_observations(const Config& config) {
    std::vector<Observation> findings = server::place_observations("redis port", config);
    if (config.data_dir != config.run_dir)
        findings.push_back(server::lock_observation(config.data_dir));
    findings.push_back(state_finding(config));
    findings.push_back(server::server_observation(config.redis_server));
    // What is no server at all has been said; starting it as one would only say it again.
    if (findings.back().verdict == Verdict::good) findings.push_back(trial_finding(config));
    server::add_doubts(findings, config.warnings);
    server::add_doubts(findings, spoken_choices(config));
    return findings;
}

}  // namespace redis_zk::redis_wrapper
