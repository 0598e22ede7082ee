// What a server says that it is. ROLE is the one question whose answer counts: it is answered by
// Redis and by Sentinel, while loading as well, and without a look into the dataset.
//
// Format: https://redis.io/docs/latest/commands/role/ ("slave" is the protocol's word).
#pragma once

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include "common/core/endpoint.h"
#include "common/core/result.h"
#include "common/redis/reply.h"

namespace redis_zk::redis {

// The state of a replica's link to its master. `waiting` is everything before the connection is
// made and after it broke ("none", "connect", and words that we do not know).
enum class Link { waiting, connecting, syncing, connected };

struct MasterRole {
    struct Replica {
        core::Endpoint endpoint;  // as the replica announces itself
        std::int64_t offset = 0;  // acknowledged by it, at most a second old
        bool operator==(const Replica&) const = default;
    };
    std::int64_t offset = 0;
    std::vector<Replica> replicas;  // only those that are online
    bool operator==(const MasterRole&) const = default;
};

struct ReplicaRole {
    core::Endpoint master;  // port 0 is possible; parked nodes name one where nobody listens
    Link link = Link::waiting;
    std::int64_t offset = 0;  // -1: never had a link
    bool operator==(const ReplicaRole&) const = default;
};

struct SentinelRole {
    std::vector<std::string> master_names;
    bool operator==(const SentinelRole&) const = default;
};

using Role = std::variant<MasterRole, ReplicaRole, SentinelRole>;

core::Result<Role> parse_role(const Reply& reply);

}  // namespace redis_zk::redis
