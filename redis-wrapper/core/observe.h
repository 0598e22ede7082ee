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
    bool loading_at_start = false;       // its own files; not those of a full synchronisation
    bool refuses_reads_to_load = false;  // either of them
    bool serves_stale_data = true;       // replica-serve-stale-data
    double loading_percent = 0;
    int loading_seconds_left = 0;
    bool is_master = false;
    std::optional<Endpoint> following;  // as configured, `nowhere` included
    bool link_up = false;
    bool open = false;
    bool copies_nobody = false;
    int priority = 0;  // of a replica; Sentinel never chooses 0
    std::string run_id;
    std::vector<Endpoint> replicas;
    std::map<Endpoint, std::int64_t> replica_offsets;  // that they have acknowledged
    std::optional<std::int64_t> replicas_that_count;
    bool append_only = false;
    bool sync_in_progress = false;
    bool disk_settled = true;
    std::string replication_id;
    std::string former_replication_id;  // of the history that a promoted one has gone on from
    std::int64_t offset = 0;
    std::optional<std::int64_t> lag;                // received and not applied yet, in bytes
    std::optional<milliseconds> silence_of_master;  // since something came over the link
    std::int64_t keys = 0;
    std::int64_t unwritten = 0;  // bytes that wait to be written to the append-only file
};

void observe_redis(View& view, core::LineageTracker& tracker, const RedisLook& look, TimePoint now);
// It answered that it cannot answer: alive, and occupied with somebody's script.
void observe_redis_busy(View& view, TimePoint now);
void observe_redis_gone(View& view);

// What a node answered; `answer.answered_at` and the times of silence are filled in here.
void observe_probe(View& view, const Endpoint& node, Probe answer, TimePoint now);

// The opinions of all registered sentinels that were asked together.
void observe_opinions(View& view, const std::map<Endpoint, Opinion>& opinions, TimePoint now);
// What a sentinel says of the master that it looks after, when it was asked for that alone.
struct Watch {
    Endpoint master;
    bool is_up = false;
    bool fails_over = false;
    std::uint64_t config_epoch = 0;
    milliseconds unanswered_for{0};  // by the master, of the PING that it waits for
};
// None: nobody listens there.
void observe_contact(View& view, const Endpoint& sentinel, TimePoint asked_at,
                     const std::optional<Watch>& watch);
// The list of the registered sentinels, as ZooKeeper has it.
void observe_sentinels(View& view, const std::vector<Endpoint>& registered);

// A new session, or the loss of one: nothing of ours is there any more.
void observe_session(View& view, bool connected, bool is_new);

// How a publication ended; to be overtaken by somebody else's is no failure. `chance`: any number.
void observe_published(View& view, bool failed, std::uint64_t chance, TimePoint now);

// SIGTERM or SIGINT. A master hands over first.
void observe_stop(View& view, TimePoint now);
// Somebody wants another master; nothing happens while one hand-over is under way.
void observe_hand_over_request(View& view, TimePoint now);
// What a sentinel answered that was asked for a fail-over.
void observe_failover_answer(View& view, const Endpoint& sentinel, bool is_under_way);
// Redis has ended, and nobody has asked it to. Instead of observe_redis_gone().
void observe_redis_death(View& view, TimePoint now);

// The action is being performed: until its answer or a deadline it is not repeated.
void observe_performed(View& view, const Action& action, TimePoint now);

// The next turn comes later than it may: the process was frozen or the machine suspended, and
// everything may have changed meanwhile.
bool is_overdue(const View& view, TimePoint now, milliseconds tolerated);

// True when this turn is overdue by more than a third of the session timeout. What others said is
// forgotten then, and what was read from ZooKeeper has to be read again before anything rests on
// it. Call it first in a turn.
//
// After two thirds of the timeout the session may have ended (a server has last heard of it up to a
// third before), and others may have elected. While it lives the record is read again within
// milliseconds. When it has ended that takes up to a second: so an open master is closed before.
bool observe_jump(View& view, TimePoint now, milliseconds session_timeout);

// Call after any of the above, before decide().
void observe_time(View& view, TimePoint now);

}  // namespace redis_zk::redis_wrapper
