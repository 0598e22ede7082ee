// The text of --help: one row for each option, its three names and its default, the sentence below.
#include <algorithm>
#include <array>

#include "common/app/options.h"

namespace redis_zk::app {

namespace {

constexpr std::size_t column_count = 4;
constexpr std::size_t line_width = 96;
using Row = std::array<std::string, column_count>;

std::string spoken_kind(const Option& option) {
    switch (option.kind) {
        case Kind::text: return " TEXT";
        case Kind::integer: return " NUMBER";
        case Kind::port: return " PORT";
        case Kind::duration: return " DURATION";
        case Kind::on_off: return "";
        case Kind::choice: return " WORD";
        case Kind::path: return " PATH";
        case Kind::file:
        case Kind::secret: return " FILE";
    }
    return "";
}

std::string spoken_default(const Option& option) {
    std::string last = option.initial.empty() ? option.spoken_default : option.initial;
    if (last.empty()) last = option.kind == Kind::on_off ? "off" : "none";
    std::string all;
    for (const std::string& variable : option.or_environment) all += variable + ", else ";
    return all + last;
}

Row row_of(const Option& option) {
    std::string variable = environment_name(option);
    if (option.kind == Kind::secret) variable += "[_FILE]";
    return {"--" + flag_name(option) + spoken_kind(option), variable, flag_name(option),
            spoken_default(option)};
}

std::string padded(const Row& row, const std::array<std::size_t, column_count>& widths) {
    std::string line = " ";
    for (std::size_t i = 0; i < column_count; ++i) {
        line += ' ' + row[i];
        if (i + 1 < column_count) line.append(widths[i] - row[i].size() + 1, ' ');
    }
    return line + '\n';
}

std::string wrapped(const std::string& sentence) {
    constexpr std::size_t indent = 6;
    std::string text;
    std::string line;
    std::size_t begin = 0;
    while (begin < sentence.size()) {
        const std::size_t end = std::min(sentence.find(' ', begin), sentence.size());
        const std::string word = sentence.substr(begin, end - begin);
        begin = end + 1;
        if (!line.empty() && indent + line.size() + 1 + word.size() > line_width) {
            text += std::string(indent, ' ') + line + '\n';
            line.clear();
        }
        line += (line.empty() ? "" : " ") + word;
    }
    return line.empty() ? text : text + std::string(indent, ' ') + line + '\n';
}

std::string spoken_words(const Option& option) {
    if (option.kind != Kind::choice) return "";
    std::string words = " One of";
    for (const std::string& word : option.words)
        words += (&word == &option.words.front() ? " " : ", ") + word;
    return words + '.';
}

}  // namespace

std::string Options::help() const {
    std::string text = "Usage: " + program_.name + " [options]";
    if (!program_.rest.empty()) text += " [-- arguments for " + program_.rest + ']';
    text += '\n';
    if (!program_.purpose.empty()) text += '\n' + program_.purpose + '\n';
    text +=
        "\nEach option is a flag, an environment variable (empty counts as unset) or a line\n"
        "`name = value` of the file; the first of these three that is given counts.\n\n";

    std::vector<Row> rows{{"FLAG", "ENVIRONMENT", "IN THE FILE", "DEFAULT"}};
    for (const Option& option : table_) rows.push_back(row_of(option));
    rows.push_back({"--config FILE", "CONFIG_FILE", "-", "none"});
    rows.push_back({"--help", "-", "-", "-"});
    rows.push_back({"--version", "-", "-", "-"});
    std::array<std::size_t, column_count> widths{};
    for (const Row& row : rows)
        for (std::size_t i = 0; i < column_count; ++i)
            widths[i] = std::max(widths[i], row[i].size());

    text += padded(rows.front(), widths);
    for (std::size_t i = 0; i < table_.size(); ++i)
        text +=
            padded(rows[i + 1], widths) + wrapped(table_[i].description + spoken_words(table_[i]));
    const std::array<std::string, 3> last{"The file with lines `name = value`.", "Shows this text.",
                                          "Shows the version."};
    for (std::size_t i = 0; i < last.size(); ++i)
        text += padded(rows[table_.size() + 1 + i], widths) + wrapped(last[i]);
    return text;
}

}  // namespace redis_zk::app
