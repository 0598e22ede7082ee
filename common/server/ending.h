// The end of a server that nobody has asked to stop: why, for the log, and with what status its
// parent ends.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "common/event/exit_status.h"

namespace redis_zk::server {

struct Ending {
    std::string server;      // "redis-server"
    std::string option;      // that names its executable: "REDIS_SERVER"
    std::string executable;  // the value of that option
    event::ExitStatus status;
    bool has_answered = false;
    bool abandoned = false;                   // its parent has killed it, and said why
    std::optional<std::string> refusal = {};  // of its configuration, see refusal_in()
    std::vector<std::string> last_lines = {};
};

// Says why. Gives the exit status: 2 when the server or its configuration is none, 1 when it was
// abandoned, else the server's own as a shell would say it.
int explain(const Ending& ending);

}  // namespace redis_zk::server
