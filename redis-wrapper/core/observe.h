// How facts enter the view. Pure, and shared with the simulation, so that what is simulated is what
// runs.
#pragma once

#include <string>

#include "common/core/lineage_tracker.h"
#include "redis-wrapper/core/action.h"
#include "redis-wrapper/core/view.h"

namespace redis_zk::redis_wrapper {

// One look at the own Redis: INFO, and the settings with which we close and open it.
struct RedisLook {
    bool loading_at_start = false;  // its own files; not those of a full synchronisation
    double loading_percent = 0;
    int loading_seconds_left = 0;
    bool is_master = false;
    std::optional<Endpoint> following;  // as configured, `nowhere` included
    bool link_up = false;
    bool open = false;
    std::string run_id;
    std::vector<Endpoint> replicas;
    bool append_only = false;
    bool sync_in_progress = false;
    bool disk_settled = true;
    std::string replication_id;
    std::int64_t offset = 0;
    std::optional<std::int64_t> lag;  // received and not applied yet, in bytes
    std::int64_t keys = 0;
    std::int64_t unwritten = 0;  // bytes that wait to be written to the append-only file
};

void observe_redis(View& view, core::LineageTracker& tracker, const RedisLook& look, TimePoint now);
void observe_redis_gone(View& view);

// What a node answered; `answer.answered_at` and the times of silence are filled in here.
void observe_probe(View& view, const Endpoint& node, Probe answer, TimePoint now);

// The opinions of all registered sentinels that were asked together.
void observe_opinions(View& view, const std::map<Endpoint, Opinion>& opinions, TimePoint now);
// The list of the registered sentinels, as ZooKeeper has it.
void observe_sentinels(View& view, const std::vector<Endpoint>& registered);

// A new session, or the loss of one: nothing of ours is there any more.
void observe_session(View& view, bool connected, bool is_new);

// The action is being performed: until its answer or a deadline it is not repeated.
void observe_performed(View& view, const Action& action, TimePoint now);

// Call after any of the above, before decide().
void observe_time(View& view, TimePoint now);

}  // namespace redis_zk::redis_wrapper
