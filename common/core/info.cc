#include "common/core/info.h"

#include <charconv>
#include <locale>
#include <sstream>

namespace redis_zk::core {

namespace {

template <typename T>
std::optional<T> parsed(std::optional<std::string_view> text) {
    if (!text || text->empty()) return std::nullopt;
    T value{};
    const char* const last = text->data() + text->size();
    const auto [end, error] = std::from_chars(text->data(), last, value);
    if (error != std::errc{} || end != last) return std::nullopt;
    return value;
}

// Cuts text at each `border`; of each piece, what is before the first `middle` is the name.
InfoFields cut(std::string_view text, char border, char middle) {
    InfoFields fields;
    while (!text.empty()) {
        const auto end = text.find(border);
        std::string_view piece = text.substr(0, end);
        text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
        if (piece.ends_with('\r')) piece.remove_suffix(1);
        const auto colon = piece.find(middle);
        if (piece.starts_with('#') || colon == 0 || colon == std::string_view::npos) continue;
        fields.set(piece.substr(0, colon), piece.substr(colon + 1));
    }
    return fields;
}

// Newer servers have "db0_distrib_strings_sizes" and the like beside it.
bool is_database(std::string_view name) {
    return name.size() > 2 && name.starts_with("db") &&
           name.find_first_not_of("0123456789", 2) == std::string_view::npos;
}

}  // namespace

void InfoFields::set(std::string_view name, std::string_view value) {
    fields_.insert_or_assign(std::string{name}, std::string{value});
}

std::optional<std::string_view> InfoFields::text(std::string_view name) const {
    const auto found = fields_.find(name);
    if (found == fields_.end()) return std::nullopt;
    return found->second;
}

std::optional<std::int64_t> InfoFields::integer(std::string_view name) const {
    return parsed<std::int64_t>(text(name));
}

std::optional<bool> InfoFields::flag(std::string_view name) const {
    const auto value = text(name);
    if (value == "1") return true;
    if (value == "0") return false;
    return std::nullopt;
}

std::optional<double> InfoFields::number(std::string_view name) const {
    // Not std::from_chars: for a double it needs libm, which every start would load for it alone.
    std::istringstream rest{std::string{text(name).value_or("")}};
    rest.imbue(std::locale::classic());
    double value = 0;
    if (!(rest >> std::noskipws >> value) || !rest.eof()) return std::nullopt;
    return value;
}

InfoFields parse_info(std::string_view text) { return cut(text, '\n', ':'); }

std::int64_t keys_of_all_databases(const InfoFields& info) {
    std::int64_t keys = 0;
    for (const auto& [name, value] : info)
        if (is_database(name)) keys += parse_info_value(value).integer("keys").value_or(0);
    return keys;
}

InfoFields parse_info_value(std::string_view value) { return cut(value, ',', '='); }

}  // namespace redis_zk::core
