#include "tests/simulation/lost_connections.h"

#include "tests/simulation/node.h"
#include "tests/simulation/promises.h"

namespace redis_zk::simulation {

using namespace std::chrono_literals;

namespace {

void break_connections(World& world, milliseconds every, milliseconds left) {
    if (left <= 0s) return;
    for (const auto& node : world.nodes()) node->break_connection();
    world.clock.after(every,
                      [&world, every, left] { break_connections(world, every, left - every); });
}

}  // namespace

void lose_the_master_for_good(World& world) {
    if (!world.sentinels().empty() || world.nodes().size() < 2) return;
    world.run(60s);
    const auto& named = world.zookeeper.record().named;
    Node* master = named ? world.node_at(*named) : nullptr;
    if (master == nullptr || !world.broken_promise().empty()) return;
    world.say("fault", "from now on the connections to ZooKeeper break again and again");
    break_connections(world, milliseconds{world.random.between(3000, 5000)}, 120s);
    master->kill();
    world.run(120s);
    if (!world.broken_promise().empty()) return;
    const auto reason = why_not_healed(world);
    if (!reason.empty()) world.broken("P4 always-heals: while connections break: " + reason);
}

}  // namespace redis_zk::simulation
