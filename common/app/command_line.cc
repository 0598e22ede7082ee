#include <utility>

#include <boost/program_options.hpp>

#include "common/app/source.h"
#include "common/app/suggestion.h"

namespace redis_zk::app {

namespace {

namespace po = boost::program_options;

po::options_description describe(const std::vector<Option>& table) {
    po::options_description description;
    description.add_options()("help", "")("version", "");
    description.add_options()("config", po::value<std::string>(), "");
    for (const Option& option : table) {
        auto* value = po::value<std::string>();
        if (option.kind == Kind::on_off) value->implicit_value("on");
        description.add_options()(flag_name(option).c_str(), value, "");
    }
    return description;
}

// Boost throws at the first flag without a value. That flag is written down and taken out, and the
// rest is read again, so that the user learns of the other mistakes as well.
std::vector<po::option> parse(std::vector<std::string> arguments,
                              const po::options_description& description, Source& source) {
    using namespace po::command_line_style;
    while (true) {
        try {
            return po::command_line_parser{arguments}
                .options(description)
                .style(allow_long | long_allow_adjacent | long_allow_next)
                .allow_unregistered()
                .run()
                .options;
        } catch (const po::error_with_option_name& error) {
            const std::string flag = error.get_option_name();
            const auto is_at_fault = [&](const std::string& argument) {
                return argument == flag || argument.starts_with(flag + '=');
            };
            source.mistakes.push_back(flag + ": the value is missing");
            if (std::erase_if(arguments, is_at_fault) == 0) return {};
        }
    }
}

class Reader {
  public:
    Reader(const std::vector<Option>& table, Source& source) : table_{table}, source_{source} {}

    void read(const po::option& option) {
        const bool follows_unknown = std::exchange(was_unknown_, false);
        if (option.string_key.empty()) {
            if (!follows_unknown) read_stray(option.original_tokens.front());
        } else if (option.unregistered) {
            read_unknown(option);
        } else {
            read_known(option);
        }
    }

  private:
    void read_stray(const std::string& token) {
        if (token == "-h") {
            source_.given["help"] = {"on", "-h"};
            return;
        }
        source_.mistakes.push_back('"' + token + "\": an option begins with --");
    }

    void read_unknown(const po::option& option) {
        const std::string& token = option.original_tokens.front();
        was_unknown_ = token.find('=') == std::string::npos;
        const std::string refusal = spoken_secret_refusal(option.string_key, table_);
        if (!refusal.empty()) {
            source_.mistakes.push_back("--" + option.string_key + ": " + refusal);
            return;
        }
        std::vector<std::string> names = known_names(table_);
        names.insert(names.end(), {"config", "help", "version"});
        source_.mistakes.push_back("--" + option.string_key + ": no such option" +
                                   spoken_suggestion(option.string_key, names, "--"));
    }

    void read_known(const po::option& option) {
        const std::string flag = "--" + option.string_key;
        const std::string value = option.value.empty() ? "on" : option.value.front();
        // Boost takes "--check" for the value in "--zk-hosts --check", which nobody means.
        const bool is_next_flag = option.original_tokens.size() > 1 && value.starts_with("--");
        if (value.empty() || is_next_flag) {
            source_.mistakes.push_back(flag + ": the value is missing");
        } else {
            source_.add(option.string_key, {value, flag}, table_);
        }
    }

    const std::vector<Option>& table_;
    Source& source_;
    bool was_unknown_ = false;  // what follows an unknown flag is taken for its value
};

}  // namespace

Source read_command_line(const std::vector<std::string>& arguments,
                         const std::vector<Option>& table) {
    Source source;
    // Under a scheduler, mostly: Boost's description of fifty options is made for nothing then.
    if (arguments.empty()) return source;
    const po::options_description description = describe(table);
    Reader reader{table, source};
    for (const po::option& option : parse(arguments, description, source)) reader.read(option);
    return source;
}

}  // namespace redis_zk::app
