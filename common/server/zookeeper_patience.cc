#include "common/server/zookeeper_patience.h"

#include <string>
#include <utility>

#include "common/app/logging.h"

namespace redis_zk::server {

ZooKeeperPatience::ZooKeeperPatience(event::Loop& loop, const ClusterConfig& config,
                                     std::function<void()> on_give_up)
    : timer_{loop, [&config, on_give_up = std::move(on_give_up)] {
                 app::log_error(config.spoken_zookeeper() +
                                ", could not be reached within ZK_TIMEOUT, " +
                                std::to_string(config.zk_timeout.count()) + " ms");
                 on_give_up();
             }} {
    if (config.zk_timeout > core::milliseconds{0}) timer_.start(config.zk_timeout);
}

}  // namespace redis_zk::server
