#include "common/app/settings.h"

#include <algorithm>
#include <cassert>

namespace redis_zk::app {

const Settings::Value& Settings::value(std::string_view name) const {
    const auto found = values_.find(name);
    assert(found != values_.end());
    return found->second;
}

const std::string& Settings::text(std::string_view name) const { return value(name).text; }

std::vector<std::string> Settings::list(std::string_view name) const {
    std::vector<std::string> values;
    std::string_view left = text(name);
    while (!left.empty()) {
        const std::size_t end = std::min(left.find(','), left.size());
        if (end > 0) values.emplace_back(left.substr(0, end));
        left.remove_prefix(std::min(end + 1, left.size()));
    }
    return values;
}

std::int64_t Settings::integer(std::string_view name) const { return value(name).number; }

std::optional<std::uint16_t> Settings::port(std::string_view name) const {
    const std::int64_t number = value(name).number;
    if (number == 0) return std::nullopt;
    return static_cast<std::uint16_t>(number);
}

core::milliseconds Settings::duration(std::string_view name) const {
    return core::milliseconds{value(name).number};
}

bool Settings::is_on(std::string_view name) const { return value(name).number != 0; }

bool Settings::is_given(std::string_view name) const { return !value(name).given_as.empty(); }

std::string Settings::given_as(std::string_view name) const {
    const Value& found = value(name);
    return found.given_as.empty() ? "--" + std::string{name} : found.given_as;
}

void Settings::add_mistake(std::string_view name, const std::string& sentence) {
    mistakes.push_back(given_as(name) + ": " + sentence);
}

}  // namespace redis_zk::app
