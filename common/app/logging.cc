#include "common/app/logging.h"

#include <array>
#include <ctime>
#include <memory>
#include <utility>

#include <nlohmann/json.hpp>
#include <spdlog/formatter.h>
#include <spdlog/logger.h>
#include <spdlog/sinks/base_sink.h>
#include <unistd.h>

#include "common/app/log_output.h"

namespace redis_zk::app {

namespace {

const char* name_of(spdlog::level::level_enum level) {
    if (level <= spdlog::level::debug) return "debug";
    if (level == spdlog::level::info) return "info";
    if (level == spdlog::level::warn) return "warning";
    return "error";
}

// The logger's name is whose line it is: the program's, or a child's.
class Formatter final : public spdlog::formatter {
  public:
    Formatter(std::string program, LogFormat format)
        : program_{std::move(program)}, format_{format} {}

    void format(const spdlog::details::log_msg& message, spdlog::memory_buf_t& line) override {
        const std::string text = format_ == LogFormat::json ? as_json(message) : as_text(message);
        line.append(text.data(), text.data() + text.size());
    }

    std::unique_ptr<spdlog::formatter> clone() const override {
        return std::make_unique<Formatter>(*this);
    }

  private:
    std::string as_text(const spdlog::details::log_msg& message) const {
        std::string level = name_of(message.level);
        level.resize(8, ' ');
        const std::string_view whose{message.logger_name.data(), message.logger_name.size()};
        std::string line = spoken_time(message.time) + ' ' + level;
        if (whose != program_) line.append(whose).append(": ");
        return line + on_one_line({message.payload.data(), message.payload.size()}) + '\n';
    }

    static std::string as_json(const spdlog::details::log_msg& message) {
        nlohmann::ordered_json line;
        line["at"] = spoken_time(message.time);
        line["level"] = name_of(message.level);
        line["program"] = std::string{message.logger_name.data(), message.logger_name.size()};
        line["message"] = std::string{message.payload.data(), message.payload.size()};
        return line.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace) + '\n';
    }

    std::string program_;
    LogFormat format_;
};

spdlog::level::level_enum level_of(LogLevel level) {
    switch (level) {
        case LogLevel::debug: return spdlog::level::debug;
        case LogLevel::info: return spdlog::level::info;
        case LogLevel::warning: return spdlog::level::warn;
        case LogLevel::error: return spdlog::level::err;
    }
    return spdlog::level::info;
}

class Sink final : public spdlog::sinks::base_sink<spdlog::details::null_mutex> {
  public:
    app::LogOutput output{STDERR_FILENO};

  private:
    void sink_it_(const spdlog::details::log_msg& message) override {
        spdlog::memory_buf_t line;
        formatter_->format(message, line);
        output.write({line.data(), line.size()});
    }
    void flush_() override {}
};

struct Log {
    Log(std::string name, LogLevel least, LogFormat format)
        : program{std::move(name)}, level{level_of(least)} {
        sink.set_formatter(std::make_unique<Formatter>(program, format));
    }

    void write(std::string_view whose, spdlog::level::level_enum at_level,
               std::string_view message) noexcept try {
        say_what_was_lost();
        sink.log({spdlog::string_view_t{whose.data(), whose.size()}, at_level,
                  spdlog::string_view_t{message.data(), message.size()}});
    } catch (...) {
        // There is nobody left to tell: standard error is where we would say it.
        return;
    }

    void say_what_was_lost() {
        if (sink.output.lost() == 0 || !sink.output.has_room()) return;
        const std::string sentence =
            "lines of this log that are lost, because its reader stood still: " +
            std::to_string(sink.output.take_lost());
        sink.log({spdlog::string_view_t{program}, spdlog::level::warn, sentence});
    }

    std::string program;
    spdlog::level::level_enum level;
    Sink sink;
};

std::unique_ptr<Log>& the_log() {
    static auto log = std::make_unique<Log>("", LogLevel::info, LogFormat::text);
    return log;
}

}  // namespace

std::string spoken_time(std::chrono::system_clock::time_point at) {
    using namespace std::chrono;
    const std::time_t whole = system_clock::to_time_t(at);
    const auto part = duration_cast<milliseconds>(at.time_since_epoch()).count() % 1000;
    std::tm utc{};
    gmtime_r(&whole, &utc);
    std::array<char, 32> text{};
    const std::size_t length = std::strftime(text.data(), text.size(), "%Y-%m-%dT%H:%M:%S", &utc);
    const std::string digits = std::to_string(1000 + part).substr(1);
    return std::string{text.data(), length} + '.' + digits + 'Z';
}

std::string on_one_line(std::string_view message) {
    constexpr std::string_view digits = "0123456789abcdef";
    std::string line;
    line.reserve(message.size());
    for (const char letter : message) {
        const auto code = static_cast<unsigned char>(letter);
        if (letter == '\n') {
            line += "\\n";
        } else if (code == '\t' || (code >= 0x20 && code != 0x7f)) {
            line += letter;
        } else {
            line += "\\x";
            line += digits[code >> 4U];
            line += digits[code & 0xfU];
        }
    }
    return line;
}

std::optional<LogLevel> parse_log_level(std::string_view word) {
    for (const LogLevel level :
         {LogLevel::debug, LogLevel::info, LogLevel::warning, LogLevel::error})
        if (name_of(level_of(level)) == word) return level;
    return std::nullopt;
}

std::optional<LogFormat> parse_log_format(std::string_view word) {
    if (word == "text") return LogFormat::text;
    if (word == "json") return LogFormat::json;
    return std::nullopt;
}

void start_logging(std::string program, LogLevel least, LogFormat format) {
    the_log() = std::make_unique<Log>(std::move(program), least, format);
}

void log(LogLevel level, std::string_view message) noexcept {
    Log& log = *the_log();
    if (level_of(level) >= log.level) log.write(log.program, level_of(level), message);
}

void log_line_of_child(std::string_view child, std::string_view line) noexcept {
    the_log()->write(child, spdlog::level::info, line);
}

}  // namespace redis_zk::app
