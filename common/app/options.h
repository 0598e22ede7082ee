// The options of an executable, from a table that says each of them once. Typical use:
//
//     const app::Options options{{.name = "redis-wrapper", .rest = "redis-server"}, {
//         {.name = "zk-hosts", .initial = "localhost:2181", .description = "..."},
//         {.name = "port0", .kind = app::Kind::port, .initial = "6379", .description = "..."},
//     }};
//     app::Settings settings = options.read(app::Invocation::of_process(argc, argv));
//     ... settings.add_mistake("net-iface", "there is no such interface; ...") ...
//     if (const auto status = options.answer(settings)) return *status;
//
// Precedence: flag, environment, file, default. Three more are always there: --help, --version and
// --config (CONFIG_FILE).
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "common/app/option.h"
#include "common/app/settings.h"
#include "common/app/source.h"

namespace redis_zk::app {

struct Program {
    std::string name;
    std::string purpose = {};  // one sentence, for --help
    std::string rest = {};     // who gets what follows "--"; empty: nobody, so it is a mistake
};

// What a process was started with. A value, so that a test can have any.
struct Invocation {
    std::vector<std::string> arguments;  // without the program's name
    std::map<std::string, std::string> environment = {};

    static Invocation of_process(int argc, char** argv);
};

class Options {
  public:
    Options(Program program, std::vector<Option> table);

    // Reads the file of --config and those of secrets; otherwise pure. Throws nothing.
    Settings read(const Invocation& invocation) const;

    std::string help() const;
    std::string version() const;  // "redis-wrapper 0.1.0"

    // The exit status, when there is nothing to run: the help or the version was asked for (on
    // standard output, 0), or there are mistakes (one line each on standard error, 2). Nothing: go
    // on.
    std::optional<int> answer(const Settings& settings) const;

  private:
    struct Sources;

    Settings::Value resolve(const Option& option, const Sources& sources, Settings& settings) const;
    Settings::Value resolve_secret(const Option& option, const Sources& sources,
                                   Settings& settings) const;

    Program program_;
    std::vector<Option> table_;
};

}  // namespace redis_zk::app
