#include "redis-wrapper/config.h"

#include <algorithm>
#include <filesystem>
#include <iostream>

#include <unistd.h>

#include "common/zk/path.h"

namespace redis_zk::redis_wrapper {

namespace {

namespace fs = std::filesystem;

bool is_executable(const std::string& path) {
    std::error_code ignored;
    return fs::is_regular_file(path, ignored) && access(path.c_str(), X_OK) == 0;
}

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

void choose_server(Config& config, app::Settings& settings, const Environment& environment) {
    const std::string& given = settings.text("redis-server");
    if (given.find('/') != std::string::npos) {
        config.redis_server = fs::absolute(given).string();
        if (!is_executable(given))
            settings.add_mistake("redis-server",
                                 '"' + given + "\" is no file that can be executed");
        return;
    }
    const std::vector<std::string> names =
        given.empty() ? std::vector<std::string>{"redis-server", "valkey-server"}
                      : std::vector<std::string>{given};
    for (const std::string& name : names) {
        config.redis_server = found_in_path(name, environment);
        if (!config.redis_server.empty()) return;
    }
    settings.add_mistake("redis-server", given.empty()
                                             ? "neither redis-server nor valkey-server is in PATH"
                                             : '"' + given + "\" is not in PATH");
}

void read_zookeeper(Config& config, app::Settings& settings) {
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

void read_user(Config& config, app::Settings& settings) {
    std::string file = settings.text("redis-conf");
    if (!file.empty()) {
        file = fs::absolute(file).lexically_normal().string();
        std::error_code ignored;
        // The line that includes it would be taken for a pattern.
        if (file.find_first_of("*?[") != std::string::npos)
            settings.add_mistake("redis-conf",
                                 '"' + file +
                                     "\" has a *, ? or [ in its path, which redis-server "
                                     "would take for a pattern");
        // What cannot be read is among the mistakes already.
        if (!fs::is_regular_file(file, ignored) || access(file.c_str(), R_OK) != 0) file.clear();
    }
    config.user = read_user_configuration(file, settings.rest, fs::current_path().string());
    settings.mistakes.insert(settings.mistakes.end(), config.user.mistakes.begin(),
                             config.user.mistakes.end());
    config.warnings.insert(config.warnings.end(), config.user.warnings.begin(),
                           config.user.warnings.end());
}

void choose_credentials(Config& config, app::Settings& settings) {
    const UserConfiguration& user = config.user;
    const std::string& username = settings.text("redis-username");
    const std::string& password = settings.text("redis-password");
    config.credentials = {username, password};
    if (password.empty()) {
        if (!username.empty() && !settings.is_given("redis-password"))
            settings.add_mistake("redis-username", "is given without a REDIS_PASSWORD");
        config.credentials = {"", user.requirepass.value_or("")};
        config.password_is_from_user = !config.credentials.password.empty();
        return;
    }
    if (username.empty() || username == "default") return;
    if (username.find_first_of(" \t\r\n") != std::string::npos)
        settings.add_mistake("redis-username", "has a blank in it, which no user of Redis has");
    else if (!user.has_acl_file && std::ranges::find(user.users, username) == user.users.end())
        settings.add_mistake("redis-username", '"' + username +
                                                   "\" is defined neither by a line `user` of "
                                                   "REDIS_CONF nor by an aclfile");
}

void read_the_rest(Config& config, app::Settings& settings) {
    config.http_token = settings.text("http-token");
    config.cold_start_wait = settings.duration("cold-start-wait");
    config.stop_timeout = settings.duration("stop-timeout");
    config.log_level = app::parse_log_level(settings.text("log-level")).value();
    config.log_format = app::parse_log_format(settings.text("log-format")).value();
    config.accept_data_loss = settings.is_on("accept-data-loss");
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

}  // namespace

ReadConfig read_config(const app::Invocation& invocation) {
    ReadConfig read{{}, options().read(invocation)};
    auto& [config, settings] = read;
    if (settings.request != app::Request::run) return read;
    read_zookeeper(config, settings);
    choose_addresses(config, settings, invocation.environment);
    choose_server(config, settings, invocation.environment);
    read_user(config, settings);
    choose_credentials(config, settings);
    choose_directories(config, settings, invocation.environment);
    read_the_rest(config, settings);
    config.warnings.insert(config.warnings.begin(), settings.warnings.begin(),
                           settings.warnings.end());
    return read;
}

std::variant<Config, int> Config::from_command_line(int argc, char** argv) {
    auto [config, settings] = read_config(app::Invocation::of_process(argc, argv));
    if (const auto status = options().answer(settings)) return *status;
    return std::move(config);
}

}  // namespace redis_zk::redis_wrapper
