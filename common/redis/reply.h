// A reply of a Redis or Sentinel, and the shapes in which it packs its answers. A server may send
// anything: what has not the expected shape is an Error with EPROTO that quotes the beginning of
// what came, never a crash and never a guess.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/core/result.h"

namespace redis_zk::redis {

struct Reply {
    enum class Kind { nil, text, integer, list, error };

    Kind kind = Kind::nil;
    std::string text;  // of text and of error
    std::int64_t integer = 0;
    std::vector<Reply> list;

    bool operator==(const Reply&) const = default;
};

// Name, value, name, value: how CONFIG GET and SENTINEL MASTER answer. Of a name that comes twice
// the last one counts, as with redis-server's own configuration.
using FlatMap = std::map<std::string, std::string, std::less<>>;
core::Result<FlatMap> parse_flat_map(const Reply& reply);

// A decimal number, whether the server sent it as an integer or as text; nothing else around it.
std::optional<std::int64_t> integer_in(const Reply& reply);
std::optional<std::int64_t> integer_in(std::string_view text);

// Like parse_port, but 0 is one: redis-server accepts it in REPLICAOF.
std::optional<std::uint16_t> port_in(const Reply& reply);

// The error for a reply to `command` that has not the expected shape.
core::Error unexpected(std::string_view command, const Reply& reply);

}  // namespace redis_zk::redis
