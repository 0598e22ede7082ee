#include "tests/simulation/isolation.h"

#include "tests/simulation/node.h"
#include "tests/simulation/sentinel.h"

namespace redis_zk::simulation {

void isolate(World& world, Node& node, milliseconds duration) {
    if (world.zookeeper.sentinels().empty()) return;
    isolate(world, node, world.random.below((world.sentinels().size() + 1) / 2), duration);
}

void isolate(World& world, Node& node, std::size_t sentinels_beside, milliseconds duration) {
    world.say("fault", node.name() + " is cut off from everybody");
    for (const auto& other : world.nodes())
        if (other.get() != &node) world.cut_link(node, *other, duration);
    const auto& sentinels = world.sentinels();
    for (std::size_t i = sentinels_beside; i < sentinels.size(); ++i) {
        world.cut_link(node, *sentinels[i], duration);
        for (std::size_t j = 0; j < sentinels_beside; ++j)
            world.cut_link(*sentinels[j], *sentinels[i], duration);
    }
    node.cut_from_zookeeper(duration);
}

}  // namespace redis_zk::simulation
