// The log: lines on standard error, each written at once with one write(2). As text
//
//     2026-11-21T10:00:00.123Z info    promote, because we are elected
//
// or as JSON lines, for those who collect logs:
//
//     {"at":"2026-11-21T10:00:00.123Z","level":"info","program":"redis-wrapper","message":"..."}
//
// A message is always one line: control characters are escaped, so that nothing that came over the
// network can forge a line of ours, and bytes that are not UTF-8 become U+FFFD in JSON. While the
// reader of standard error stands still, lines are lost; a warning says how many once it goes on.
//
// There is one log in a process, because there is one standard error. Before start_logging() it is
// text at level info. The executables include this header, never spdlog's.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace redis_zk::app {

enum class LogLevel { debug, info, warning, error };
enum class LogFormat { text, json };

// The words of LOG_LEVEL and LOG_FORMAT: "debug", "info", "warning", "error"; "text", "json".
std::optional<LogLevel> parse_log_level(std::string_view word);
std::optional<LogFormat> parse_log_format(std::string_view word);

void start_logging(std::string program, LogLevel least, LogFormat format);

// Says it when `level` is at least the one that was asked for. Never throws. No secret may be in
// it.
void log(LogLevel level, std::string_view message) noexcept;

inline void log_debug(std::string_view message) noexcept { log(LogLevel::debug, message); }
inline void log_info(std::string_view message) noexcept { log(LogLevel::info, message); }
inline void log_warning(std::string_view message) noexcept { log(LogLevel::warning, message); }
inline void log_error(std::string_view message) noexcept { log(LogLevel::error, message); }

// "2026-11-21T10:00:00.123Z", as the lines begin.
std::string spoken_time(std::chrono::system_clock::time_point at);

// The same text without control characters but the tab: "\n", "\x1b". So is every message written.
std::string on_one_line(std::string_view message);

// A line that a child wrote, without its newline. It is marked as the child's own: "redis-server: "
// before it in text, its name as "program" in JSON. Not filtered: the child has its own level.
void log_line_of_child(std::string_view child, std::string_view line) noexcept;

}  // namespace redis_zk::app
