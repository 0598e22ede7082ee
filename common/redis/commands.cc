#include "common/redis/commands.h"

#include <cassert>

namespace redis_zk::redis {

namespace {

core::Result<std::string> parse_text(const Reply& reply) {
    if (reply.kind != Reply::Kind::text) return unexpected("INFO", reply);
    return reply.text;
}

// [channel, count]
core::Result<std::int64_t> parse_numsub(const Reply& reply) {
    if (reply.kind != Reply::Kind::list || reply.list.size() != 2)
        return unexpected("PUBSUB NUMSUB", reply);
    return parse_count(reply.list[1]);
}

void set_from(Connection& connection, Settings settings, std::size_t index,
              core::Callback<core::Done> on_done) {
    if (index == settings.size()) {
        if (on_done) on_done(core::Done{});
        return;
    }
    std::vector<std::string> command{"CONFIG", "SET", settings[index].first,
                                     settings[index].second};
    // Holding the connection by reference is safe: it destroys its callbacks with itself.
    ask<core::Done>(connection, std::move(command), parse_ok,
                    [&connection, settings = std::move(settings), index,
                     on_done = std::move(on_done)](const core::Result<core::Done>& done) {
                        if (done) return set_from(connection, settings, index + 1, on_done);
                        if (on_done) on_done(done);
                    });
}

}  // namespace

core::Result<core::Done> parse_ok(const Reply& reply) {
    if (reply.kind == Reply::Kind::text && reply.text.starts_with("OK")) return core::Done{};
    return unexpected("a command", reply);
}

core::Result<std::int64_t> parse_count(const Reply& reply) {
    if (reply.kind != Reply::Kind::integer || reply.integer < 0)
        return unexpected("a question for a number", reply);
    return reply.integer;
}

void role(Connection& connection, core::Callback<Role> on_answer) {
    ask(connection, {"ROLE"}, parse_role, std::move(on_answer));
}

void info(Connection& connection, std::string_view section, core::Callback<std::string> on_answer) {
    ask(connection, {"INFO", std::string{section}}, parse_text, std::move(on_answer));
}

void replicaof(Connection& connection, const core::Endpoint& master,
               core::Callback<core::Done> on_done) {
    ask(connection, {"REPLICAOF", master.host, std::to_string(master.port)}, parse_ok,
        std::move(on_done));
}

void replicaof_no_one(Connection& connection, core::Callback<core::Done> on_done) {
    ask(connection, {"REPLICAOF", "NO", "ONE"}, parse_ok, std::move(on_done));
}

void config_get(Connection& connection, std::string_view pattern,
                core::Callback<FlatMap> on_answer) {
    ask(connection, {"CONFIG", "GET", std::string{pattern}}, parse_flat_map, std::move(on_answer));
}

void config_set(Connection& connection, Settings settings, core::Callback<core::Done> on_done) {
    assert(!settings.empty());  // with nothing to send there would be nothing to call back from
    set_from(connection, std::move(settings), 0, std::move(on_done));
}

void client_kill(Connection& connection, std::string_view type,
                 core::Callback<std::int64_t> on_answer) {
    ask(connection, {"CLIENT", "KILL", "TYPE", std::string{type}}, parse_count,
        std::move(on_answer));
}

void client_pause_writes(Connection& connection, core::milliseconds duration,
                         core::Callback<core::Done> on_done) {
    ask(connection, {"CLIENT", "PAUSE", std::to_string(duration.count()), "WRITE"}, parse_ok,
        std::move(on_done));
}

void client_unpause(Connection& connection, core::Callback<core::Done> on_done) {
    ask(connection, {"CLIENT", "UNPAUSE"}, parse_ok, std::move(on_done));
}

void pubsub_numsub(Connection& connection, std::string_view channel,
                   core::Callback<std::int64_t> on_answer) {
    ask(connection, {"PUBSUB", "NUMSUB", std::string{channel}}, parse_numsub, std::move(on_answer));
}

}  // namespace redis_zk::redis
