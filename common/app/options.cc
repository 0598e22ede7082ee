#include "common/app/options.h"

#include <algorithm>
#include <cassert>
#include <iostream>

#include <unistd.h>

#include "common/app/exit_status.h"
#include "common/app/secret_file.h"
#include "common/app/value.h"
#include "common/app/version.h"

namespace redis_zk::app {

struct Options::Sources {
    const Invocation& invocation;
    Source command_line;
    Source file;

    // An empty variable counts as unset: schedulers set what they have no value for.
    std::optional<Given> in_environment(const std::string& name) const {
        const auto found = invocation.environment.find(name);
        if (found == invocation.environment.end() || found->second.empty()) return std::nullopt;
        return Given{found->second, name};
    }

    static std::optional<Given> in(const Source& source, const std::string& name) {
        const auto found = source.given.find(name);
        if (found == source.given.end()) return std::nullopt;
        return found->second;
    }

    std::optional<Given> find(const Option& option) const {
        if (auto given = in(command_line, flag_name(option))) return given;
        if (auto given = in_environment(environment_name(option))) return given;
        if (auto given = in(file, flag_name(option))) return given;
        for (const std::string& variable : option.or_environment)
            if (auto given = in_environment(variable)) return given;
        return std::nullopt;
    }
};

Invocation Invocation::of_process(int argc, char** argv) {
    Invocation invocation;
    for (int i = 1; i < argc; ++i) invocation.arguments.emplace_back(argv[i]);
    for (char** entry = environ; *entry != nullptr; ++entry) {
        const std::string text{*entry};
        const std::size_t equals = text.find('=');
        if (equals == std::string::npos) continue;
        invocation.environment.emplace(text.substr(0, equals), text.substr(equals + 1));
    }
    return invocation;
}

Options::Options(Program program, std::vector<Option> table)
    : program_{std::move(program)}, table_{std::move(table)} {
    for (const Option& option : table_)
        assert(option.initial.empty() || option.kind == Kind::file ||
               check_value(option, option.initial));
}

Settings::Value Options::resolve(const Option& option, const Sources& sources,
                                 Settings& settings) const {
    Settings::Value value{.text = option.initial};
    if (!option.initial.empty()) {
        const auto number = check_value(option, option.initial);
        if (number) value.number = *number;
    }
    const auto given = sources.find(option);
    if (!given) return value;

    value.given_as = given->as;
    const auto number = check_value(option, given->value);
    if (!number) {
        settings.mistakes.push_back(given->as + ": " + number.error().message);
        return value;
    }
    value.text = given->value;
    value.number = *number;
    return value;
}

Settings::Value Options::resolve_secret(const Option& option, const Sources& sources,
                                        Settings& settings) const {
    const std::string variable = environment_name(option);
    auto file = Sources::in(sources.command_line, flag_name(option));
    if (!file) {
        const auto secret = sources.in_environment(variable);
        file = sources.in_environment(variable + "_FILE");
        if (secret && file) {
            settings.mistakes.push_back(variable + ": is set together with " + variable +
                                        "_FILE; only one of them can be meant");
            return {};
        }
        if (secret) {
            if (const std::string why = wrong_with_secret(secret->value); !why.empty())
                settings.mistakes.push_back(variable + ": " + why);
            return {.text = secret->value, .given_as = variable};
        }
    }
    if (!file) file = Sources::in(sources.file, flag_name(option));
    if (!file) return {};

    auto secret = read_secret_file(file->value);
    if (!secret) {
        settings.mistakes.push_back(file->as + ": " + secret.error().message);
        return {.given_as = file->as};
    }
    if (secret->warning) settings.warnings.push_back(file->as + ": " + *secret->warning);
    return {.text = secret->content, .given_as = file->as};
}

Settings Options::read(const Invocation& invocation) const {
    Settings settings;
    const auto& all = invocation.arguments;
    const auto end = std::ranges::find(all, "--");
    if (end != all.end()) settings.rest.assign(end + 1, all.end());

    Sources sources{invocation, read_command_line({all.begin(), end}, table_), {}};
    auto config = Sources::in(sources.command_line, "config");
    if (!config) config = sources.in_environment("CONFIG_FILE");
    if (config) sources.file = read_config_file(config->value, config->as, table_);

    if (sources.command_line.given.contains("version")) settings.request = Request::version;
    if (sources.command_line.given.contains("help")) settings.request = Request::help;
    settings.mistakes = sources.command_line.mistakes;
    settings.mistakes.insert(settings.mistakes.end(), sources.file.mistakes.begin(),
                             sources.file.mistakes.end());
    if (program_.rest.empty() && !settings.rest.empty())
        settings.mistakes.emplace_back("--: nothing is expected to follow it");
    for (const Option& option : table_)
        settings.values_[option.name] = option.kind == Kind::secret
                                            ? resolve_secret(option, sources, settings)
                                            : resolve(option, sources, settings);
    return settings;
}

std::optional<int> Options::answer(const Settings& settings) const {
    if (settings.request == Request::help) {
        std::cout << help() << std::flush;
        return stopped_as_asked;
    }
    if (settings.request == Request::version) {
        std::cout << version() << std::endl;
        return stopped_as_asked;
    }
    if (settings.mistakes.empty()) return std::nullopt;
    for (const std::string& mistake : settings.mistakes)
        std::cerr << program_.name << ": " << mistake << '\n';
    return wrong_configuration;
}

std::string Options::version() const { return program_.name + ' ' + app::version; }

}  // namespace redis_zk::app
