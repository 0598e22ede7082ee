#include "watcher/check.h"

#include "common/app/logging.h"
#include "common/app/network.h"
#include "common/server/zookeeper_check.h"
#include "common/zk/layout.h"
#include "watcher/cluster_check.h"

namespace redis_zk::watcher {

using server::Observation;
using server::Verdict;

std::vector<Observation> local_observations(const Config& config) {
    std::vector<Observation> findings{server::port_observation("http port", config.listen)};
    for (const Hook& hook : config.hooks)
        findings.push_back({Verdict::good, "hook: " + hook.event + " runs " + hook.executable});
    server::add_doubts(findings, config.warnings);
    return findings;
}

int check(const Config& config) {
    const zk::Layout layout = config.layout();
    auto findings = local_observations(config);
    if (server::ask_zookeeper(config, {layout.master(), layout.term(), layout.history()}, findings))
        for (auto& finding : cluster_observations(config)) findings.push_back(std::move(finding));
    return server::report(findings);
}

core::Result<core::Done> prepare(const Config& config) {
    if (const auto free = app::can_listen(config.listen); !free)
        return core::Error{core::Fault::refused, "PORT0 or LISTEN_PORT: " + free.error().message};
    for (const auto& warning : config.warnings) app::log_warning(warning);
    app::log_debug("listens on " + core::spoken(config.listen) + ", " + config.spoken_zookeeper());
    return core::Done{};
}

}  // namespace redis_zk::watcher
