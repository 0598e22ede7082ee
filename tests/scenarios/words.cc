#include "tests/scenarios/words.h"

#include <sstream>
#include <stdexcept>

namespace redis_zk::scenarios {

Words words_of(const std::string& command) {
    std::istringstream in{command};
    Words words;
    for (std::string word; in >> word;) words.push_back(word);
    return words;
}

core::milliseconds duration(const std::string& text) {
    std::size_t end = 0;
    const long count = std::stol(text, &end);
    const std::string unit = text.substr(end);
    if (unit == "s") return std::chrono::seconds{count};
    if (unit == "ms") return core::milliseconds{count};
    throw std::runtime_error{"not a duration: " + text};
}

core::Endpoint endpoint(const std::string& text) {
    const auto colon = text.rfind(':');
    const auto found = core::parse_endpoint(text.substr(0, colon) + ' ' + text.substr(colon + 1));
    if (!found) throw std::runtime_error{"not an address: " + text};
    return *found;
}

bool is(const Words& words, const std::string& pattern) {
    const auto wanted = words_of(pattern);
    for (std::size_t i = 0; i < wanted.size(); ++i) {
        if (wanted[i] == "...") return words.size() > i;
        if (i >= words.size() || (wanted[i] != "*" && wanted[i] != words[i])) return false;
    }
    return words.size() == wanted.size();
}

}  // namespace redis_zk::scenarios
