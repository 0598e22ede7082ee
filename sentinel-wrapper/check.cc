#include "sentinel-wrapper/check.h"

#include "common/server/fresh_directory.h"
#include "common/server/zookeeper_check.h"
#include "common/zk/layout.h"
#include "sentinel-wrapper/generated_configuration.h"
#include "sentinel-wrapper/trial.h"

namespace redis_zk::sentinel_wrapper {

using server::Observation;
using server::Verdict;

namespace {

Observation trial_finding(const Config& config) {
    const auto directory = server::FreshDirectory::make_temporary();
    if (!directory) return {Verdict::wrong, "configuration: " + directory.error().message};
    const auto tried = try_to_start(config, directory->path());
    if (!tried) return {Verdict::wrong, "configuration: " + tried.error().message};
    return {Verdict::good, "configuration: the sentinel takes it"};
}

}  // namespace

std::vector<Observation> local_observations(const Config& config) {
    std::vector<Observation> findings = server::place_observations("sentinel port", config);
    findings.push_back(server::server_observation(config.sentinel_server));
    // What is no server at all has been said; starting it as one would only say it again.
    if (findings.back().verdict == Verdict::good) findings.push_back(trial_finding(config));
    server::add_doubts(findings, config.warnings);
    server::add_doubts(findings, spoken_choices(config));
    return findings;
}

int check(const Config& config) {
    const zk::Layout layout = config.layout();
    // A sentinel creates nodes in these. Whoever made them granted that together with writing.
    return server::report_with_zookeeper(local_observations(config), config,
                                         {layout.sentinels(), layout.sentinel_ids()});
}

}  // namespace redis_zk::sentinel_wrapper
