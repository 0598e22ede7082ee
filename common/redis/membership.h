// How the nodes of one cluster recognise each other, on unmodified servers. A scheduler gives the
// address of a dead node to whoever comes next, and Redis by itself copies whatever listens there.
//
//  - To be recognised: each wrapper listens to a channel of its own Redis that carries the name of
//    the cluster. Who asks PUBSUB NUMSUB for it knows whether the Redis at an address is one of us.
//    Where nobody listens (Sentinel cuts all clients of a node that it promotes) the login below
//    proves the same, if the node has data.
//  - To be copied: replicas log in at their master as a user that only our wrappers make, with a
//    password that belongs to the cluster. A stranger refuses it, also when it needs no password at
//    all, and Redis then ends the synchronisation before it has changed anything.
//    Source: syncWithMaster() in replication.c, and tests/integration/test_strangers_and_silence.py
//    on 7.0.15. Redis 6.0 is the first that has users.
//  - To be heard as a sentinel: those of one cluster log in at each other as such a user too, and
//    nobody else may say hello. Sentinels that have mixed would else find each other again for
//    ever, since each tells all that it knows of itself. [measured, 7.0.15]
#pragma once

#include <cstdint>
#include <string>

#include "common/core/result.h"
#include "common/redis/connection.h"

namespace redis_zk::redis {

// min-replicas-to-write with which a master refuses every write: no cluster has so many replicas.
inline constexpr const char* no_writes = "2147483647";

std::string membership_channel(const std::string& cluster);

// With which the replicas of a cluster log in. As secret as the password of the nodes, from which
// it is made, so that to know the name of a cluster is not enough to copy its data.
Credentials replication_credentials(const std::string& cluster, const std::string& password);

// With which a replica is let in nowhere: nobody makes this user. A Redis that has them copies
// nobody, whoever may point it somewhere.
Credentials credentials_of_nobody();

// Makes the user at a server that others may copy; one that is there already is set anew. It can do
// nothing but replicate.
void allow_replication(Connection& connection, const Credentials& credentials,
                       core::Callback<core::Done> on_done);

// Takes the user away again, which an aclfile may have kept from an earlier life (ACL SAVE); its
// replicas are cut.
void forbid_replication(Connection& connection, core::Callback<std::int64_t> on_done);

// As a replica does it. The connection can do nothing but replicate afterwards.
void log_in_to_replicate(Connection& connection, const Credentials& credentials,
                         core::Callback<core::Done> on_done);

// The same for the sentinels, made from their own password.
Credentials sentinel_credentials(const std::string& cluster, const std::string& password);

// Makes the user at our own sentinel, with which this connection goes on and its sentinel logs in
// at the others, and takes the right to say hello from whoever logs in otherwise. When all of that
// has been done, and not before, all other clients are cut once: a sentinel among them has to log
// in anew. What was refused changes nothing for them. Done when they are cut.
// `username`: another user beside the default one, as whom clients and wrappers come in; or empty.
void admit_sentinels(Connection& connection, const Credentials& credentials,
                     const std::string& username, core::Callback<core::Done> on_done);

}  // namespace redis_zk::redis
