#include "common/redis/role.h"

namespace redis_zk::redis {

namespace {

bool is_text(const Reply& reply) { return reply.kind == Reply::Kind::text; }
bool is_list(const Reply& reply) { return reply.kind == Reply::Kind::list; }

Link link_named(std::string_view name) {
    if (name == "connecting" || name == "handshake") return Link::connecting;
    if (name == "sync") return Link::syncing;
    if (name == "connected") return Link::connected;
    return Link::waiting;
}

std::optional<MasterRole::Replica> parse_replica(const Reply& reply) {
    if (!is_list(reply) || reply.list.size() < 3 || !is_text(reply.list[0])) return std::nullopt;
    const auto port = port_in(reply.list[1]);
    const auto offset = integer_in(reply.list[2]);
    if (!port || !offset) return std::nullopt;
    return MasterRole::Replica{{reply.list[0].text, *port}, *offset};
}

// "master", offset, [[host, port, offset], ...]
std::optional<Role> parse_master(const std::vector<Reply>& parts) {
    if (parts.size() < 3 || !is_list(parts[2])) return std::nullopt;
    const auto offset = integer_in(parts[1]);
    if (!offset) return std::nullopt;
    MasterRole master{*offset, {}};
    for (const Reply& one : parts[2].list) {
        const auto replica = parse_replica(one);
        if (!replica) return std::nullopt;
        master.replicas.push_back(*replica);
    }
    return master;
}

// "slave", host, port, state, offset
std::optional<Role> parse_replica_role(const std::vector<Reply>& parts) {
    if (parts.size() < 5 || !is_text(parts[1]) || !is_text(parts[3])) return std::nullopt;
    const auto port = port_in(parts[2]);
    const auto offset = integer_in(parts[4]);
    if (!port || !offset) return std::nullopt;
    return ReplicaRole{{parts[1].text, *port}, link_named(parts[3].text), *offset};
}

// "sentinel", [name, ...]
std::optional<Role> parse_sentinel(const std::vector<Reply>& parts) {
    if (parts.size() < 2 || !is_list(parts[1])) return std::nullopt;
    SentinelRole sentinel;
    for (const Reply& name : parts[1].list) {
        if (!is_text(name)) return std::nullopt;
        sentinel.master_names.push_back(name.text);
    }
    return sentinel;
}

std::optional<Role> parse(const Reply& reply) {
    if (!is_list(reply) || reply.list.empty() || !is_text(reply.list[0])) return std::nullopt;
    const std::string& word = reply.list[0].text;
    if (word == "master") return parse_master(reply.list);
    if (word == "slave") return parse_replica_role(reply.list);
    if (word == "sentinel") return parse_sentinel(reply.list);
    return std::nullopt;
}

}  // namespace

core::Result<Role> parse_role(const Reply& reply) {
    if (auto role = parse(reply)) return *std::move(role);
    return unexpected("ROLE", reply);
}

}  // namespace redis_zk::redis
