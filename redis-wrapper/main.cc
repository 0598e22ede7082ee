// Reading order: core/decide.cc (what), then agent.cc (how), then common/ (with what).
#include <cstdlib>
#include <exception>
#include <string>

#include "common/app/exit_status.h"
#include "common/app/logging.h"
#include "common/event/reaper.h"
#include "common/server/run.h"
#include "redis-wrapper/agent.h"
#include "redis-wrapper/api.h"
#include "redis-wrapper/check.h"
#include "redis-wrapper/preparation.h"

int main(int argc, char** argv) try {
    using namespace redis_zk;
    namespace event = redis_zk::event;  // not libevent's struct
    const auto read = redis_wrapper::Config::from_command_line(argc, argv);
    if (const int* status = std::get_if<int>(&read)) return *status;
    const auto& config = std::get<redis_wrapper::Config>(read);
    if (config.check) return redis_wrapper::check(config);

    app::start_logging("redis-wrapper", config.log_level, config.log_format);
    auto prepared = redis_wrapper::prepare(config);
    if (!prepared) return app::log_error(prepared.error().message), app::wrong_configuration;
    auto made = std::move(prepared).value();

    event::Loop loop;
    event::Reaper reaper{loop};
    redis_wrapper::Agent agent{loop, reaper, config, made};
    redis_wrapper::Api api{loop, agent, config};  // a window on the agent, over HTTP
    return server::run(loop, [&] { agent.stop(); });
} catch (const std::exception& error) {
    redis_zk::app::log_error(std::string{"cannot start: "} + error.what());
    return EXIT_FAILURE;
}
