// What people and schedulers do to a master that has sentinels, and what must lose nothing: they
// ask for another one, stop it, stop one node after the other, or all of them; also while a replica
// lags.
#pragma once

#include "tests/simulation/random.h"
#include "tests/simulation/world.h"

namespace redis_zk::simulation {

class PlannedChanges {
  public:
    PlannedChanges(World& world, Random& kinds) : world_{world}, kinds_{kinds} {}

    void one();

  private:
    void let_one_lag();
    Node* master();
    void ask_for_another_master();
    void stop_and_start(Node& node);
    void stop_one_after_the_other();
    void stop_all();

    World& world_;
    Random& kinds_;
};

}  // namespace redis_zk::simulation
