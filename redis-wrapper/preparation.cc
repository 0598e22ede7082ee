#include "redis-wrapper/preparation.h"

#include "common/app/logging.h"
#include "redis-wrapper/generated_configuration.h"

namespace redis_zk::redis_wrapper {

core::Result<Preparation> prepare(const Config& config) {
    auto directories = OwnDirectories::prepare(config);
    if (!directories) return directories.error();
    for (const auto& warning : config.warnings) app::log_warning(warning);
    for (const auto& choice : spoken_choices(config)) app::log_info(choice);
    const auto written = write_generated_configuration(config);
    if (!written) return written.error();

    Preparation made{std::move(directories).value(), StateFile{config.data_dir}};
    const auto read = made.state_file.read();
    if (read) return made;
    app::log_warning(read.error().message);
    const auto set_aside = made.state_file.set_aside();
    if (!set_aside) return set_aside.error();
    app::log_warning(*set_aside);
    return made;
}

}  // namespace redis_zk::redis_wrapper
