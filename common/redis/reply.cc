#include "common/redis/reply.h"

#include <cerrno>
#include <charconv>
#include <limits>

namespace redis_zk::redis {

namespace {

constexpr std::size_t longest_quote = 40;

// What a server sends ends up in a log line: control characters must not.
std::string quoted(std::string_view text) {
    std::string quote{'"'};
    for (const char letter : text.substr(0, longest_quote))
        quote += letter >= ' ' && letter <= '~' ? letter : '?';
    return quote + (text.size() > longest_quote ? "...\"" : "\"");
}

std::string described(const Reply& reply) {
    switch (reply.kind) {
        case Reply::Kind::nil: return "nil";
        case Reply::Kind::text: return quoted(reply.text);
        case Reply::Kind::integer: return std::to_string(reply.integer);
        case Reply::Kind::error: return "the error " + quoted(reply.text);
        case Reply::Kind::list: break;
    }
    if (reply.list.empty()) return "an empty list";
    const Reply& first = reply.list.front();
    return "a list of " + std::to_string(reply.list.size()) + " that begins with " +
           (first.kind == Reply::Kind::list ? "a list" : described(first));
}

}  // namespace

core::Result<FlatMap> parse_flat_map(const Reply& reply) {
    if (reply.kind != Reply::Kind::list || reply.list.size() % 2 != 0)
        return unexpected("a question for names and values", reply);
    FlatMap map;
    for (std::size_t index = 0; index < reply.list.size(); index += 2) {
        const Reply& name = reply.list[index];
        const Reply& value = reply.list[index + 1];
        if (name.kind != Reply::Kind::text || value.kind != Reply::Kind::text)
            return unexpected("a question for names and values", reply);
        map[name.text] = value.text;
    }
    return map;
}

std::optional<std::int64_t> integer_in(std::string_view text) {
    std::int64_t value = 0;
    const char* const last = text.data() + text.size();
    const auto [end, error] = std::from_chars(text.data(), last, value);
    if (text.empty() || error != std::errc{} || end != last) return std::nullopt;
    return value;
}

std::optional<std::int64_t> integer_in(const Reply& reply) {
    if (reply.kind == Reply::Kind::integer) return reply.integer;
    if (reply.kind == Reply::Kind::text) return integer_in(std::string_view{reply.text});
    return std::nullopt;
}

std::optional<std::uint16_t> port_in(const Reply& reply) {
    const auto value = integer_in(reply);
    if (!value || *value < 0 || *value > std::numeric_limits<std::uint16_t>::max())
        return std::nullopt;
    return static_cast<std::uint16_t>(*value);
}

core::Error unexpected(std::string_view command, const Reply& reply) {
    return {core::Fault::refused, std::string{command} + " was answered with " + described(reply),
            EPROTO};
}

}  // namespace redis_zk::redis
