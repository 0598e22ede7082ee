#include "redis-wrapper/user_configuration.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <filesystem>
#include <string_view>

#include "common/server/directives.h"

namespace redis_zk::redis_wrapper {

using server::in_small_letters;

namespace {

// What the wrapper says to its redis-server, and Sentinel and the replicas to it.
constexpr auto needed_commands = std::to_array<std::string_view>(
    {"acl", "auth", "client", "config", "exec", "info", "multi", "ping", "psync", "publish",
     "pubsub", "replconf", "replicaof", "role", "shutdown", "slaveof", "subscribe", "sync"});

// Lent to the wrapper and given back, so that the user's value is not lost.
constexpr auto borrowed = std::to_array<std::string_view>(
    {"replica-priority", "min-replicas-to-write", "min-replicas-max-lag"});

template <std::size_t count>
bool contains(const std::array<std::string_view, count>& list, std::string_view name) {
    return std::ranges::find(list, name) != list.end();
}

class Interpreter {
  public:
    void understand(Directive directive) {
        directive.words.front() = server::usual_name(directive.words.front());
        const std::string& name = directive.words.front();
        const Words& words = directive.words;
        if (auto warning = server::warning_of_secret(directive))
            user_.warnings.push_back(std::move(*warning));
        if (name == "user" && words.size() > 1) user_.users.push_back(words[1]);
        if (name == "dir" && words.size() == 2) note_directory(directive);
        if (name == "rename-command" && words.size() == 3) refuse_renaming(directive);
        if (name == "sentinel")
            mistake(directive,
                    "a redis-server that redis-wrapper starts is no sentinel; that is "
                    "the business of sentinel-wrapper");
        user_.last.insert_or_assign(name, std::move(directive));
    }

    UserConfiguration conclude() {
        integer("replica-priority", user_.replica_priority);
        integer("min-replicas-to-write", user_.min_replicas_to_write);
        integer("min-replicas-max-lag", user_.min_replicas_max_lag);
        integer("shutdown-timeout", user_.shutdown_timeout);
        user_.requirepass = value("requirepass");
        user_.masterauth = value("masterauth");
        user_.masteruser = value("masteruser");
        user_.has_acl_file = !value("aclfile").value_or("").empty();
        refuse_when_on("cluster-enabled", "Redis Cluster chooses its masters by itself");
        refuse_when_on("tls-replication",
                       "the nodes announce the port that speaks without TLS, and follow it");
        return std::move(user_);
    }

  private:
    void mistake(const Directive& directive, const std::string& sentence) {
        user_.mistakes.push_back(directive.where + ": " + directive.words.front() + ": " +
                                 sentence);
    }

    // The value of a directive that has exactly one. redis-server refuses any other number.
    std::optional<std::string> value(const std::string& name) const {
        const auto found = user_.last.find(name);
        if (found == user_.last.end() || found->second.words.size() != 2) return std::nullopt;
        return found->second.words[1];
    }

    void integer(const std::string& name, int& number) {
        const auto text = value(name);
        if (!text) return;
        int read = 0;
        const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), read);
        if (error != std::errc{} || end != text->data() + text->size() || read < 0)
            mistake(user_.last.at(name), '"' + *text + "\" is not a whole number");
        else
            number = read;
    }

    void refuse_when_on(const std::string& name, const std::string& why) {
        if (in_small_letters(value(name).value_or("no")) == "yes")
            mistake(user_.last.at(name), "is not supported: " + why);
    }

    void refuse_renaming(const Directive& directive) {
        const std::string command = in_small_letters(directive.words[1]);
        if (contains(needed_commands, command))
            mistake(directive, '"' + command +
                                   "\" is needed by redis-wrapper, the sentinels or the replicas; "
                                   "an ACL can keep clients from it");
    }

    void note_directory(const Directive& directive) {
        const auto path = std::filesystem::path{directive.directory} / directive.words[1];
        user_.data_dir = path.lexically_normal().string();
        std::error_code ignored;
        if (!std::filesystem::is_directory(*user_.data_dir, ignored))
            user_.missing_directories.emplace_back(*user_.data_dir, directive.where);
    }

    UserConfiguration user_;
};

}  // namespace

UserConfiguration read_user_configuration(const std::string& file, const Words& arguments,
                                          const std::string& working_directory) {
    server::ReadConfiguration read =
        server::read_configuration(file, arguments, working_directory, "REDIS_CONF");
    Interpreter interpreter;
    for (Directive& directive : read.directives) interpreter.understand(std::move(directive));
    UserConfiguration user = interpreter.conclude();
    user.file = file;
    user.argument_lines = std::move(read.argument_lines);
    user.mistakes.insert(user.mistakes.begin(), read.mistakes.begin(), read.mistakes.end());
    return user;
}

std::vector<std::string> spoken_overrides(const UserConfiguration& user,
                                          const std::vector<Words>& ours) {
    std::vector<std::string> sentences;
    for (const Words& own : ours) {
        const std::string& name = own.front();
        const auto found = user.last.find(name);
        if (found == user.last.end() || contains(borrowed, name)) continue;
        if (auto sentence = server::spoken_override(found->second, own, "REDIS_PASSWORD"))
            sentences.push_back(std::move(*sentence));
    }
    return sentences;
}

}  // namespace redis_zk::redis_wrapper
