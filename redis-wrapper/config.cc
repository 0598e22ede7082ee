#include "redis-wrapper/config.h"

#include <algorithm>
#include <filesystem>

namespace redis_zk::redis_wrapper {

namespace {

void read_user(Config& config, app::Settings& settings) {
    const auto file = server::find_user_file("redis-conf", "redis-server", settings);
    config.user =
        read_user_configuration(file, settings.rest, std::filesystem::current_path().string());
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
    config.cold_start_wait = settings.duration("cold-start-wait");
    config.accept_data_loss = settings.is_on("accept-data-loss");
    config.hand_over_timeout = settings.duration("handover-timeout");
    config.quarantine = {settings.integer("quarantine"), settings.integer("quarantine-max-mb")
                                                             << 20};
    // Whoever gives redis little time to stop has not asked for a longer hand-over.
    if (!settings.is_given("handover-timeout"))
        config.hand_over_timeout = std::min(config.hand_over_timeout, config.stop_timeout / 2);
    else if (config.hand_over_timeout >= config.stop_timeout)
        settings.add_mistake("handover-timeout", "has to be shorter than STOP_TIMEOUT");
    if (config.accept_data_loss)
        config.warnings.emplace_back(
            "ACCEPT_DATA_LOSS is on: whenever all who have the cluster's data stay away for longer "
            "than COLD_START_WAIT, this node becomes master without them, and they lose theirs; "
            "take it away as soon as it has served");
}

}  // namespace

std::chrono::seconds Config::shutdown_timeout() const {
    return std::min(std::chrono::duration_cast<std::chrono::seconds>(stop_timeout / 3),
                    std::chrono::seconds{user.shutdown_timeout});
}

ReadConfig read_config(const app::Invocation& invocation) {
    ReadConfig read{{}, options().read(invocation)};
    auto& [config, settings] = read;
    if (settings.request != app::Request::run) return read;
    read_zookeeper(config, settings);
    choose_addresses(config, settings, invocation.environment, "redis-server");
    config.redis_server = server::find_executable("redis-server", {"redis-server", "valkey-server"},
                                                  settings, invocation.environment);
    read_user(config, settings);
    choose_credentials(config, settings);
    choose_run_dir(config, settings, invocation.environment);
    choose_directories(config, settings);
    read_common_options(config, settings);
    read_the_rest(config, settings);
    take_warnings(config, settings);
    return read;
}

std::variant<Config, int> Config::from_command_line(int argc, char** argv) {
    auto [config, settings] = read_config(app::Invocation::of_process(argc, argv));
    if (const auto status = options().answer(settings)) return *status;
    return std::move(config);
}

}  // namespace redis_zk::redis_wrapper
