#include "common/server/run.h"

#include <csignal>

#include "common/app/logging.h"
#include "common/event/signal.h"

namespace redis_zk::server {

int run(event::Loop& loop, const std::function<void()>& on_stop) {
    const event::Signal terminate{loop, SIGTERM, on_stop};
    const event::Signal interrupt{loop, SIGINT, on_stop};
    const event::Signal hang_up{loop, SIGHUP, [] { app::log_info("SIGHUP changes nothing"); }};
    return loop.run();
}

}  // namespace redis_zk::server
