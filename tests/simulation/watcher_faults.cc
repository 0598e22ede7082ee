#include "tests/simulation/watcher_faults.h"

#include "tests/simulation/node.h"
#include "tests/simulation/sentinel.h"

namespace redis_zk::simulation {

void WatcherFaults::add_watchers() {
    const auto count = world_.random.between(1, 3);
    for (int i = 1; i <= count; ++i) world_.add_watcher("w" + std::to_string(i)).start();
}

Watcher& WatcherFaults::any() {
    return *world_.watchers()[world_.random.below(world_.watchers().size())];
}

void WatcherFaults::one_fault() {
    Watcher& watcher = any();
    const auto a_while = milliseconds{world_.random.between(100, 15000)};
    switch (world_.random.below(6)) {
        case 0: return watcher.is_running() ? watcher.kill() : watcher.start();
        case 1: return watcher.freeze(a_while);
        case 2: return watcher.cut_from_zookeeper(a_while);
        case 3: return cut_from_some(watcher, a_while * 2);
        case 4: return watcher.expire_session();
        case 5: return stranger_takes_the_masters_place();
        default: return;
    }
}

// Each of the others by a throw of a coin.
void WatcherFaults::cut_from_some(Watcher& watcher, milliseconds duration) {
    for (const auto& node : world_.nodes())
        if (world_.random.one_in(2)) watcher.cut_from(node->address(), duration);
    for (const auto& sentinel : world_.sentinels())
        if (world_.random.one_in(2)) watcher.cut_from(sentinel->address(), duration);
}

// As a scheduler does it that gives the port away at once: the record and the sentinels still name
// the address, and whoever listens there now is a master.
void WatcherFaults::stranger_takes_the_masters_place() {
    const auto& named = world_.zookeeper.record().named;
    Node* master = named ? world_.node_at(*named) : nullptr;
    if (master == nullptr) return;
    world_.say("fault", "a stranger takes the place of the master");
    master->kill();
    world_.add_stranger(master->address());
    master->move_to({"10.1.3." + std::to_string(++moves_), 6379});
    world_.run(milliseconds{world_.random.between(0, 20000)});
    master->start();
}

void WatcherFaults::heal() {
    for (const auto& watcher : world_.watchers()) watcher->start();
}

}  // namespace redis_zk::simulation
