#include "redis-wrapper/core/sentinel_choice.h"

#include <algorithm>

#include "common/core/moments.h"

namespace redis_zk::redis_wrapper {

std::vector<Endpoint> willing_sentinels(const View& view, const std::set<Endpoint>& refused_by,
                                        TimePoint now) {
    std::vector<Endpoint> all;
    for (const auto& [sentinel, opinion] : view.sentinels.opinions)
        if (opinion.answered && opinion.can_act && !refused_by.contains(sentinel) &&
            opinion.master == view.self.address && !core::is_failing_over(opinion, now))
            all.push_back(sentinel);
    return all;
}

bool are_to_be_asked(const View& view, const std::vector<Endpoint>& sentinels, TimePoint since,
                     TimePoint now) {
    if (core::is_pending(view.sentinels.asked_until, now)) return false;
    return std::ranges::none_of(sentinels, [&](const Endpoint& it) {
        return view.sentinels.opinions.at(it).asked_at >= since;
    });
}

}  // namespace redis_zk::redis_wrapper
