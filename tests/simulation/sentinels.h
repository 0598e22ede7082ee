// A group of redis-sentinels that agree with each other: detects a dead master after down-after,
// promotes the replica with the largest offset whose replica-priority is not 0, and re-points the
// others. As the real ones do, it ranks without lineage and knows only what it has seen.
#pragma once

#include <set>
#include <vector>

#include "common/core/endpoint.h"
#include "redis-wrapper/core/view.h"
#include "tests/simulation/world.h"

namespace redis_zk::simulation {

class Sentinels {
  public:
    Sentinels(World& world, std::size_t count, const core::Endpoint& master);

    std::vector<core::Endpoint> registered() const { return addresses_; }
    redis_wrapper::Opinion opinion() const;
    void request_failover();
    void stop() { stopped_ = true; }
    // What they should do to a master that they replace while it lives, they do not: its wrapper
    // has to.
    void forget_the_old_master() { forgets_ = true; }

  private:
    void tick();
    Node* best_replica() const;
    void fail_over();

    World& world_;
    std::vector<core::Endpoint> addresses_;
    core::Endpoint master_;
    std::set<core::Endpoint> replicas_;
    std::uint64_t epoch_ = 0;
    TimePoint master_well_at_;
    bool promoting_ = false;
    bool stopped_ = false;
    bool forgets_ = false;
};

}  // namespace redis_zk::simulation
