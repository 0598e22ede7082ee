// What happens to the sentinels of a run.
#pragma once

#include "tests/simulation/sentinel.h"

namespace redis_zk::simulation {

class SentinelFaults {
  public:
    // Sentinels that cannot reach a master replace it though it lives. Whether that may happen
    // in this run: not when its nodes cannot see each other either.
    SentinelFaults(World& world, bool cuts_links) : world_{world}, cuts_links_{cuts_links} {}

    void add_sentinels();
    void one_fault();
    void kill_all();
    void start_all();
    void ask_for_a_failover();
    void someone_asks_for_a_failover();  // once, or twice
    // Sentinels of another cluster that ours have heard of so far.
    int strangers() const { return strangers_; }

  private:
    Sentinel& any();
    void restart(Sentinel& sentinel);
    void kill_often(Sentinel& sentinel);
    void restart_all();
    void move(Sentinel& sentinel);
    void stranger_says_hello();
    void cut_from_master(const Sentinel& sentinel, milliseconds duration);
    void cut_from_sentinels(const Sentinel& sentinel, milliseconds duration);
    void cut_off_for_long(Sentinel& sentinel);

    World& world_;
    bool cuts_links_;
    int moves_ = 0;
    int strangers_ = 0;
};

}  // namespace redis_zk::simulation
