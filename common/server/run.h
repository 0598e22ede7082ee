// The last line of main(): runs the loop, and hears what a process is told by signals.
#pragma once

#include <functional>

#include "common/event/loop.h"

namespace redis_zk::server {

// Until the loop is stopped; the exit status that it was stopped with. SIGTERM and SIGINT call
// `on_stop`, each time. SIGHUP changes nothing, and says so in the log.
int run(event::Loop& loop, const std::function<void()>& on_stop);

}  // namespace redis_zk::server
