#include "common/core/attempts.h"

#include <algorithm>

#include "common/core/moments.h"

namespace redis_zk::core {

namespace {
constexpr milliseconds shortest_pause{200};
constexpr int most_doublings = 6;
}  // namespace

milliseconds pause_after(int failures, std::uint64_t chance) {
    const milliseconds base = shortest_pause * (1 << std::min(failures - 1, most_doublings));
    return base / 2 + milliseconds{chance % static_cast<std::uint64_t>(base.count())};
}

bool is_too_soon(const Attempts& attempts, TimePoint now) { return is_pending(attempts.next, now); }

void observe_failure(Attempts& attempts, std::uint64_t chance, TimePoint now) {
    attempts.next = now + pause_after(++attempts.failures, chance);
}

}  // namespace redis_zk::core
