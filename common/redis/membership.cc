#include "common/redis/membership.h"

#include "common/redis/commands.h"

namespace redis_zk::redis {

namespace {

constexpr const char* replica_user = "redis-zk-replica";

// Each when the one before was not refused. Ends with the answer to the last one, or the refusal.
void say_in_turn(Connection& connection, std::vector<std::vector<std::string>> commands,
                 core::Callback<core::Done> on_done) {
    std::vector<std::string> first = std::move(commands.front());
    commands.erase(commands.begin());
    ask<core::Done>(connection, std::move(first), parse_ok,
                    [&connection, commands = std::move(commands),
                     on_done = std::move(on_done)](const core::Result<core::Done>& done) {
                        if (!done || commands.empty()) return on_done(done);
                        say_in_turn(connection, commands, on_done);
                    });
}

}  // namespace

std::string membership_channel(const std::string& cluster) { return "redis-zk:" + cluster; }

Credentials replication_credentials(const std::string& cluster, const std::string& password) {
    return {replica_user, cluster + '/' + password};
}

Credentials credentials_of_nobody() { return {"redis-zk-nobody", "nobody"}; }

void allow_replication(Connection& connection, const Credentials& credentials,
                       core::Callback<core::Done> on_done) {
    ask<core::Done>(connection,
                    {"ACL", "SETUSER", credentials.username, "reset", "on",
                     '>' + credentials.password, "+ping", "+psync", "+replconf"},
                    parse_ok, std::move(on_done));
}

void forbid_replication(Connection& connection, core::Callback<std::int64_t> on_done) {
    ask(connection, {"ACL", "DELUSER", replica_user}, parse_count, std::move(on_done));
}

void log_in_to_replicate(Connection& connection, const Credentials& credentials,
                         core::Callback<core::Done> on_done) {
    ask<core::Done>(connection, {"AUTH", credentials.username, credentials.password}, parse_ok,
                    std::move(on_done));
}

Credentials sentinel_credentials(const std::string& cluster, const std::string& password) {
    return {"redis-zk-sentinel", cluster + '/' + password};
}

void admit_sentinels(Connection& connection, const Credentials& credentials,
                     const std::string& username, core::Callback<core::Done> on_done) {
    const auto& [own_name, password] = credentials;
    // Our sentinel logs in as the user before it is the only one that is heard.
    std::vector<std::vector<std::string>> commands{
        {"ACL", "SETUSER", own_name, "reset", "on", '>' + password, "allkeys", "allchannels",
         "+@all"},
        {"AUTH", own_name, password},
        {"SENTINEL", "CONFIG", "SET", "sentinel-user", own_name},
        {"SENTINEL", "CONFIG", "SET", "sentinel-pass", password},
        {"ACL", "SETUSER", "default", "-publish"}};
    if (!username.empty()) commands.push_back({"ACL", "SETUSER", username, "-publish"});
    say_in_turn(connection, std::move(commands),
                [&connection, on_done = std::move(on_done)](const core::Result<core::Done>& done) {
                    if (!done) return on_done(done);
                    client_kill(
                        connection, "normal", [on_done](const core::Result<std::int64_t>& cut) {
                            on_done(cut ? core::Result<core::Done>{core::Done{}} : cut.error());
                        });
                });
}

}  // namespace redis_zk::redis
