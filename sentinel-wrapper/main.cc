// Reading order: core/decide.cc (what), then agent.cc (how), then common/ (with what).
#include <cstdlib>
#include <exception>
#include <string>

#include "common/app/exit_status.h"
#include "common/app/logging.h"
#include "common/event/reaper.h"
#include "common/server/run.h"
#include "sentinel-wrapper/agent.h"
#include "sentinel-wrapper/api.h"
#include "sentinel-wrapper/check.h"
#include "sentinel-wrapper/preparation.h"

int main(int argc, char** argv) try {
    using namespace redis_zk;
    namespace event = redis_zk::event;  // not libevent's struct
    const auto read = sentinel_wrapper::Config::from_command_line(argc, argv);
    if (const int* status = std::get_if<int>(&read)) return *status;
    const auto& config = std::get<sentinel_wrapper::Config>(read);
    if (config.check) return sentinel_wrapper::check(config);

    app::start_logging("sentinel-wrapper", config.log_level, config.log_format);
    const auto directories = sentinel_wrapper::prepare(config);
    if (!directories) return app::log_error(directories.error().message), app::wrong_configuration;

    event::Loop loop;
    event::Reaper reaper{loop};
    sentinel_wrapper::Agent agent{loop, reaper, config};
    sentinel_wrapper::Api api{loop, agent, config};  // a window on the agent, over HTTP
    return server::run(loop, [&] { agent.stop(); });
} catch (const std::exception& error) {
    redis_zk::app::log_error(std::string{"cannot start: "} + error.what());
    return EXIT_FAILURE;
}
