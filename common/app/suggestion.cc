#include "common/app/suggestion.h"

#include <algorithm>
#include <cctype>
#include <numeric>

namespace redis_zk::app {

namespace {

std::string as_name(std::string_view text) {
    std::string name;
    for (const char letter : text)
        name += letter == '_' ? '-'
                              : static_cast<char>(std::tolower(static_cast<unsigned char>(letter)));
    return name;
}

// Levenshtein: how many letters must be put in, taken out or replaced.
std::size_t distance(std::string_view from, std::string_view to) {
    std::vector<std::size_t> row(to.size() + 1);
    std::iota(row.begin(), row.end(), std::size_t{0});
    for (std::size_t i = 0; i < from.size(); ++i) {
        std::size_t diagonal = row[0]++;
        for (std::size_t j = 0; j < to.size(); ++j) {
            const std::size_t replaced = diagonal + (from[i] == to[j] ? 0 : 1);
            diagonal = row[j + 1];
            row[j + 1] = std::min({replaced, diagonal + 1, row[j] + 1});
        }
    }
    return row.back();
}

}  // namespace

std::optional<std::string> nearest(std::string_view unknown,
                                   const std::vector<std::string>& known) {
    const std::string wanted = as_name(unknown);
    std::size_t least = std::max<std::size_t>(2, wanted.size() / 4) + 1;
    std::optional<std::string> found;
    for (const std::string& name : known) {
        const std::size_t away = distance(wanted, name);
        // A short name is near to everything: at least half of its letters must be right.
        if (away >= least || away * 2 > name.size()) continue;
        least = away;
        found = name;
    }
    return found;
}

std::string spoken_suggestion(std::string_view unknown, const std::vector<std::string>& known,
                              std::string_view prefix) {
    const auto name = nearest(unknown, known);
    return name ? "; did you mean " + std::string{prefix} + *name + '?' : "";
}

}  // namespace redis_zk::app
