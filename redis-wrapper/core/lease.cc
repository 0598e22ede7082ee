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

// How long a contact counts. Less than the sentinel waits: for the command that closes redis, and
// for clocks that do not run alike.
milliseconds lease_of(milliseconds down_after) { return down_after - down_after / 5; }

// For 5 s (SENTINEL_ASK_PERIOD * 5 in sentinel.c, 7.0) a sentinel goes on with what another one has
// said of a dead master, also when that one reaches it again. The rest is for its clock, which
// counts from when it heard that.
constexpr milliseconds time_of_an_agreement{6000};

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
    return *last + lease_of(*down_after);
}

std::optional<std::string> why_out_of_touch(const View& view, TimePoint now) {
    const auto end = lease_ends(view);
    if (!end || now < *end) return std::nullopt;
    return "most sentinels could not be reached for so long that they may have made another node "
           "master";
}

bool is_in_touch(const View& view, TimePoint now) {
    const auto end = lease_ends(view);
    const auto pace = pace_of_contact(view);
    return !end || !pace || now + *pace < *end;
}

void observe_touch(View& view, TimePoint now) {
    // One that has just been registered cannot have missed an open master for longer. Before this
    // node is open all of them count from when they have reached it: it may have been away, and
    // they may be about to replace it.
    const bool is_open_master = view.redis.role == core::Role::master && view.redis.open;
    for (auto& [sentinel, opinion] : view.sentinels.opinions)
        if (is_open_master && opinion.contact_at == TimePoint{}) opinion.contact_at = now;
    const auto end = lease_ends(view);
    // One late answer does not end it.
    if (!end || now >= *end)
        view.in_touch_since.reset();
    else if (!view.in_touch_since && is_in_touch(view, now))
        view.in_touch_since = now;
}

std::optional<std::string> why_not_in_touch_yet(const View& view, TimePoint now) {
    if (!is_in_touch(view, now))
        return "most sentinels have not reached this node for a while, and may be about to replace "
               "it";
    const auto down_after = shortest_down_after(view);
    if (!down_after) return std::nullopt;
    const TimePoint oldest = now + *pace_of_contact(view) - lease_of(*down_after);
    const auto is_agreement_over = [&view](const Opinion& opinion) {
        return view.in_touch_since &&
               opinion.asked_at >= *view.in_touch_since + time_of_an_agreement;
    };
    for (const auto& [sentinel, opinion] : view.sentinels.opinions)
        if (opinion.answered && opinion.contact_at <= oldest && !is_agreement_over(opinion))
            return "the sentinel at " + core::spoken(sentinel) +
                   " has not reached this node for a while, and may have agreed with others to "
                   "replace it";
    return std::nullopt;
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
