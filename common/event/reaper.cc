#include "common/event/reaper.h"

#include <cassert>
#include <csignal>
#include <utility>

#include <sys/wait.h>

namespace redis_zk::event {

Reaper::Reaper(Loop& loop)
    : first_look_{loop, [this] { reap(); }}, signal_{loop, SIGCHLD, [this] { reap(); }} {
    // A shell that has replaced itself by us (exec) may have left children that ended before
    // anybody listened to SIGCHLD.
    first_look_.schedule();
}

Reaper::~Reaper() { assert(watched_.empty()); }

void Reaper::watch(pid_t child, std::function<void(ExitStatus)> on_end) {
    watched_[child] = std::move(on_end);
}

void Reaper::forget(pid_t child) { watched_.erase(child); }

// Signals are merged: one SIGCHLD may stand for many children.
void Reaper::reap() {
    int wait_status = 0;
    while (true) {
        const pid_t child = waitpid(-1, &wait_status, WNOHANG);
        if (child <= 0) return;
        if (auto entry = watched_.extract(child)) entry.mapped()(from_wait_status(wait_status));
    }
}

}  // namespace redis_zk::event
