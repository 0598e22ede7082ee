#include "tests/simulation/storm.h"

#include "tests/simulation/node.h"

namespace redis_zk::simulation {

void let_redis_crash_when_promoted(World& world) {
    const bool all = world.storms.one_in(3);
    const int times = static_cast<int>(world.storms.between(3, 5));
    const Node& one = *world.nodes()[world.storms.below(world.nodes().size())];
    for (const auto& node : world.nodes()) {
        if (!all && node.get() != &one) continue;
        world.say("fault", "redis of " + node->name() + " will crash after its promotions");
        node->crash_when_open(times);
    }
    const auto& named = world.zookeeper.record().named;
    Node* master = named ? world.node_at(*named) : nullptr;
    if (master != nullptr) master->redis_ends();
}

}  // namespace redis_zk::simulation
