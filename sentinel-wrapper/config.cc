#include "sentinel-wrapper/config.h"

#include <charconv>
#include <filesystem>

#include "common/app/value.h"

namespace redis_zk::sentinel_wrapper {

using namespace std::chrono_literals;

namespace {

// Measured on 7.0.15, one crash each: with 200 ms a cascade of 4 to 12 fail-overs, since Sentinel
// connects to the new master once a second at most and takes it for dead meanwhile; with 500 ms
// none.
constexpr core::milliseconds shortest_down_after = 500ms;

void read_user(Config& config, app::Settings& settings) {
    const auto file = server::find_user_file("sentinel-conf", "redis-sentinel", settings);
    config.user =
        read_user_configuration(file, settings.rest, std::filesystem::current_path().string(),
                                settings.text("master-name"));
    settings.mistakes.insert(settings.mistakes.end(), config.user.mistakes.begin(),
                             config.user.mistakes.end());
    config.warnings.insert(config.warnings.end(), config.user.warnings.begin(),
                           config.user.warnings.end());
}

void read_quorum(Config& config, app::Settings& settings) {
    const std::string& text = settings.text("sentinel-quorum");
    if (text == "majority") return;
    int number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error == std::errc{} && end == text.data() + text.size() && number > 0)
        config.quorum = number;
    else
        settings.add_mistake("sentinel-quorum",
                             '"' + text + "\" is neither a whole number above 0 nor \"majority\"");
}

void read_times(Config& config, app::Settings& settings) {
    const auto chosen = [&settings](const char* name, const auto& of_user) {
        const bool is_of_user = of_user && !settings.is_given(name);
        return is_of_user ? *of_user : settings.duration(name);
    };
    config.down_after = chosen("down-after", config.user.down_after);
    if (config.down_after < shortest_down_after)
        settings.add_mistake("down-after",
                             app::to_text(config.down_after) +
                                 " is too short: Sentinel then takes each new master for dead "
                                 "before it is connected to it, and fails over again and again; "
                                 "allowed is 500ms and more");
    config.failover_timeout = chosen("failover-timeout", config.user.failover_timeout);
    config.parallel_syncs = static_cast<int>(settings.integer("parallel-syncs"));
    if (config.user.parallel_syncs && !settings.is_given("parallel-syncs"))
        config.parallel_syncs = *config.user.parallel_syncs;
    config.master_timeout = settings.duration("master-timeout");
    config.ghost_timeout = settings.duration("ghost-timeout");
    config.drain = settings.duration("drain");
}

void choose_credentials(Config& config, app::Settings& settings) {
    server::read_credentials(config, settings);
    if (config.credentials.password.empty())
        config.credentials = {config.user.auth_user.value_or(""),
                              config.user.auth_pass.value_or("")};
    auto& [username, password] = config.sentinel_credentials;
    if (password.empty()) password = config.user.requirepass.value_or("");
    const bool is_default = username.empty() || username == "default";
    if (!is_default && !config.user.has_acl_file && !config.user.users.contains(username))
        settings.add_mistake("sentinel-username", '"' + username +
                                                      "\" is defined neither by a user line of "
                                                      "SENTINEL_CONF nor by an aclfile");
}

std::string find_server(app::Settings& settings, const Environment& environment) {
    return server::find_executable(
        "sentinel-server", {"redis-sentinel", "valkey-sentinel", "redis-server", "valkey-server"},
        settings, environment);
}

}  // namespace

ReadConfig read_config(const app::Invocation& invocation) {
    ReadConfig read{{}, options().read(invocation)};
    auto& [config, settings] = read;
    if (settings.request != app::Request::run) return read;
    read_zookeeper(config, settings);
    choose_addresses(config, settings, invocation.environment, "redis-sentinel");
    config.sentinel_server = find_server(settings, invocation.environment);
    read_user(config, settings);
    choose_run_dir(config, settings, invocation.environment);
    read_common_options(config, settings);
    read_quorum(config, settings);
    read_times(config, settings);
    choose_credentials(config, settings);
    take_warnings(config, settings);
    return read;
}

std::variant<Config, int> Config::from_command_line(int argc, char** argv) {
    auto [config, settings] = read_config(app::Invocation::of_process(argc, argv));
    if (const auto status = options().answer(settings)) return *status;
    return std::move(config);
}

}  // namespace redis_zk::sentinel_wrapper
