#include "tests/simulation/sentinel_faults.h"

#include "tests/simulation/node.h"

namespace redis_zk::simulation {

void SentinelFaults::add_sentinels() {
    const auto count = world_.random.one_in(4) ? 5 : 3;
    for (int i = 1; i <= count; ++i) {
        world_.add_sentinel("s" + std::to_string(i)).start();
        if (world_.random.one_in(2)) world_.run(milliseconds{world_.random.between(0, 3000)});
    }
}

Sentinel& SentinelFaults::any() {
    return *world_.sentinels()[world_.random.below(world_.sentinels().size())];
}

void SentinelFaults::one_fault() {
    Sentinel& sentinel = any();
    const auto a_while = milliseconds{world_.random.between(100, 15000)};
    switch (world_.random.below(13)) {
        case 0: return restart(sentinel);
        case 1: return kill_often(sentinel);
        case 2: return sentinel.is_running() ? sentinel.kill() : sentinel.start();
        case 3: return sentinel.sentinel_ends();
        case 4: return sentinel.cut_from_zookeeper(a_while * 3);
        case 5: return sentinel.freeze(a_while);
        case 6: return sentinel.freeze_both(a_while * 2);
        case 7:
            world_.say("fault", sentinel.name() + " loses its session");
            return sentinel.expire_session();
        case 8: return restart_all();
        case 9: return stranger_says_hello();
        case 10: return cut_from_master(sentinel, a_while * 2);
        case 11: return cut_from_sentinels(sentinel, a_while * 2);
        case 12: return cut_off_for_long(sentinel);
        default: return;
    }
}

// It has met ours at the master, and has left: who has heard of it counts it into the majority.
void SentinelFaults::stranger_says_hello() {
    const auto& named = world_.zookeeper.record().named;
    if (!named) return;
    const std::string number = std::to_string(++strangers_);
    world_.say("fault", "a sentinel of another cluster says hello");
    FakeSentinel stranger{world_, "stranger-" + number, {"10.9.0." + number, 26379}};
    stranger.is_plain = true;
    stranger.monitor(*named, 2);
    stranger.say_hello();
}

void SentinelFaults::cut_from_master(const Sentinel& sentinel, milliseconds duration) {
    const auto& named = world_.zookeeper.record().named;
    const Node* master = named ? world_.node_at(*named) : nullptr;
    if (master == nullptr || !cuts_links_) return;
    world_.say("fault", sentinel.name() + " and the master cannot reach each other");
    world_.cut_link(sentinel, *master, duration);
}

void SentinelFaults::cut_from_sentinels(const Sentinel& sentinel, milliseconds duration) {
    world_.say("fault", sentinel.name() + " and the other sentinels cannot reach each other");
    for (const auto& other : world_.sentinels())
        if (other.get() != &sentinel) world_.cut_link(sentinel, *other, duration);
}

// It lives and nobody reaches it, until its id is lent to another one.
void SentinelFaults::cut_off_for_long(Sentinel& sentinel) {
    const auto longer = milliseconds{world_.random.between(1000, 20000)};
    const auto abandoned_after = world_.settings.session_timeout + world_.settings.ghost_timeout;
    sentinel.cut_from_zookeeper(abandoned_after + longer);
    cut_from_sentinels(sentinel, abandoned_after + longer);
    world_.run(abandoned_after + longer / 2);
    Sentinel& newcomer = any();
    if (&newcomer == &sentinel) return;
    newcomer.kill();
    move(newcomer);
    newcomer.start();
}

// As a scheduler does it: more often than not at another port.
void SentinelFaults::move(Sentinel& sentinel) {
    if (sentinel.is_running() || world_.random.one_in(3)) return;
    ++moves_;
    sentinel.move_to({"10.1.2." + std::to_string(moves_ % 200 + 1),
                      static_cast<std::uint16_t>(31000 + moves_ / 200)});
}

void SentinelFaults::restart(Sentinel& sentinel) {
    if (world_.random.one_in(2))
        sentinel.kill();
    else
        sentinel.stop();
    world_.run(milliseconds{world_.random.between(100, 10000)});
    move(sentinel);
    sentinel.start();
}

// The id of one that was killed is not free before GHOST_TIMEOUT has passed, so each of these makes
// one more that the others know.
void SentinelFaults::kill_often(Sentinel& sentinel) {
    const auto times = world_.random.between(3, 6);
    for (int i = 0; i < times; ++i) {
        sentinel.kill();
        world_.run(milliseconds{world_.random.between(100, 1000)});
        move(sentinel);
        sentinel.start();
        world_.run(milliseconds{world_.random.between(2000, 6000)});
    }
}

void SentinelFaults::someone_asks_for_a_failover() {
    ask_for_a_failover();
    if (world_.random.one_in(2)) return;
    // The second begins before everybody has heard of the first.
    world_.run(milliseconds{world_.random.between(50, 1000)});
    ask_for_a_failover();
}

void SentinelFaults::ask_for_a_failover() {
    const auto& sentinels = world_.running_sentinels();
    if (sentinels.empty()) return;
    world_.say("fault", "SENTINEL FAILOVER by hand");
    sentinels[world_.random.below(sentinels.size())]->request_failover();
}

void SentinelFaults::kill_all() {
    world_.say("fault", "all sentinels are killed");
    for (const auto& sentinel : world_.sentinels()) sentinel->kill();
}

void SentinelFaults::start_all() {
    for (const auto& sentinel : world_.sentinels()) {
        move(*sentinel);
        sentinel->start();
        world_.run(milliseconds{world_.random.between(0, 2000)});
    }
}

void SentinelFaults::restart_all() {
    kill_all();
    world_.run(milliseconds{world_.random.between(0, 10000)});
    start_all();
}

}  // namespace redis_zk::simulation
