#include "common/server/ending.h"

#include "common/app/exit_status.h"
#include "common/app/logging.h"

namespace redis_zk::server {

int explain(const Ending& ending) {
    const int status = event::number_of_shell(ending.status);
    if (ending.refusal) {
        app::log_error(ending.server + " refuses its configuration: " + *ending.refusal);
        return app::wrong_configuration;
    }
    if (!ending.has_answered && status == 0) {
        app::log_error(ending.option + ": " + ending.executable +
                       " has ended with status 0 and never answered, so it is no " + ending.server);
        return app::wrong_configuration;
    }
    if (ending.abandoned) return app::anything_else;
    app::log_error(ending.server + " has ended: " + event::spoken(ending.status) +
                   "; its last lines were:");
    for (const std::string& line : ending.last_lines) app::log_line_of_child(ending.server, line);
    return status;
}

}  // namespace redis_zk::server
