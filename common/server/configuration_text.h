// The words of a line of redis.conf, and back. Both follow sds.c of Redis (sdssplitargs and
// sdscatrepr, the same from 2.4 to 7.2 and in Valkey 8), so that we read a user's file as
// redis-server does, and it reads ours as it was meant.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace redis_zk::server {

using Words = std::vector<std::string>;

// Words are separated by blanks. "double quotes" know \n \r \t \a \b \xHH and \ before anything
// else; 'single quotes' know only \'. Nothing: a quote is never closed, or something other than a
// blank follows a closing one. An empty line has no words. Comments are the caller's business.
std::optional<Words> split_words(std::string_view line);

// One word as it has to stand in a line, in quotes where it needs them. Whatever the bytes are, the
// result is one line of printable ASCII.
std::string quoted(std::string_view word);

// The whole line, without a newline.
std::string line_of(const Words& words);

}  // namespace redis_zk::server
