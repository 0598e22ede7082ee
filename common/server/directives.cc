#include "common/server/directives.h"

#include <algorithm>
#include <array>
#include <string_view>

namespace redis_zk::server {

std::string in_small_letters(std::string text) {
    std::ranges::transform(text, text.begin(), [](char letter) {
        return letter >= 'A' && letter <= 'Z' ? static_cast<char>(letter - 'A' + 'a') : letter;
    });
    return text;
}

namespace {

// Without its values.
std::string name_of(const Words& words) {
    const bool is_of_sentinel = words.front() == "sentinel" && words.size() > 1;
    return is_of_sentinel ? "sentinel " + words[1] : words.front();
}

std::string spoken(const Directive& directive) {
    return (is_secret(directive.words) ? name_of(directive.words) : line_of(directive.words)) +
           " (" + directive.where + ')';
}

// Words such as yes and no mean the same in any letters; a path does not.
bool mean_the_same(const Words& one, const Words& other) {
    if (one.size() != other.size()) return false;
    const auto equal = [](const std::string& a, const std::string& b) {
        return a == b || ((b == "yes" || b == "no") && in_small_letters(a) == b);
    };
    return std::ranges::equal(one, other, equal);
}

}  // namespace

std::optional<std::string> spoken_override(const Directive& user, const Words& ours,
                                           const std::string& option) {
    if (mean_the_same(user.words, ours)) return std::nullopt;
    const std::string by = is_secret(ours) ? "what " + option + " says" : line_of(ours);
    return spoken(user) + " is overridden by " + by;
}

std::optional<std::string> warning_of_secret(const Directive& directive) {
    if (!directive.is_argument || !is_secret(directive.words)) return std::nullopt;
    return name_of(directive.words) +
           " stands in the argument list, which everybody on this host can read; a file is "
           "better (REDIS_PASSWORD_FILE, REDIS_CONF)";
}

std::string usual_name(const std::string& directive) {
    if (directive == "slaveof") return "replicaof";
    if (directive == "primaryauth") return "masterauth";
    if (directive == "primaryuser") return "masteruser";
    if (directive.starts_with("slave-")) return "replica-" + directive.substr(6);
    if (directive.starts_with("min-slaves-")) return "min-replicas-" + directive.substr(11);
    return directive;
}

bool is_secret(const std::string& directive) {
    static constexpr auto secret =
        std::to_array<std::string_view>({"requirepass", "masterauth", "primaryauth",
                                         "tls-key-file-pass", "tls-client-key-file-pass", "user"});
    return std::ranges::find(secret, directive) != secret.end();
}

bool is_secret(const Words& words) {
    if (is_secret(words.front())) return true;
    if (words.front() != "sentinel" || words.size() < 2) return false;
    const std::string setting = in_small_letters(words[1]);
    return setting == "auth-pass" || setting == "sentinel-pass";
}

}  // namespace redis_zk::server
