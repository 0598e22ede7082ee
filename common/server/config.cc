#include "common/server/config.h"

#include <algorithm>
#include <filesystem>

#include <unistd.h>

#include "common/zk/path.h"

namespace redis_zk::server {

namespace fs = std::filesystem;

namespace {

// As execvp(3) would find it, or empty.
std::string found_in_path(const std::string& name, const Environment& environment) {
    const auto variable = environment.find("PATH");
    std::string rest =
        variable == environment.end() ? "/usr/local/bin:/usr/bin:/bin" : variable->second;
    for (rest += ':'; !rest.empty(); rest.erase(0, rest.find(':') + 1)) {
        const fs::path directory{rest.substr(0, rest.find(':'))};
        if (is_executable(directory / name)) return fs::absolute(directory / name).string();
    }
    return "";
}

std::string listed(const std::vector<std::string>& names) {
    std::string text = "neither ";
    for (const std::string& name : names) text += (&name == &names.front() ? "" : " nor ") + name;
    return text + " is in PATH";
}

}  // namespace

std::string ClusterConfig::spoken_zookeeper() const {
    return "ZooKeeper at " + zk::spoken(hosts.servers) + ", " + hosts.chroot + root;
}

bool is_executable(const std::string& path) {
    std::error_code ignored;
    return fs::is_regular_file(path, ignored) && access(path.c_str(), X_OK) == 0;
}

std::string find_executable(const std::string& option, const std::vector<std::string>& names,
                            app::Settings& settings, const Environment& environment) {
    const std::string& given = settings.text(option);
    if (given.find('/') != std::string::npos) {
        if (!is_executable(given))
            settings.add_mistake(option, '"' + given + "\" is no file that can be executed");
        return fs::absolute(given).string();
    }
    for (const std::string& name : given.empty() ? names : std::vector<std::string>{given})
        if (std::string found = found_in_path(name, environment); !found.empty()) return found;
    settings.add_mistake(option, given.empty() ? listed(names) : '"' + given + "\" is not in PATH");
    return "";
}

std::string find_user_file(const std::string& option, const std::string& reader,
                           app::Settings& settings) {
    std::string file = settings.text(option);
    if (file.empty()) return file;
    file = fs::absolute(file).lexically_normal().string();
    // The line that includes it would be taken for a pattern.
    if (file.find_first_of("*?[") != std::string::npos)
        settings.add_mistake(option, '"' + file + "\" has a *, ? or [ in its path, which " +
                                         reader + " would take for a pattern");
    std::error_code ignored;
    const bool is_readable = fs::is_regular_file(file, ignored) && access(file.c_str(), R_OK) == 0;
    return is_readable ? file : "";
}

void read_zookeeper(ClusterConfig& config, app::Settings& settings) {
    auto hosts = zk::parse_hosts(settings.text("zk-hosts"));
    if (hosts)
        config.hosts = std::move(hosts).value();
    else
        settings.add_mistake("zk-hosts", hosts.error().message);
    config.root = settings.text("zk-root");
    if (const auto mistake = zk::mistake_in_path(config.root))
        settings.add_mistake("zk-root", '"' + config.root + "\" " + *mistake);
    config.session_timeout = settings.duration("zk-session-timeout");
    config.zk_timeout = settings.duration("zk-timeout");

    const std::string& credentials = settings.text("zk-auth");
    if (credentials.empty()) return;
    constexpr std::string_view scheme = "digest:";
    const std::size_t colon = credentials.find(':', scheme.size());
    if (!credentials.starts_with(scheme) || colon == std::string::npos || colon == scheme.size())
        settings.add_mistake("zk-auth", "is not of the form digest:user:password");
    else
        config.zk_credentials = credentials.substr(scheme.size());
}

namespace {

// The names of the two options, and that of the second in the environment.
struct OptionNames {
    std::string username;
    std::string password;
    std::string variable;
};

redis::Credentials credentials_of(const OptionNames& names, app::Settings& settings) {
    const std::string& username = settings.text(names.username);
    if (username.find_first_of(" \t\r\n") != std::string::npos)
        settings.add_mistake(names.username, "has a blank in it, which no user of Redis has");
    if (!username.empty() && !settings.is_given(names.password))
        settings.add_mistake(names.username, "is given without a " + names.variable);
    return {username, settings.text(names.password)};
}

}  // namespace

void read_credentials(ClusterConfig& config, app::Settings& settings) {
    config.credentials =
        credentials_of({"redis-username", "redis-password", "REDIS_PASSWORD"}, settings);
}

void read_common_options(Config& config, app::Settings& settings) {
    read_cluster_options(config, settings);
    config.http_token = settings.text("http-token");
    config.stop_timeout = settings.duration("stop-timeout");
}

void take_warnings(ClusterConfig& config, const app::Settings& settings) {
    config.warnings.insert(config.warnings.begin(), settings.warnings.begin(),
                           settings.warnings.end());
}

void read_cluster_options(ClusterConfig& config, app::Settings& settings) {
    config.sentinel_credentials =
        credentials_of({"sentinel-username", "sentinel-password", "SENTINEL_PASSWORD"}, settings);
    config.log_level = app::parse_log_level(settings.text("log-level")).value();
    config.log_format = app::parse_log_format(settings.text("log-format")).value();
    config.check = settings.is_on("check");

    config.master_name = settings.text("master-name");
    const auto may_be_in_name = [](char letter) {
        return (letter >= '0' && letter <= '9') || (letter >= 'a' && letter <= 'z') ||
               (letter >= 'A' && letter <= 'Z') || letter == '.' || letter == '-' || letter == '_';
    };
    if (!std::ranges::all_of(config.master_name, may_be_in_name))
        settings.add_mistake("master-name", '"' + config.master_name +
                                                "\" may only have letters, digits and .-_ in it");
}

}  // namespace redis_zk::server
