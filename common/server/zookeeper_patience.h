// ZK_TIMEOUT: an executable that cannot reach ZooKeeper for so long at its start gives up, and says
// so in the log. Once connected it never does.
#pragma once

#include <functional>

#include "common/event/loop.h"
#include "common/event/timer.h"
#include "common/server/config.h"

namespace redis_zk::server {

class ZooKeeperPatience {
  public:
    // A zk_timeout of 0: for ever. The configuration has to outlive this.
    ZooKeeperPatience(event::Loop& loop, const ClusterConfig& config,
                      std::function<void()> on_give_up);

    void connected() { timer_.stop(); }

  private:
    event::Timer timer_;
};

}  // namespace redis_zk::server
