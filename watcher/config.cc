#include "watcher/config.h"

#include "common/app/suggestion.h"
#include "watcher/core/event_table.h"

namespace redis_zk::watcher {

namespace {

// "+switch-master=/path/to/hook".
void read_hook(const std::string& text, Config& config, app::Settings& settings) {
    const std::size_t equals = text.find('=');
    if (equals == std::string::npos || equals + 1 == text.size())
        return settings.add_mistake("on-event", '"' + text + "\" is not of the form event=command");
    const Hook hook{text.substr(0, equals), server::absolute_path(text.substr(equals + 1))};
    if (!can_be_event_name(hook.event))
        settings.add_mistake("on-event", '"' + hook.event + "\" is not the name of an event");
    else if (!is_known_event(hook.event))
        settings.warnings.push_back(settings.given_as("on-event") +
                                    ": no sentinel is known to publish \"" + hook.event + '"' +
                                    app::spoken_suggestion(hook.event, known_events(), ""));
    if (!server::is_executable(hook.executable))
        settings.add_mistake("on-event",
                             '"' + hook.executable + "\" is no file that can be executed");
    config.hooks.push_back(hook);
}

void read_hooks(Config& config, app::Settings& settings) {
    for (const std::string& text : settings.list("on-event")) read_hook(text, config, settings);
    config.hook_timeout = settings.duration("hook-timeout");
    config.hook_queue = static_cast<std::size_t>(settings.integer("hook-queue"));
}

}  // namespace

ReadConfig read_config(const app::Invocation& invocation) {
    ReadConfig read{{}, options().read(invocation)};
    auto& [config, settings] = read;
    if (settings.request != app::Request::run) return read;
    read_zookeeper(config, settings);
    config.listen = server::choose_listening(settings);
    read_cluster_options(config, settings);
    read_credentials(config, settings);
    read_hooks(config, settings);
    take_warnings(config, settings);
    return read;
}

std::variant<Config, int> Config::from_command_line(int argc, char** argv) {
    auto [config, settings] = read_config(app::Invocation::of_process(argc, argv));
    if (const auto status = options().answer(settings)) return *status;
    return std::move(config);
}

}  // namespace redis_zk::watcher
