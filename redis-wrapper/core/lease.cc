#include "redis-wrapper/core/lease.h"

#include <algorithm>
#include <vector>

namespace redis_zk::redis_wrapper {

std::optional<milliseconds> shortest_down_after(const View& view) {
    std::optional<milliseconds> shortest;
    for (const auto& [sentinel, opinion] : view.sentinels.opinions)
        if (opinion.down_after)
            shortest = std::min(shortest.value_or(milliseconds::max()), *opinion.down_after);
    return shortest;
}

namespace {

// For the command that closes redis, and for clocks that do not run alike.
milliseconds margin(milliseconds down_after) { return down_after / 5; }

}  // namespace

std::optional<TimePoint> lease_ends(const View& view) {
    const auto down_after = shortest_down_after(view);
    if (!down_after) return std::nullopt;
    std::vector<TimePoint> contacts;
    std::size_t all = view.sentinels.opinions.size();
    for (const auto& [sentinel, opinion] : view.sentinels.opinions) {
        contacts.push_back(opinion.contact_at);
        all = std::max(all, opinion.usable_sentinels);
    }
    // So many could agree without the others, and the last of them that we were in touch with
    // decides. Those that are not registered, as while ZooKeeper has lost them, vote too, and
    // nobody knows whom they reach: they count as lost, but never for more than all that are
    // registered.
    const std::size_t majority = all / 2 + 1;
    const std::size_t unknown = all - contacts.size();
    const std::size_t known = std::max(majority, unknown + 1) - unknown;
    const auto last = contacts.begin() + static_cast<std::ptrdiff_t>(known - 1);
    std::ranges::nth_element(contacts, last);
    return *last + *down_after - margin(*down_after);
}

std::optional<std::string> why_out_of_touch(const View& view, TimePoint now) {
    const auto end = lease_ends(view);
    if (!end || now < *end) return std::nullopt;
    return "most sentinels could not be reached for so long that they may have made another node "
           "master";
}

std::optional<std::string> why_not_in_touch_yet(const View& view, TimePoint now) {
    const auto end = lease_ends(view);
    const auto pace = pace_of_contact(view);
    if (!end || !pace || now + *pace < *end) return std::nullopt;
    return "most sentinels have not reached this node for a while, and may be about to replace it";
}

std::optional<TimePoint> next_contact(const View& view) {
    const auto pace = pace_of_contact(view);
    std::optional<TimePoint> next;
    for (const auto& [sentinel, opinion] : view.sentinels.opinions) {
        if (!pace) break;
        const TimePoint due = std::max(opinion.contact_at, opinion.contact_asked_at) + *pace;
        next = std::min(next.value_or(due), due);
    }
    return next;
}

std::vector<Endpoint> contacts_due(const View& view, TimePoint now) {
    std::vector<Endpoint> due;
    const auto pace = pace_of_contact(view);
    if (!pace || view.redis.role != core::Role::master) return due;
    for (const auto& [sentinel, opinion] : view.sentinels.opinions)
        if (now - std::max(opinion.contact_at, opinion.contact_asked_at) >= *pace)
            due.push_back(sentinel);
    return due;
}

std::optional<milliseconds> pace_of_contact(const View& view) {
    const auto down_after = shortest_down_after(view);
    if (!down_after) return std::nullopt;
    return *down_after / 3;
}

}  // namespace redis_zk::redis_wrapper
