#include "common/server/server_output.h"

#include <algorithm>
#include <array>

#include "common/server/directives.h"

namespace redis_zk::server {

namespace {

constexpr std::string_view quotation = ">>> '";
constexpr std::string_view declaration = "user declaration '";
constexpr std::array<std::string_view, 2> secret_settings_of_sentinel{"auth-pass ",
                                                                      "sentinel-pass "};

std::string first_word(std::string_view text) {
    return in_small_letters(std::string{text.substr(0, text.find_first_of(" \t'"))});
}

// "4711:M 21 Nov 2026 12:35:56.379 # Failed listening ..." without what is before its text.
std::string_view text_of_log_line(std::string_view line) {
    for (const std::string_view mark : {" # ", " * "}) {
        const std::size_t at = line.find(mark);
        if (at != std::string_view::npos && line.find(':') < at) return line.substr(at + 3);
    }
    return line;
}

// A log line that Redis writes before it gives up.
bool is_reason(std::string_view line) {
    if (line.find(" # ") == std::string_view::npos) return false;
    for (const std::string_view word : {"Fatal error", "Failed", "Can't", "Could not", "Error",
                                        "exiting", "aborting", "Aborting", "Unrecoverable"})
        if (line.find(word) != std::string_view::npos) return true;
    return false;
}

}  // namespace

std::string without_secret(std::string_view line) {
    const std::string in_small = in_small_letters(std::string{line});
    for (const std::string_view setting : secret_settings_of_sentinel)
        if (const std::size_t at = in_small.find(setting); at != std::string::npos)
            return std::string{line.substr(0, at + setting.size())} + "...";
    if (const std::size_t at = line.find(quotation); at != std::string_view::npos) {
        const std::string name = first_word(line.substr(at + quotation.size()));
        // An unclosed quote at the beginning hides the name from us, but not the value from others.
        if (is_secret(usual_name(name)) || name.find('"') != std::string::npos)
            return std::string{line.substr(0, at)} + ">>> '" + name + " ...'";
    }
    if (const std::size_t at = line.find(declaration); at != std::string_view::npos) {
        const std::size_t end = line.rfind("':");
        const std::string_view rest =
            end == std::string_view::npos || end < at ? "'" : line.substr(end);
        return std::string{line.substr(0, at)} + std::string{declaration} + "..." +
               std::string{rest};
    }
    return std::string{line};
}

std::optional<std::string> refusal_in(const std::vector<std::string>& lines) {
    std::string sentence;
    const auto add = [&sentence](const std::string& text) {
        sentence += (sentence.empty() ? "" : "; ") + text;
    };
    const auto fatal = std::ranges::find_if(lines, [](const std::string& line) {
        return line.find("FATAL CONFIG FILE ERROR") != std::string::npos;
    });
    if (fatal != lines.end()) {
        // The number of a line means nothing when the file is not named.
        for (auto line = fatal + 1; line != lines.end(); ++line)
            if (!line->empty() && !line->starts_with("Reading the configuration file"))
                add(without_secret(*line));
    } else {
        for (const std::string& line : lines)
            if (is_reason(line)) add(without_secret(text_of_log_line(line)));
    }
    if (sentence.empty()) return std::nullopt;
    return sentence;
}

}  // namespace redis_zk::server
