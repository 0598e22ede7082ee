#include "redis-wrapper/notes.h"

#include <cstdint>
#include <cstdlib>

#include "common/app/network.h"
#include "common/app/version.h"

namespace redis_zk::redis_wrapper {

namespace {

// In bridge mode it listens on the container's port, and PORT1 is the host's that leads there.
std::uint16_t announced_http_port(const Config& config) {
    const bool is_bridge =
        std::getenv("HOST") != nullptr && !app::is_on_this_host(config.announce.host);
    const char* const of_the_host = is_bridge ? std::getenv("PORT1") : nullptr;
    if (of_the_host == nullptr) return config.http->port;
    return core::parse_port(of_the_host).value_or(config.http->port);
}

}  // namespace

std::map<std::string, std::string> notes_on(const Config& config) {
    std::map<std::string, std::string> notes{{"version", app::version}};
    if (config.http)
        notes["http"] = core::to_text({config.announce.host, announced_http_port(config)});
    if (const char* task = std::getenv("MESOS_TASK_ID")) notes["task"] = task;
    return notes;
}

}  // namespace redis_zk::redis_wrapper
