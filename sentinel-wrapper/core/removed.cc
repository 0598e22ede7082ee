#include "sentinel-wrapper/core/removed.h"

#include "sentinel-wrapper/core/view.h"

namespace redis_zk::sentinel_wrapper {

using namespace std::chrono_literals;

namespace {

// The master is asked for its replicas every 10 s, and sentinels say hello every 2 s
// (sentinel.c, 7.0: sentinel_info_period, sentinel_publish_period).
constexpr milliseconds time_to_be_known_again = 15s;

}  // namespace

void observe_reset(Removed& removed, const OwnSentinel& known, TimePoint now) {
    if (!removed.missing) removed.missing.emplace();
    removed.missing->forgotten_at = now;
    for (const auto& [replica, about] : known.replicas) removed.missing->replicas.insert(replica);
    for (const auto& [id, about] : known.others) removed.missing->sentinels.insert(id);
}

void observe_known(Removed& removed, const OwnSentinel& known) {
    if (!removed.missing) return;
    Missing& missing = *removed.missing;
    if (known.looked_at < missing.forgotten_at + time_to_forget) return;
    for (const auto& [replica, about] : known.replicas) missing.replicas.erase(replica);
    if (known.monitored) missing.replicas.erase(known.monitored->master);
    for (const auto& [id, about] : known.others) missing.sentinels.erase(id);
    if (!known.monitored || known.monitored->down) missing.forgotten_at = known.looked_at;
    if (known.looked_at < missing.forgotten_at + time_to_be_known_again) return;
    removed.replicas += missing.replicas.size();
    removed.sentinels += missing.sentinels.size();
    removed.missing.reset();
}

}  // namespace redis_zk::sentinel_wrapper
