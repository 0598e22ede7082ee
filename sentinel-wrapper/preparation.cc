#include "sentinel-wrapper/preparation.h"

#include <sys/stat.h>

#include "common/app/logging.h"
#include "common/server/observation.h"
#include "sentinel-wrapper/generated_configuration.h"
#include "sentinel-wrapper/trial.h"

namespace redis_zk::sentinel_wrapper {

core::Result<server::OwnDirectories> prepare(const Config& config) {
    umask(S_IRWXG | S_IRWXO);
    const auto ports = server::look_for_ports(config);
    if (!ports) return ports.error();
    auto directories = server::OwnDirectories::prepare(
        {config.run_dir, config.run_dir_is_ours, config.configuration_path(), ""});
    if (!directories) return directories.error();
    if (const auto tried = try_to_start(config, config.run_dir); !tried)
        return core::Error{
            core::Fault::refused,
            config.sentinel_server + " and its configuration: " + tried.error().message};
    for (const auto& warning : config.warnings) app::log_warning(warning);
    for (const auto& choice : spoken_choices(config)) app::log_info(choice);
    app::log_debug("listens on " + core::spoken(config.listen) + ", announces " +
                   core::spoken(config.announce) + ", run-time files in " + config.run_dir + ", " +
                   config.spoken_zookeeper());
    return directories;
}

}  // namespace redis_zk::sentinel_wrapper
