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
    bool promoted = false;              // by this sentinel: its choice in a fail-over that it leads
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
    // For how long it has waited for the answer to a PING, or for a link: it takes the master for
    // dead after down_after of it (sentinelCheckSubjectivelyDown in sentinel.c, 7.0).
    core::milliseconds unanswered_for{0};
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
    core::Endpoint endpoint;  // port 0: another sentinel has its address by now
    std::string id;           // its `sentinel myid`
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

// How many of the sentinels that it knows it takes for alive, itself included, as both of its
// sentences begin: "OK 3 usable Sentinels. ...", "NOQUORUM 1 usable Sentinels. ...". 0: neither.
std::size_t usable_sentinels(std::string_view sentence);

// Its last vote about this master, which has to be its own. Asks for a vote in the epoch 0, which
// nobody gets: it only tells the former one (sentinelVoteLeader).
struct SentinelVote {
    std::int64_t epoch = 0;  // 0: it has never voted
    // The `sentinel myid` of whom it has voted for; "*" when it has followed somebody since: it
    // forgets that, and not the epoch (sentinelResetMaster).
    std::string leader;
};
void sentinel_last_vote(Connection& connection, const core::Endpoint& master,
                        core::Callback<SentinelVote> on_answer);

// Started, not finished. Refused with "INPROG ..." or "NOGOODSLAVE ...".
void sentinel_failover(Connection& connection, std::string_view name,
                       core::Callback<core::Done> on_done);

// Of this sentinel, 40 digits. Refused by a server that is no sentinel.
void sentinel_myid(Connection& connection, core::Callback<std::string> on_answer);

// A name that is monitored already, or an address that cannot be resolved, is refused.
void sentinel_monitor(Connection& connection, std::string_view name, const core::Endpoint& master,
                      int quorum, core::Callback<core::Done> on_done);
void sentinel_remove(Connection& connection, std::string_view name,
                     core::Callback<core::Done> on_done);

// `words`: names of settings, each followed by its values.
void sentinel_set(Connection& connection, std::string_view name,
                  const std::vector<std::string>& words, core::Callback<core::Done> on_done);

// From now on it takes names for addresses, and looks them up itself, blocking (6.2). It also says
// them as it was told them: otherwise who told it to monitor a name would hear of an address.
void sentinel_resolve_hostnames(Connection& connection, core::Callback<core::Done> on_done);

// What a sentinel says of itself and its master, each 2 s to everybody.
struct Hello {
    std::string id;
    core::Endpoint sentinel;
    std::string master_name;
    core::Endpoint master;
    std::int64_t epoch = 0;  // current and config epoch
};

// Believed as if that sentinel had said it, if it is a known one: a larger epoch than its own makes
// it switch to the master, and keep whom it knows. (sentinelProcessHelloMessage, since 2.8.)
void sentinel_hear(Connection& connection, const Hello& hello, core::Callback<core::Done> on_done);

// It forgets all replicas and sentinels, and finds again who lives. Says how many masters it took
// the name, which is a pattern, for.
void sentinel_reset(Connection& connection, std::string_view name,
                    core::Callback<std::int64_t> on_answer);

}  // namespace redis_zk::redis
