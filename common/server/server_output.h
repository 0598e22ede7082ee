// What a redis-server writes when it refuses its configuration:
//
//     *** FATAL CONFIG FILE ERROR (Redis 7.0.15) ***
//     Reading the configuration file, at line 3
//     >>> 'maxmemory lots'
//     argument must be a memory value
//
// It quotes the line, also when a password is in it.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace redis_zk::server {

// The line as it may be logged: the quotation of a line that is secret is left out.
std::string without_secret(std::string_view line);

// Why the server did not start, in one sentence made of its own words; nothing when these lines say
// no reason. No secret is in it.
std::optional<std::string> refusal_in(const std::vector<std::string>& lines);

}  // namespace redis_zk::server
