#include "common/server/observation.h"

#include <charconv>
#include <filesystem>
#include <iostream>
#include <utility>

#include "common/app/exit_status.h"
#include "common/app/network.h"
#include "common/server/locked_directory.h"
#include "common/server/trial_start.h"

namespace redis_zk::server {

namespace {

constexpr core::milliseconds patience{10'000};

// The first versions that know everything we say. Valkey began at 7.2.
constexpr std::pair<int, int> oldest_version{6, 2};

core::Error refused(const std::string& why) { return {core::Fault::refused, why}; }

}  // namespace

std::vector<Observation> place_observations(const std::string& who, const Config& config) {
    std::vector<Observation> findings{
        {Verdict::good, "address: listens on " + core::spoken(config.listen) + ", announces " +
                            core::spoken(config.announce)},
        port_observation(who, config.listen),
    };
    if (config.http) findings.push_back(port_observation("http port", *config.http));
    findings.push_back(lock_observation(config.run_dir));
    return findings;
}

void add_doubts(std::vector<Observation>& findings, const std::vector<std::string>& sentences) {
    for (const std::string& sentence : sentences) findings.push_back({Verdict::doubtful, sentence});
}

Observation port_observation(const std::string& who, const core::Endpoint& endpoint) {
    const auto free = app::can_listen(endpoint);
    if (!free) return {Verdict::wrong, who + ": " + free.error().message};
    return {Verdict::good, who + ": " + core::spoken(endpoint) + " is free"};
}

Observation server_observation(const std::string& executable) {
    const std::string who = "server: " + executable;
    const auto ended = run_to_end({executable, {"--version"}, {}, {}}, patience);
    if (!ended) return {Verdict::wrong, who + ": " + ended.error().message};
    const auto version = version_in(ended->lines.empty() ? "" : ended->lines.front());
    if (!version) return {Verdict::wrong, who + ": " + version.error().message};
    return {Verdict::good, who + " is version " + *version};
}

Observation lock_observation(const std::string& directory) {
    std::error_code ignored;
    const std::string who = "directory: " + directory;
    if (!std::filesystem::exists(directory, ignored)) return {Verdict::good, who + " can be made"};
    // Where no wrapper has been, none is.
    if (!std::filesystem::exists(directory + '/' + lock_name, ignored))
        return {Verdict::good, who + " can be written"};
    const auto lock = lock_directory(directory);
    if (!lock) return {Verdict::wrong, "directory: " + lock.error().message};
    return {Verdict::good, who + " can be written, and nobody uses it"};
}

std::string spoken(const Observation& finding) {
    switch (finding.verdict) {
        case Verdict::good: return "ok: " + finding.sentence;
        case Verdict::doubtful: return "warning: " + finding.sentence;
        case Verdict::wrong: return "mistake: " + finding.sentence;
    }
    return finding.sentence;
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

std::optional<std::string> why_unsupported(const std::string& version) {
    std::pair<int, int> numbers{0, 0};
    const char* const end = version.data() + version.size();
    const auto major = std::from_chars(version.data(), end, numbers.first);
    if (major.ptr != end && *major.ptr == '.') std::from_chars(major.ptr + 1, end, numbers.second);
    if (numbers >= oldest_version) return std::nullopt;
    return "is version " + version + "; 6.2 is the oldest that is supported";
}

core::Result<std::string> version_in(const std::string& line) {
    const std::size_t at = line.find(" server v=");
    if (at == std::string::npos) return refused("is no redis-server: it does not say its version");
    const std::size_t begin = at + 10;
    const std::string version = line.substr(begin, line.find(' ', begin) - begin);
    if (const auto why = why_unsupported(version)) return refused(*why);
    return version;
}

core::Result<core::Done> look_for_ports(const Config& config) {
    std::vector<std::string> mistakes;
    const auto look = [&](const char* option, const core::Endpoint& endpoint) {
        const auto free = app::can_listen(endpoint);
        if (!free) mistakes.push_back(std::string{option} + ": " + free.error().message);
    };
    look("PORT0 or LISTEN_PORT", config.listen);
    if (config.http) look("HTTP_PORT", *config.http);
    if (mistakes.empty()) return core::Done{};
    if (mistakes.size() == 2) mistakes.front() += "; " + mistakes.back();
    return core::Error{core::Fault::refused, mistakes.front()};
}

}  // namespace redis_zk::server
