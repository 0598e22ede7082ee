// One line in the table of an executable's options. An option is declared once and then exists
// three times, in this order of precedence:
//
//     --zk-hosts 10.0.0.1:2181        a flag (also --zk-hosts=10.0.0.1:2181)
//     ZK_HOSTS=10.0.0.1:2181          an environment variable; empty counts as unset
//     zk-hosts = 10.0.0.1:2181        a line of the file named by --config or CONFIG_FILE
//
// A secret is different, because everybody on a host can read an argument list: "redis-password"
// exists as --redis-password-file, as REDIS_PASSWORD, as REDIS_PASSWORD_FILE and as the line
// redis-password-file, and there is no flag for the secret itself.
#pragma once

#include <cstdint>
#include <limits>
#include <string>
#include <vector>

namespace redis_zk::app {

enum class Kind {
    text,
    integer,
    port,      // 1 to 65535
    duration,  // "6s", "500ms", "2m", "1h", or "0"
    on_off,    // as a flag, --name alone means on
    choice,    // one of `words`
    path,      // of something that need not exist yet
    file,      // a file that exists and can be read
    secret,
};

struct Option {
    std::string name;  // small letters and dashes: "zk-hosts"
    Kind kind = Kind::text;
    std::string initial = {};      // the default, as a user would write it; empty: no value
    std::string description = {};  // one sentence, for --help

    // Of an integer, and of a duration in milliseconds; both ends are allowed.
    std::int64_t minimum = 0;
    std::int64_t maximum = std::numeric_limits<std::int64_t>::max();

    // Of a choice: all there is. Of a port or a duration: allowed besides, as in "off"; the value
    // is then "no port", or a duration of zero.
    std::vector<std::string> words = {};

    // Of a text: several values, separated by commas. The flag may be given, and the line written,
    // more than once; all count.
    bool is_list = false;

    // Environment variables of the scheduler that stand in when nobody gave the option, the first
    // that is set: PORT1 for http-port, MESOS_SANDBOX for run-dir.
    std::vector<std::string> or_environment = {};

    // What --help says about the default when `initial` is empty: "off". Empty: "none".
    std::string spoken_default = {};
};

// "zk-hosts" -> "ZK_HOSTS".
std::string environment_name(const Option& option);

// The name behind the dashes and in the file: "zk-hosts"; of a secret "redis-password-file".
std::string flag_name(const Option& option);

}  // namespace redis_zk::app
