#include "redis-wrapper/core/outlook.h"

#include <algorithm>
#include <tuple>

#include "redis-wrapper/core/lease.h"
#include "redis-wrapper/core/sentinel_choice.h"
#include "redis-wrapper/core/storm.h"

namespace redis_zk::redis_wrapper {

using core::Member;
using core::Role;
using core::spoken;

namespace {

std::string in_seconds(milliseconds time) {
    const auto tenths = time.count() / 100;
    const std::string rest = tenths % 10 == 0 ? "" : '.' + std::to_string(tenths % 10);
    return std::to_string(tenths / 10) + rest + " s";
}

std::string of_the_record(const core::Record& record) {
    return "master of term " + std::to_string(record.term) + ", because " + record.reason;
}

std::string what_keeps_it_from_being_master(const View& view) {
    if (view.self.priority == 0) return "replica-priority 0 keeps this node from being it";
    if (is_withheld(view)) return why_it_steps_back(view);
    if (!view.redis.lineage) return "this node has no data of the cluster";
    if (!is_in_sync(view)) return "this node is not in sync";
    if (!view.redis.offered) return "this node is not offered to the sentinels yet";
    return "this node could take over";
}

struct Heir {
    Member member;
    std::int64_t offset = 0;
};

// As Sentinel ranks them (sentinelSelectSlave): by priority, then by what they have, then by name.
// Who steps back for the others leads if there is none.
std::optional<Heir> best_heir(const View& view) {
    std::optional<Heir> best;
    const auto rank = [](const Heir& it) {
        return std::tuple{it.member.crashes_early, it.member.priority, -it.offset,
                          it.member.run_id};
    };
    for (const auto& [id, member] : view.members) {
        const auto has = view.redis.replica_offsets.find(member.address);
        const bool is_replica = id != view.self.id && member.role == Role::replica;
        if (!is_replica || member.priority == 0 || has == view.redis.replica_offsets.end())
            continue;
        Heir heir{member, has->second};
        if (!best || rank(heir) < rank(*best)) best = std::move(heir);
    }
    return best;
}

std::string how_it_is_replaced(const View& view, const Endpoint& heir, TimePoint now) {
    const std::string election =
        "the nodes would elect the one with the freshest data, after "
        "COLD_START_WAIT, " +
        in_seconds(view.self.cold_start_wait);
    if (view.sentinels.opinions.empty()) return "no sentinel is registered: " + election;
    const auto down_after = shortest_down_after(view);
    if (willing_sentinels(view, {}, now).empty() || !down_after)
        return "no sentinel that names this master could fail over: " + election;
    return "the sentinels would make " + spoken(heir) + " master after DOWN_AFTER, " +
           in_seconds(*down_after) + ", and at once if only its redis died";
}

}  // namespace

std::string why_this_role(const View& view) {
    const auto& record = view.record.written;
    if (!record) return "the record names no master of any term";
    if (view.redis.role == Role::master)
        return is_recorded(view) ? "it is " + of_the_record(*record)
                                 : "it is a master that the record does not name";
    return spoken(record->master) + " is " + of_the_record(*record) + "; " +
           what_keeps_it_from_being_master(view);
}

AfterDeath if_the_master_died(const View& view, TimePoint now) {
    if (view.redis.role != Role::master || !is_recorded(view))
        return {{}, {}, "the master knows what its replicas have: ask its wrapper"};
    const auto heir = best_heir(view);
    if (!heir) return {{}, {}, "nobody could take over: no replica in sync may be promoted"};
    const Endpoint& successor = heir->member.address;
    return {successor, std::max<std::int64_t>(view.redis.offset - heir->offset, 0),
            how_it_is_replaced(view, successor, now)};
}

}  // namespace redis_zk::redis_wrapper
