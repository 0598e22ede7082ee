// The questions that the suite puts to a Sentinel, with typed answers. The rules of commands.h
// hold. An opinion of a Sentinel is no proof: one that is cut off keeps its opinion for ever.
//
// Formats: the maps of SENTINEL MASTER, REPLICAS and SENTINELS as addReplySentinelRedisInstance
// of sentinel.c writes them (6.2 to 7.x, Valkey 8 the same).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/core/endpoint.h"
#include "common/core/result.h"
#include "common/core/time.h"
#include "common/redis/connection.h"
#include "common/redis/reply.h"

namespace redis_zk::redis {

// The comma-separated words of the field "flags".
struct SentinelFlags {
    bool subjectively_down = false;     // s_down: this sentinel cannot reach it
    bool objectively_down = false;      // o_down: a quorum of them cannot
    bool disconnected = false;          // there is no link to it at the moment
    bool failover_in_progress = false;  // led by this sentinel
    bool operator==(const SentinelFlags&) const = default;
};

struct SentinelMaster {
    std::string name;
    core::Endpoint endpoint;
    std::string run_id;  // empty: it has not heard it yet
    SentinelFlags flags;
    std::int64_t config_epoch = 0;
    std::int64_t quorum = 0;
    std::int64_t known_replicas = 0;         // all ever seen, dead ones too
    std::int64_t known_other_sentinels = 0;  // the same
    core::milliseconds down_after{0};
    core::milliseconds failover_timeout{0};
};

struct SentinelReplica {
    core::Endpoint endpoint;
    std::string run_id;
    SentinelFlags flags;
    bool has_link_to_master = false;
    core::Endpoint master;  // whom it follows; host empty if unknown
    std::int64_t priority = 0;
    std::int64_t offset = 0;
};

struct SentinelPeer {
    core::Endpoint endpoint;
    std::string id;  // its `sentinel myid`
    SentinelFlags flags;
    core::milliseconds last_hello{0};  // how long ago
};

core::Result<SentinelMaster> parse_sentinel_master(const Reply& reply);
core::Result<std::vector<SentinelReplica>> parse_sentinel_replicas(const Reply& reply);
core::Result<std::vector<SentinelPeer>> parse_sentinel_peers(const Reply& reply);
core::Result<std::optional<core::Endpoint>> parse_master_address(const Reply& reply);

// A master name that it does not know is Fault::refused, "ERR No such master with that name"...
void sentinel_master(Connection& connection, std::string_view name,
                     core::Callback<SentinelMaster> on_answer);
void sentinel_replicas(Connection& connection, std::string_view name,
                       core::Callback<std::vector<SentinelReplica>> on_answer);
void sentinel_sentinels(Connection& connection, std::string_view name,
                        core::Callback<std::vector<SentinelPeer>> on_answer);

// ...except here, where it is an answer without an endpoint. Right earlier than +switch-master.
void sentinel_get_master_addr(Connection& connection, std::string_view name,
                              core::Callback<std::optional<core::Endpoint>> on_answer);

// The sentinel's own sentence when a failover could be agreed on; refused with "NOQUORUM ..." when
// it could not.
void sentinel_ckquorum(Connection& connection, std::string_view name,
                       core::Callback<std::string> on_answer);

// Started, not finished. Refused with "INPROG ..." or "NOGOODSLAVE ...".
void sentinel_failover(Connection& connection, std::string_view name,
                       core::Callback<core::Done> on_done);

}  // namespace redis_zk::redis
