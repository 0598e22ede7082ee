#include "redis-wrapper/preparation.h"

#include <sys/stat.h>

#include "common/app/logging.h"
#include "common/server/observation.h"
#include "redis-wrapper/generated_configuration.h"
#include "redis-wrapper/unfinished_saves.h"

namespace redis_zk::redis_wrapper {

core::Result<Preparation> prepare(const Config& config) {
    // Sentinel lets Redis write its configuration anew (CONFIG REWRITE), which then has the mode
    // that this leaves it: the passwords are in it.
    umask(S_IRWXG | S_IRWXO);
    const auto ports = look_for_ports(config);
    if (!ports) return ports.error();
    auto directories = server::OwnDirectories::prepare(
        {config.run_dir, config.run_dir_is_ours, config.configuration_path(), config.data_dir});
    if (!directories) return directories.error();
    for (const auto& warning : config.warnings) app::log_warning(warning);
    for (const auto& choice : spoken_choices(config)) app::log_info(choice);
    app::log_debug("listens on " + core::spoken(config.listen) + ", announces " +
                   core::spoken(config.announce) + ", data in " + config.data_dir +
                   ", run-time files in " + config.run_dir + ", " + config.spoken_zookeeper());
    const auto written = write_generated_configuration(config);
    if (!written) return written.error();

    Preparation made{std::move(directories).value(), StateFile{config.data_dir},
                     unfinished_saves(config.data_dir)};
    const auto read = made.state_file.read();
    if (!read) app::log_warning(read.error().message);
    return made;
}

}  // namespace redis_zk::redis_wrapper
