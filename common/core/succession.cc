#include "common/core/succession.h"

#include <algorithm>

namespace redis_zk::core {

namespace {
// After a fail-over Sentinel corrects a master that it has replaced within some ten seconds.
constexpr milliseconds time_to_demote{15000};
}  // namespace

bool may_take_writes(const Probe& node, const FoundRecord& record, const Promotion& promotion,
                     TimePoint now) {
    const bool is_the_recorded_process = record.written && node.run_id == record.written->run_id;
    if (node.answer == Probe::Answer::master)
        return (node.same_cluster || is_the_recorded_process) && node.closed != true;
    const bool was_alive = node.took_writes_at >= promotion.at || promotion.former_was_heard;
    // It lives and does not tell us its role: that says nothing either.
    if (node.answer == Probe::Answer::refused)
        return was_alive && now < promotion.at + time_to_demote;
    return node.answer == Probe::Answer::silent && was_alive &&
           now < std::max(*node.silent_since, promotion.noticed_at) + time_to_demote;
}

std::uint64_t next_term(const FoundRecord& record, const Roster& roster,
                        const std::vector<Member>& living) {
    std::uint64_t largest = std::max(record.term(), roster.term);
    for (const Member& member : living)
        if (member.lineage) largest = std::max(largest, member.lineage->term);
    return largest + 1;
}

std::optional<Lineage> freshest_of_others(const Roster& roster,
                                          const std::map<std::string, Member>& living,
                                          const Endpoint& master) {
    std::optional<Lineage> freshest;
    if (roster.term != 0) freshest = Lineage{roster.term, roster.offset};
    for (const auto& [id, member] : living)
        if (member.address != master && member.following != master)
            freshest = std::max(freshest, member.lineage);
    return freshest;
}

}  // namespace redis_zk::core
