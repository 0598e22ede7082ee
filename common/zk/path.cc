#include "common/zk/path.h"

#include <algorithm>

namespace redis_zk::zk {

std::optional<std::string> mistake_in_path(std::string_view path) {
    if (path.empty() || path.front() != '/') return "does not start with a slash";
    if (path == "/") return std::nullopt;
    if (path.back() == '/') return "ends in a slash";

    const auto is_control = [](char c) {
        const auto byte = static_cast<unsigned char>(c);
        return byte < 0x20 || byte == 0x7f;
    };
    if (std::ranges::any_of(path, is_control)) return "contains a control character";

    for (std::string_view rest = path.substr(1); !rest.empty();) {
        const auto end = std::min(rest.find('/'), rest.size());
        const auto part = rest.substr(0, end);
        if (part.empty()) return "has an empty part between two slashes";
        if (part == "." || part == "..")
            return "contains a relative part (" + std::string{part} + ")";
        rest.remove_prefix(std::min(end + 1, rest.size()));
    }
    return std::nullopt;
}

std::string parent_of(std::string_view path) {
    const auto slash = path.rfind('/');
    if (slash == std::string_view::npos || slash == 0) return "/";
    return std::string{path.substr(0, slash)};
}

std::string joined(std::string_view parent, std::string_view name) {
    std::string path{parent == "/" ? std::string_view{} : parent};
    return path.append("/").append(name);
}

}  // namespace redis_zk::zk
