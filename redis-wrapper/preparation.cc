#include "redis-wrapper/preparation.h"

#include "common/app/logging.h"
#include "common/app/network.h"
#include "redis-wrapper/generated_configuration.h"

namespace redis_zk::redis_wrapper {

namespace {

// Before anything is written or started: who cannot listen cannot serve.
core::Result<core::Done> look_for_ports(const Config& config) {
    std::vector<std::string> mistakes;
    const auto look = [&](const char* option, const core::Endpoint& endpoint) {
        const auto free = app::can_listen(endpoint);
        if (!free) mistakes.push_back(std::string{option} + ": " + free.error().message);
    };
    look("PORT0 or LISTEN_PORT", config.listen);
    if (config.http) look("HTTP_PORT", *config.http);
    if (mistakes.empty()) return core::Done{};
    if (mistakes.size() == 2) mistakes.front() += "; " + mistakes.back();
    return core::Error{core::Fault::refused, mistakes.front()};
}

}  // namespace

core::Result<Preparation> prepare(const Config& config) {
    const auto ports = look_for_ports(config);
    if (!ports) return ports.error();
    auto directories = OwnDirectories::prepare(config);
    if (!directories) return directories.error();
    for (const auto& warning : config.warnings) app::log_warning(warning);
    for (const auto& choice : spoken_choices(config)) app::log_info(choice);
    app::log_debug("listens on " + core::spoken(config.listen) + ", announces " +
                   core::spoken(config.announce) + ", data in " + config.data_dir +
                   ", run-time files in " + config.run_dir + ", ZooKeeper at " +
                   zk::spoken(config.hosts.servers) + ", " + config.hosts.chroot + config.root);
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
