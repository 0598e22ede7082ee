// The commands that the suite sends to a redis-server, with typed answers. Each is sent on the
// given Connection and calls back once, unless that is destroyed first. A callback may be empty.
//
// An answer that has not the expected shape is Fault::refused with EPROTO.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "common/core/endpoint.h"
#include "common/core/result.h"
#include "common/redis/connection.h"
#include "common/redis/reply.h"
#include "common/redis/role.h"

namespace redis_zk::redis {

void role(Connection& connection, core::Callback<Role> on_answer);

// The text of INFO; core::parse_info reads it. Section: "replication", "server", "all", ...
void info(Connection& connection, std::string_view section, core::Callback<std::string> on_answer);

// Returns at once: the link is made afterwards, and ROLE tells how far it is.
void replicaof(Connection& connection, const core::Endpoint& master,
               core::Callback<core::Done> on_done);
void replicaof_no_one(Connection& connection, core::Callback<core::Done> on_done);

// All options whose name matches the glob pattern.
void config_get(Connection& connection, std::string_view pattern,
                core::Callback<FlatMap> on_answer);

// One CONFIG SET for each pair, in order, until one is refused: Redis 6.2 takes one pair only.
using Settings = std::vector<std::pair<std::string, std::string>>;
void config_set(Connection& connection, Settings settings, core::Callback<core::Done> on_done);

// Cuts all connections of a type ("normal", "pubsub", "replica") but this one; says how many.
void client_kill(Connection& connection, std::string_view type,
                 core::Callback<std::int64_t> on_answer);

// Clients that write wait for so long, or until client_unpause(): also scripts, PUBLISH and WAIT.
void client_pause_writes(Connection& connection, core::milliseconds duration,
                         core::Callback<core::Done> on_done);
void client_unpause(Connection& connection, core::Callback<core::Done> on_done);

// How many clients listen to a channel, patterns not counted.
void pubsub_numsub(Connection& connection, std::string_view channel,
                   core::Callback<std::int64_t> on_answer);

// For answers parsed elsewhere: sends, and hands what `parse` makes of the reply to `on_answer`.
template <typename T>
void ask(Connection& connection, std::vector<std::string> command,
         core::Result<T> (*parse)(const Reply&), core::Callback<T> on_answer) {
    connection.send(std::move(command),
                    [parse, on_answer = std::move(on_answer)](const core::Result<Reply>& reply) {
                        if (!on_answer) return;
                        on_answer(reply ? parse(*reply) : core::Result<T>{reply.error()});
                    });
}

// "OK", and nothing else.
core::Result<core::Done> parse_ok(const Reply& reply);
core::Result<std::int64_t> parse_count(const Reply& reply);

}  // namespace redis_zk::redis
