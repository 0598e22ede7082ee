#include "common/event/exit_status.h"

#include <cerrno>
#include <cstring>

#include <sys/wait.h>

namespace redis_zk::event {

ExitStatus from_wait_status(int wait_status) {
    if (WIFSIGNALED(wait_status)) return {ExitStatus::Kind::signalled, WTERMSIG(wait_status), {}};
    return {ExitStatus::Kind::exited, WEXITSTATUS(wait_status), {}};
}

int number_of_shell(const ExitStatus& status) {
    switch (status.kind) {
        case ExitStatus::Kind::exited: return status.number;
        case ExitStatus::Kind::signalled: return 128 + status.number;
        case ExitStatus::Kind::not_started: return status.number == ENOENT ? 127 : 126;
    }
    return 1;
}

std::string spoken(const ExitStatus& status) {
    switch (status.kind) {
        case ExitStatus::Kind::exited: return "exit status " + std::to_string(status.number);
        case ExitStatus::Kind::signalled: {
            const char* name = sigabbrev_np(status.number);
            return "signal " + std::to_string(status.number) +
                   (name ? " (" + std::string{name} + ")" : "");
        }
        case ExitStatus::Kind::not_started: return status.reason;
    }
    return {};
}

}  // namespace redis_zk::event
