#include "common/app/value.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <utility>

#include <sys/stat.h>
#include <unistd.h>

#include "common/core/endpoint.h"

namespace redis_zk::app {

namespace {

using Number = core::Result<std::int64_t>;

constexpr std::array<std::pair<std::string_view, std::int64_t>, 4> units{
    {{"h", 3'600'000}, {"m", 60'000}, {"s", 1'000}, {"ms", 1}}};

std::optional<std::int64_t> parse_integer(std::string_view text) {
    std::int64_t number = 0;
    const char* const end = text.data() + text.size();
    const auto [stopped_at, error] = std::from_chars(text.data(), end, number);
    if (error != std::errc{} || stopped_at != end) return std::nullopt;
    return number;
}

core::Error wrong(std::string_view text, const std::string& what) {
    return {core::Fault::refused, '"' + std::string{text} + "\" " + what};
}

std::string spoken_limit(const Option& option, std::int64_t limit) {
    return option.kind == Kind::duration ? to_text(core::milliseconds{limit})
                                         : std::to_string(limit);
}

std::string spoken_words(const Option& option) {
    std::string words;
    for (const std::string& word : option.words) words += (words.empty() ? "" : ", ") + word;
    return words;
}

std::string or_words(const Option& option) {
    return option.words.empty() ? "" : ", or " + spoken_words(option);
}

Number in_range(const Option& option, std::string_view text, std::int64_t number) {
    if (number >= option.minimum && number <= option.maximum) return number;
    const std::string least = spoken_limit(option, option.minimum);
    if (option.maximum == std::numeric_limits<std::int64_t>::max())
        return wrong(text, "is too small; the least is " + least);
    return wrong(text, "is out of range; allowed is " + least + " to " +
                           spoken_limit(option, option.maximum));
}

Number check_integer(const Option& option, std::string_view text) {
    const auto number = parse_integer(text);
    if (!number) return wrong(text, "is not a whole number");
    return in_range(option, text, *number);
}

Number check_port(const Option& option, std::string_view text) {
    const auto port = core::parse_port(text);
    if (!port) return wrong(text, "is not a port; allowed is 1 to 65535" + or_words(option));
    return *port;
}

Number check_duration(const Option& option, std::string_view text) {
    const auto duration = parse_duration(text);
    if (!duration)
        return wrong(text,
                     "is not a duration; write a whole number and a unit (ms, s, m or h), as in "
                     "6s" +
                         or_words(option));
    return in_range(option, text, duration->count());
}

Number check_on_off(std::string_view text) {
    if (text == "on" || text == "yes" || text == "true" || text == "1") return 1;
    if (text == "off" || text == "no" || text == "false" || text == "0") return 0;
    return wrong(text, "is neither on nor off");
}

Number check_file(std::string_view text) {
    const std::string path{text};
    struct stat status {};
    if (stat(path.c_str(), &status) == 0 && S_ISDIR(status.st_mode))
        return wrong(text, "is a directory, not a file");
    if (access(path.c_str(), R_OK) != 0)
        return wrong(text, std::string{"cannot be read: "} + std::strerror(errno));
    return 0;
}

}  // namespace

core::Result<std::int64_t> check_value(const Option& option, std::string_view text) {
    if (std::ranges::find(option.words, text) != option.words.end()) return 0;
    switch (option.kind) {
        case Kind::integer: return check_integer(option, text);
        case Kind::port: return check_port(option, text);
        case Kind::duration: return check_duration(option, text);
        case Kind::on_off: return check_on_off(text);
        case Kind::choice:
            return wrong(text, "is not known; allowed is one of " + spoken_words(option));
        case Kind::file: return check_file(text);
        case Kind::text:
        case Kind::path:
        case Kind::secret: return 0;
    }
    return 0;
}

std::optional<core::milliseconds> parse_duration(std::string_view text) {
    if (text == "0") return core::milliseconds{0};
    const std::size_t unit_at = std::min(text.find_first_not_of("0123456789"), text.size());
    const auto number = parse_integer(text.substr(0, unit_at));
    if (!number) return std::nullopt;
    const std::string_view wanted = text.substr(unit_at);
    for (const auto& [unit, size] : units) {
        if (unit != wanted) continue;
        if (*number > std::numeric_limits<std::int32_t>::max()) return std::nullopt;
        return core::milliseconds{*number * size};
    }
    return std::nullopt;
}

std::string to_text(core::milliseconds duration) {
    if (duration.count() == 0) return "0";
    for (const auto& [unit, size] : units) {
        if (duration.count() % size != 0) continue;
        return std::to_string(duration.count() / size) + std::string{unit};
    }
    return std::to_string(duration.count()) + "ms";
}

}  // namespace redis_zk::app
