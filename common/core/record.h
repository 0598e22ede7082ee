// What ZooKeeper says about a cluster, as plain values. How they are written there is the business
// of common/zk/documents.h, where they lie that of common/zk/layout.h.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "common/core/endpoint.h"
#include "common/core/lineage.h"
#include "common/core/time.h"

namespace redis_zk::core {

// Who is master, in which term. A record is written only when the master was verified, and only
// with a term that is larger than the one before.
struct Record {
    std::uint64_t term = 0;
    Endpoint master;
    std::string
        cluster;       // random, written once: tells this cluster from another at the same address
    std::string node;  // identity of the master's data; survives its restarts
    std::string run_id;  // of the redis-server process that was verified; ends with the process
    // Of the history that began with this term. Who has it has the term's data, also if it joined
    // while it could not read the record.
    std::string replication_id = {};
    std::string by;
    std::string reason;
    // The largest in which sentinels had chosen a master when this was written: an opinion from
    // before it is older than the record. 0: none was known.
    std::uint64_t config_epoch = 0;

    bool operator==(const Record&) const = default;
};

// The record as it was found. It is kept in two places: `named` is what clients read, `written` is
// ours. They can differ when somebody else (redis-zk, a person) wrote the first.
struct FoundRecord {
    bool known = false;       // false until ZooKeeper has been read
    bool unreadable = false;  // something is there that we do not understand
    std::optional<Endpoint> named;
    std::optional<Record> written;
    // Versions of both nodes when they were read, -1 when a node does not exist. A write is based
    // on them, so that a deposed writer cannot overwrite a newer truth.
    std::int32_t named_version = -1;
    std::int32_t written_version = -1;

    std::uint64_t term() const { return written ? written->term : 0; }
    std::uint64_t config_epoch() const { return written ? written->config_epoch : 0; }
    std::string cluster() const { return written ? written->cluster : std::string{}; }
    // Whom to look at first. Clients believe the name, so we do.
    std::optional<Endpoint> master() const {
        if (named) return named;
        return written ? std::optional{written->master} : std::nullopt;
    }
    bool is_absent() const { return known && !unreadable && !named && !written; }

    bool operator==(const FoundRecord&) const = default;
};

// What the writer of a record knew of the change of master, for people who ask afterwards; and of
// its lineage a former master learns what of its own is lost. Everything in it may be missing.
struct Change {
    std::optional<Lineage> lineage;         // of the new master's data, with which its term begins
    std::optional<Lineage> freshest_known;  // of all others, the former master among them
    std::optional<milliseconds> without_master;            // until its promotion
    std::optional<milliseconds> promoted_until_published;  // it takes no writes yet

    // At least so many bytes are gone: what nobody has written down is not counted. Nothing where
    // the two are not of one history.
    std::optional<std::int64_t> lost_bytes() const;

    bool operator==(const Change&) const = default;
};

// With which data a term began, and of which node they are; as its entry in the history tells it.
struct Beginning {
    std::string node = {};
    std::optional<Lineage> lineage = {};

    bool operator==(const Beginning&) const = default;
};

// What a node took as a master, and the term after its own began without it.
struct Loss {
    std::uint64_t term = 0;  // the one that began
    Lineage had;             // the node
    // At least so many, of the stream of replication; nothing where nobody has written down with
    // which data the term began.
    std::optional<std::int64_t> bytes = {};

    bool operator==(const Loss&) const = default;
};
Loss loss_of(const Lineage& had, std::uint64_t term, const std::optional<Lineage>& began_with);

// The nodes that had everything the master of this term had, when it was last looked at: written
// by the master when the set changes. When all of them are present nobody fresher can come.
struct Roster {
    std::uint64_t term = 0;
    std::int64_t offset = 0;         // of the master when it was written
    std::vector<std::string> nodes;  // identities, sorted, the master's among them

    bool operator==(const Roster&) const = default;
};

enum class Role {
    stopped,
    loading,  // reads its files: answers, but cannot change its role yet
    parked,   // replica of nobody, waits for a decision
    replica,
    master,
};
const char* name_of(Role role);
std::optional<Role> parse_role(const std::string& name);

// One node as it describes itself in ZooKeeper. Written on change, so while its link is up the
// offset is older than the truth; when the link is down it is final.
struct Member {
    std::string id;
    Endpoint address;
    Role role = Role::stopped;
    std::optional<Endpoint> following;
    bool link_up = false;
    std::optional<Lineage> lineage;
    // It has data that belong to no cluster yet: where there is none, they are the best there is.
    bool brings_data = false;
    int priority = 100;  // as Redis: 0 is never promoted, lower is preferred
    std::string run_id;
    // Its redis has crashed soon after each of its promotions: others come first.
    bool crashes_early = false;

    bool operator==(const Member&) const = default;
};

}  // namespace redis_zk::core
