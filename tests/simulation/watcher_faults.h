// What can happen to the watchers of a run.
#pragma once

#include "tests/simulation/watcher.h"
#include "tests/simulation/world.h"

namespace redis_zk::simulation {

class WatcherFaults {
  public:
    explicit WatcherFaults(World& world) : world_{world} {}

    void add_watchers();
    void one_fault();
    void heal();

  private:
    Watcher& any();
    void cut_from_some(Watcher& watcher, milliseconds duration);
    void stranger_takes_the_masters_place();

    World& world_;
    int moves_ = 0;
};

}  // namespace redis_zk::simulation
