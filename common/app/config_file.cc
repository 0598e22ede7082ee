#include <algorithm>
#include <fstream>

#include "common/app/source.h"
#include "common/app/suggestion.h"
#include "common/app/value.h"

namespace redis_zk::app {

namespace {

std::string_view trimmed(std::string_view text) {
    const std::size_t begin = text.find_first_not_of(" \t\r");
    if (begin == std::string_view::npos) return {};
    return text.substr(begin, text.find_last_not_of(" \t\r") - begin + 1);
}

void read_line(std::string_view line, const std::string& where, const std::vector<Option>& table,
               Source& source) {
    const std::size_t equals = line.find('=');
    const std::string name{trimmed(line.substr(0, equals))};
    const std::string as = where + ": " + name;
    const std::string refusal = spoken_secret_refusal(name, table);
    const std::vector<std::string> names = known_names(table);
    if (!refusal.empty()) {
        source.mistakes.push_back(as + ": " + refusal);
    } else if (equals == std::string_view::npos) {
        // The line is not repeated: somebody may have put a password there.
        source.mistakes.push_back(where + ": a line is `name = value`");
    } else if (std::ranges::find(names, name) == names.end()) {
        source.mistakes.push_back(as + ": no such option" + spoken_suggestion(name, names, ""));
    } else if (const std::string_view value = trimmed(line.substr(equals + 1)); value.empty()) {
        source.mistakes.push_back(as + ": the value is missing");
    } else {
        source.add(name, {std::string{value}, as}, table);
    }
}

}  // namespace

Source read_config_file(const std::string& path, std::string_view named_by,
                        const std::vector<Option>& table) {
    Source source;
    const Option as_file{.name = "config", .kind = Kind::file};
    const auto readable = check_value(as_file, path);
    if (!readable) {
        source.mistakes.push_back(std::string{named_by} + ": " + readable.error().message);
        return source;
    }
    std::ifstream file{path};
    std::string line;
    for (int number = 1; std::getline(file, line); ++number) {
        const std::string_view content = trimmed(line);
        if (content.empty() || content.front() == '#') continue;
        read_line(content, "line " + std::to_string(number) + " of " + path, table, source);
    }
    return source;
}

}  // namespace redis_zk::app
