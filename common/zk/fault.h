// What a failure of ZooKeeper means to the caller. The C client has some thirty return codes; there
// are three answers (core::Fault). The code itself stays in core::Error::code, for callers that
// expect one certain refusal.
#pragma once

#include <string>

#include "common/core/result.h"

namespace redis_zk::zk {

// The refusals that somebody asks about. Values of the ZooKeeper protocol (KeeperException.Code).
namespace code {
inline constexpr int no_node = -101;
inline constexpr int no_auth = -102;
inline constexpr int bad_version = -103;
inline constexpr int node_exists = -110;
inline constexpr int not_empty = -111;
}  // namespace code

// ask_again: the answer got lost or the server was too busy, it may have happened or not;
// connection_lost: this session is over, only a new one can help;
// refused: the server (or the client library, for an impossible request) said no.
core::Fault fault_of(int return_code);

// "cannot create /redis/members: the node exists" from "create /redis/members".
core::Error error_of(int return_code, const std::string& what);

// For a question that found no connection to be asked on.
core::Error no_connection(const std::string& what);

}  // namespace redis_zk::zk
