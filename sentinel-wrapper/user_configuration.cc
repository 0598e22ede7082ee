#include "sentinel-wrapper/user_configuration.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <string_view>

#include "common/server/directives.h"

namespace redis_zk::sentinel_wrapper {

namespace {

template <std::size_t count>
bool contains(const std::array<std::string_view, count>& list, std::string_view name) {
    return std::ranges::find(list, name) != list.end();
}

// Without the word "sentinel" in front.
constexpr auto decided_by_us =
    std::to_array<std::string_view>({"bind", "port", "unixsocket", "unixsocketperm", "dir",
                                     "daemonize", "supervised", "pidfile", "logfile"});

// With it.
constexpr auto decided_for_sentinel = std::to_array<std::string_view>(
    {"myid", "announce-ip", "announce-port", "monitor", "sentinel-pass", "sentinel-user"});
constexpr auto left_by_an_earlier_life =
    std::to_array<std::string_view>({"current-epoch", "config-epoch", "leader-epoch",
                                     "known-replica", "known-slave", "known-sentinel"});
constexpr auto about_all_masters = std::to_array<std::string_view>(
    {"resolve-hostnames", "announce-hostnames", "deny-scripts-reconfig", "loglevel"});
constexpr auto scripts =
    std::to_array<std::string_view>({"notification-script", "client-reconfig-script"});

class Interpreter {
  public:
    explicit Interpreter(std::string master_name) : master_name_{std::move(master_name)} {}

    void understand(Directive directive) {
        if (auto warning = server::warning_of_secret(directive))
            user_.warnings.push_back(std::move(*warning));
        const std::string& name = directive.words.front();
        if (name == "sentinel" && directive.words.size() > 1)
            return understand_sentinel(std::move(directive));
        if (name == "protected-mode") user_.sets_protected_mode = true;
        if (name == "aclfile") user_.has_acl_file = true;
        if (name == "user" && directive.words.size() > 1) user_.users.insert(directive.words[1]);
        if (name == "requirepass" && directive.words.size() == 2) {
            user_.requirepass = directive.words[1];
            user_.decided.push_back(std::move(directive));
        } else if (name == "replicaof" || name == "slaveof")
            mistake(directive, "a sentinel follows nobody");
        else if (contains(decided_by_us, name))
            user_.decided.push_back(std::move(directive));
        else
            user_.kept.push_back(std::move(directive.words));
    }

    UserConfiguration conclude() { return std::move(user_); }

  private:
    void mistake(const Directive& directive, const std::string& sentence) {
        const Words& words = directive.words;
        const bool is_of_sentinel = words.front() == "sentinel" && words.size() > 1;
        user_.mistakes.push_back(directive.where + ": " + words.front() +
                                 (is_of_sentinel ? ' ' + words[1] : "") + ": " + sentence);
    }

    void understand_sentinel(Directive directive) {
        directive.words[1] = server::in_small_letters(directive.words[1]);
        const std::string& setting = directive.words[1];
        if (contains(left_by_an_earlier_life, setting)) return;
        if (contains(about_all_masters, setting)) return user_.kept.push_back(directive.words);
        const bool is_decided = contains(decided_for_sentinel, setting);
        if (is_decided && setting != "monitor") return user_.decided.push_back(directive);
        if (directive.words.size() < 4) return mistake(directive, "has too few words");
        if (directive.words[2] != master_name_)
            return mistake(directive, "speaks of the master \"" + directive.words[2] +
                                          "\", and this sentinel watches \"" + master_name_ +
                                          "\" (MASTER_NAME) only");
        if (is_decided) return user_.decided.push_back(directive);
        understand_setting(directive);
    }

    void understand_setting(const Directive& directive) {
        const std::string& setting = directive.words[1];
        const std::string& value = directive.words[3];
        if (contains(scripts, setting))
            return mistake(directive,
                           "is not supported: the script would be forgotten as soon as this "
                           "sentinel is pointed to another master");
        if (setting == "auth-user")
            user_.auth_user = value;
        else if (setting == "auth-pass")
            user_.auth_pass = value;
        else if (setting == "down-after-milliseconds")
            user_.down_after = duration(directive);
        else if (setting == "failover-timeout")
            user_.failover_timeout = duration(directive);
        else if (setting == "parallel-syncs")
            user_.parallel_syncs = number(directive);
        else {
            Words words{setting};
            words.insert(words.end(), directive.words.begin() + 3, directive.words.end());
            user_.of_the_master.push_back(std::move(words));
        }
    }

    std::optional<int> number(const Directive& directive) {
        const std::string& text = directive.words[3];
        int read = 0;
        const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), read);
        if (error == std::errc{} && end == text.data() + text.size() && read > 0) return read;
        mistake(directive, '"' + text + "\" is not a whole number above 0");
        return std::nullopt;
    }

    std::optional<core::milliseconds> duration(const Directive& directive) {
        const auto read = number(directive);
        return read ? std::optional{core::milliseconds{*read}} : std::nullopt;
    }

    std::string master_name_;
    UserConfiguration user_;
};

}  // namespace

UserConfiguration read_user_configuration(const std::string& file, const Words& arguments,
                                          const std::string& working_directory,
                                          const std::string& master_name) {
    server::ReadConfiguration read =
        server::read_configuration(file, arguments, working_directory, "SENTINEL_CONF");
    Interpreter interpreter{master_name};
    for (Directive& directive : read.directives) interpreter.understand(std::move(directive));
    UserConfiguration user = interpreter.conclude();
    user.mistakes.insert(user.mistakes.begin(), read.mistakes.begin(), read.mistakes.end());
    return user;
}

}  // namespace redis_zk::sentinel_wrapper
