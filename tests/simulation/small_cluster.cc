#include "tests/simulation/small_cluster.h"

#include <algorithm>

namespace redis_zk::simulation {

using namespace std::chrono_literals;

Settings settings_for_story(std::uint64_t seed, Policies policies) {
    Settings settings;
    settings.seed = seed;
    settings.policy = policies.node;
    settings.sentinel_policy = policies.sentinel;
    settings.watcher_policy = policies.watcher;
    return settings;
}

SmallCluster::SmallCluster(std::uint64_t seed, Policies policies)
    : world{settings_for_story(seed, policies)} {
    for (const char* name : {"n1", "n2", "n3"}) world.add_node(name).start();
    world.run(20s);
    for (const char* name : {"s1", "s2", "s3"}) world.add_sentinel(name).start();
    world.run(40s);
}

Node& SmallCluster::master() { return *world.node_at(*world.zookeeper.record().named); }

Sentinel& SmallCluster::sentinel(const std::string& name) {
    return **std::ranges::find_if(world.sentinels(),
                                  [&](const auto& it) { return it->name() == name; });
}

}  // namespace redis_zk::simulation
