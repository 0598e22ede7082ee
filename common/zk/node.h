// What ZooKeeper keeps, as values of our own: one node, what is known about it, and the operations
// that can be done together. No type of the C client gets past this folder.
#pragma once

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

namespace redis_zk::zk {

// The number that ZooKeeper gave a session. 0 is no session: as the owner of a node it means that
// the node is persistent.
enum class SessionId : std::int64_t { none = 0 };

// In writes and checks: whatever version the node has.
inline constexpr std::int32_t any_version = -1;

struct Stat {
    std::int32_t version = 0;           // grows by one with each write of the data
    SessionId owner = SessionId::none;  // the session whose end removes the node
    std::int64_t created = 0;     // id of the transaction that created it: a node that was removed
                                  // and made again has the same path and another one of these
    std::int64_t changed_at = 0;  // milliseconds since 1970, clock of the ZooKeeper leader

    bool operator==(const Stat&) const = default;
};

struct Node {
    std::string data;
    Stat stat;

    bool operator==(const Node&) const = default;
};

enum class CreateMode { persistent, ephemeral, ephemeral_sequential };

// The parts of Session::multi: either all of them happen or none.
struct Check {
    std::string path;
    std::int32_t version = any_version;
};
struct Create {
    std::string path;
    std::string data;
    CreateMode mode = CreateMode::persistent;
};
struct Set {
    std::string path;
    std::string data;
    std::int32_t version = any_version;
};
struct Remove {
    std::string path;
    std::int32_t version = any_version;
};
using Operation = std::variant<Check, Create, Set, Remove>;

// Sets a node that was seen in this version, or creates one that was not there (-1).
inline Operation write_over(const std::string& path, const std::string& text,
                            std::int32_t seen_version) {
    if (seen_version < 0) return Create{path, text, CreateMode::persistent};
    return Set{path, text, seen_version};
}

}  // namespace redis_zk::zk
