#include "redis-wrapper/local_check.h"

#include <charconv>
#include <filesystem>
#include <iostream>
#include <utility>

#include "common/app/exit_status.h"
#include "common/app/network.h"
#include "redis-wrapper/generated_configuration.h"
#include "redis-wrapper/own_directories.h"
#include "redis-wrapper/state_file.h"
#include "redis-wrapper/trial_start.h"

namespace redis_zk::redis_wrapper {

namespace {

constexpr core::milliseconds patience{10'000};

// The first versions that know everything we say. Valkey began at 7.2.
constexpr std::pair<int, int> oldest_version{6, 2};

core::Error refused(const std::string& why) { return {core::Fault::refused, why}; }

Observation port_finding(const std::string& who, const core::Endpoint& endpoint) {
    const auto free = app::can_listen(endpoint);
    if (!free) return {Verdict::wrong, who + ": " + free.error().message};
    return {Verdict::good, who + ": " + core::spoken(endpoint) + " is free"};
}

Observation server_finding(const Config& config) {
    const std::string who = "server: " + config.redis_server;
    const auto ended = run_to_end({config.redis_server, {"--version"}, {}, {}}, patience);
    if (!ended) return {Verdict::wrong, who + ": " + ended.error().message};
    const auto version = version_in(ended->lines.empty() ? "" : ended->lines.front());
    if (!version) return {Verdict::wrong, who + ": " + version.error().message};
    return {Verdict::good, who + " is version " + *version};
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

Observation lock_finding(const std::string& directory) {
    std::error_code ignored;
    const std::string who = "directory: " + directory;
    if (!std::filesystem::exists(directory, ignored)) return {Verdict::good, who + " can be made"};
    // Where no wrapper has been, none is.
    if (!std::filesystem::exists(directory + "/redis-zk.lock", ignored))
        return {Verdict::good, who + " can be written"};
    const auto lock = lock_directory(directory);
    if (!lock) return {Verdict::wrong, "directory: " + lock.error().message};
    return {Verdict::good, who + " can be written, and nobody uses it"};
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

std::string spoken(const Observation& finding) {
    switch (finding.verdict) {
        case Verdict::good: return "ok: " + finding.sentence;
        case Verdict::doubtful: return "warning: " + finding.sentence;
        case Verdict::wrong: return "mistake: " + finding.sentence;
    }
    return finding.sentence;
}

std::vector<Observation> local_observations(const Config& config) {
    std::vector<Observation> findings{
        {Verdict::good, "address: listens on " + core::spoken(config.listen) + ", announces " +
                            core::spoken(config.announce)},
        port_finding("redis port", config.listen),
    };
    if (config.http) findings.push_back(port_finding("http port", *config.http));
    findings.push_back(lock_finding(config.run_dir));
    if (config.data_dir != config.run_dir) findings.push_back(lock_finding(config.data_dir));
    findings.push_back(state_finding(config));
    findings.push_back(server_finding(config));
    // What is no server at all has been said; starting it as one would only say it again.
    if (findings.back().verdict == Verdict::good) findings.push_back(trial_finding(config));
    for (const std::string& warning : config.warnings)
        findings.push_back({Verdict::doubtful, warning});
    for (const std::string& choice : spoken_choices(config))
        findings.push_back({Verdict::doubtful, choice});
    return findings;
}

int report(const std::vector<Observation>& findings) {
    int status = app::stopped_as_asked;
    for (const Observation& finding : findings) {
        std::cout << spoken(finding) << '\n';
        if (finding.verdict == Verdict::wrong) status = app::wrong_configuration;
    }
    std::cout << std::flush;
    return status;
}

core::Result<std::string> version_in(const std::string& line) {
    const std::size_t at = line.find(" server v=");
    if (at == std::string::npos) return refused("is no redis-server: it does not say its version");
    const std::size_t begin = at + 10;
    const std::string version = line.substr(begin, line.find(' ', begin) - begin);
    std::pair<int, int> numbers{0, 0};
    const char* const end = version.data() + version.size();
    const auto major = std::from_chars(version.data(), end, numbers.first);
    if (major.ptr != end && *major.ptr == '.') std::from_chars(major.ptr + 1, end, numbers.second);
    if (numbers < oldest_version)
        return refused("is version " + version + "; 6.2 is the oldest that is supported");
    return version;
}

}  // namespace redis_zk::redis_wrapper
