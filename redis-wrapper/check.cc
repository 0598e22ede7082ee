#include "redis-wrapper/check.h"

#include "common/server/zookeeper_check.h"
#include "common/zk/layout.h"
#include "redis-wrapper/local_check.h"

namespace redis_zk::redis_wrapper {

int check(const Config& config) {
    const zk::Layout layout = config.layout();
    return server::report_with_zookeeper(
        local_observations(config), config,
        {layout.master(), layout.term(), layout.roster(), layout.lock(), layout.history()});
}

}  // namespace redis_zk::redis_wrapper
