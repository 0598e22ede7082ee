#include "redis-wrapper/generated_configuration.h"

#include "common/app/network.h"
#include "common/redis/membership.h"
#include "common/server/file.h"

namespace redis_zk::redis_wrapper {

namespace {

bool is_default_user(const std::string& name) { return name.empty() || name == "default"; }

// A password of REDIS_PASSWORD counts more than the user's file.
void add_passwords(const Config& config, std::vector<Words>& lines) {
    const auto& [username, password] = config.credentials;
    const bool is_ours = !password.empty() && !config.password_is_from_user;
    // A user of ACL is defined by the user's own lines; requirepass is about the default one.
    if (is_ours && is_default_user(username)) lines.push_back({"requirepass", password});
    // Whoever may point this Redis somewhere before its wrapper does, it copies nobody.
    const auto nobody = redis::credentials_of_nobody();
    lines.push_back({"masteruser", nobody.username});
    lines.push_back({"masterauth", nobody.password});
}

// redis-server refuses everybody from another host when no password is set, unless it is told that
// this is meant. The other nodes and the sentinels are on other hosts.
bool opens_to_others(const Config& config) {
    const bool has_password = !config.credentials.password.empty();
    return !has_password && !config.user.sets("protected-mode");
}

// The safe choice for who chose nothing: without it a node that is killed comes back empty.
bool adds_append_only_file(const Config& config) {
    return config.user.file.empty() && !config.user.sets("appendonly");
}

}  // namespace

std::vector<Words> own_directives(const Config& config) {
    std::vector<Words> lines{
        {"bind", config.listen.host},
        {"port", std::to_string(config.listen.port)},
        {"unixsocket", config.socket_path()},
        {"unixsocketperm", "700"},
        {"dir", config.data_dir},
        {"daemonize", "no"},
        {"supervised", "no"},
        {"pidfile", ""},
        {"logfile", ""},
        {"replicaof", "127.0.0.1", "0"},
        {"replica-read-only", "yes"},
        {"replica-priority", "0"},
        {"replica-announce-ip", config.announce.host},
        {"replica-announce-port", std::to_string(config.announce.port)},
        // The sentinels would never learn of a node that they are to choose, and wait for.
        {"replica-announced", "yes"},
        {"min-replicas-to-write", redis::no_writes},
        // 0 would switch the refusal of writes off.
        {"min-replicas-max-lag", "10"},
        // A backlog that is freed freezes the offset while writes go on, and the lineage with it.
        {"repl-backlog-ttl", "0"},
    };
    add_passwords(config, lines);
    if (opens_to_others(config)) lines.push_back({"protected-mode", "no"});
    if (adds_append_only_file(config)) lines.push_back({"appendonly", "yes"});
    return lines;
}

std::string generated_configuration(const Config& config) {
    std::string text =
        "# Written by redis-wrapper at each start, and thrown away by the next: change REDIS_CONF "
        "instead.\n";
    if (!config.user.file.empty()) text += server::line_of({"include", config.user.file}) + '\n';
    for (const std::string& line : config.user.argument_lines) text += line + '\n';
    for (const Words& line : own_directives(config)) text += server::line_of(line) + '\n';
    return text;
}

std::vector<std::string> spoken_choices(const Config& config) {
    std::vector<std::string> sentences = spoken_overrides(config.user, own_directives(config));
    if (opens_to_others(config) && !app::is_loopback(config.listen.host))
        sentences.emplace_back(
            "no password is set, and protected-mode is off so that the other nodes can come in: "
            "everybody who reaches " +
            core::spoken(config.listen) + " can read and write; REDIS_PASSWORD_FILE sets one");
    if (adds_append_only_file(config))
        sentences.emplace_back(
            "appendonly yes, because REDIS_CONF is not given: a node that is killed comes back "
            "with its data");
    if (config.user.sets("shutdown-timeout") &&
        config.user.shutdown_timeout > config.shutdown_timeout().count())
        sentences.push_back("shutdown-timeout is lowered to " +
                            std::to_string(config.shutdown_timeout().count()) +
                            " s, a third of STOP_TIMEOUT: redis-server saves after it has waited "
                            "for its replicas");
    return sentences;
}

core::Result<core::Done> write_generated_configuration(const Config& config) {
    return server::replace_file(config.configuration_path(), generated_configuration(config),
                                server::Durability::until_restart);
}

}  // namespace redis_zk::redis_wrapper
