#include "redis-wrapper/core/service.h"

#include "redis-wrapper/core/find_master.h"
#include "redis-wrapper/core/observe.h"

namespace redis_zk::redis_wrapper {

using namespace std::chrono_literals;
using core::Role;

namespace {

constexpr milliseconds longest_time_unseen = 3s;

bool is_open_master(const View& view) {
    return view.redis.role == Role::master && view.redis.open && !view.redis.hangs;
}

std::optional<Endpoint> named_otherwise(const View& view) {
    auto majority = majority_of_sentinels(view);
    if (majority == view.self.address) return std::nullopt;
    if (majority && !view.zookeeper_connected) return majority;
    return view.record.named == view.self.address ? std::nullopt : view.record.named;
}

}  // namespace

std::string why_no_master(const View& view, TimePoint now, milliseconds tolerated) {
    if (!is_open_master(view)) return "this node is not a master that takes writes";
    if (is_overdue(view, now, tolerated) || view.stood_still)
        return "this node stood still, and may have been replaced meanwhile";
    if (now > view.redis.seen_at + longest_time_unseen)
        return "redis has not been seen as a master for some seconds";
    if (const auto other = named_otherwise(view))
        return "this node takes writes, and " + core::spoken(*other) + " is named as master";
    return "";
}

std::string why_no_replica(const View& view, std::optional<std::int64_t> most) {
    if (!is_in_sync(view)) return "this node is not a replica in sync";
    if (!most) return "";
    if (!view.redis.lag) return "how far this replica is behind is not known yet";
    return *view.redis.lag <= *most ? "" : "this replica is too far behind";
}

std::string why_no_reads(const View& view) {
    if (view.redis.role == Role::stopped) return "redis does not run";
    if (view.redis.hangs) return "redis does not answer";
    if (view.redis.loads) return "redis is loading, " + progress_of_loading(view);
    const bool is_master = view.redis.role == Role::master;
    if (!is_master && !view.redis.link_up && !view.redis.serves_stale_data)
        return "the link to a master is down, and replica-serve-stale-data is no";
    return "";
}

std::string why_no_writes(const View& view, int min_replicas_to_write) {
    if (!is_open_master(view)) return "";
    const auto there = view.redis.replicas_that_count;
    if (!there || *there >= min_replicas_to_write) return "";
    return "redis refuses writes with NOREPLICAS: min-replicas-to-write is " +
           std::to_string(min_replicas_to_write) + " and " + std::to_string(*there) +
           " replicas were heard of within min-replicas-max-lag";
}

}  // namespace redis_zk::redis_wrapper
