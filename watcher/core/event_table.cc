#include "watcher/core/event_table.h"

#include <algorithm>
#include <optional>

namespace redis_zk::watcher {

namespace {

using enum Behaviour;

constexpr BehaviourSet told{count, log, keep, run_hooks};
constexpr BehaviourSet bad_news{count, warn, keep, run_hooks};
constexpr BehaviourSet worth_a_look{look, count, log, keep, run_hooks};
constexpr BehaviourSet alarming{alarm, count, log, keep, run_hooks};
constexpr BehaviourSet alarming_and_bad{alarm, count, warn, keep, run_hooks};

struct Row {
    std::string_view name;
    BehaviourSet behaviours;
    std::optional<BehaviourSet> unless_of_a_master = std::nullopt;
};

// Every name that redis-sentinel 7.0.15 has in it. Sorted. When it gives a fail-over up the record
// must stay as it is, and the next attempt follows: still an alarm.
constexpr auto table = std::to_array<Row>({
    {"+config-update-from", alarming},
    {"+convert-to-slave", alarming},
    {"+elected-leader", alarming},
    {"+failover-end", alarming},
    {"+failover-end-for-timeout", alarming_and_bad},
    {"+failover-state-reconf-slaves", alarming},
    {"+failover-state-select-slave", alarming},
    {"+failover-state-send-slaveof-noone", alarming},
    {"+failover-state-wait-promotion", alarming},
    {"+fix-slave-config", worth_a_look},
    {"+monitor", worth_a_look},
    {"+new-epoch", alarming},
    {"+odown", alarming},
    {"+promoted-slave", alarming},
    {"+reboot", worth_a_look},
    {"+reset-master", worth_a_look},
    {"+role-change", worth_a_look},
    {"+script-child", told},
    {"+sdown", alarming, worth_a_look},
    {"+selected-slave", alarming},
    {"+sentinel", worth_a_look},
    {"+sentinel-address-switch", worth_a_look},
    {"+sentinel-address-update", worth_a_look},
    {"+sentinel-invalid-addr", told},
    {"+set", told},
    {"+slave", worth_a_look},
    {"+slave-reconf-done", told},
    {"+slave-reconf-inprog", told},
    {"+slave-reconf-sent", told},
    {"+slave-reconf-sent-be", told},
    {"+switch-master", alarming},
    {"+tilt", bad_news},
    {"+try-failover", alarming},
    {"+vote-for-leader", alarming},
    {"-cmd-link-reconnection", told},
    {"-failover-abort-no-good-slave", alarming_and_bad},
    {"-failover-abort-not-elected", alarming},
    {"-failover-abort-slave-timeout", alarming_and_bad},
    {"-monitor", worth_a_look},
    {"-odown", worth_a_look},
    {"-pubsub-link-reconnection", told},
    {"-role-change", worth_a_look},
    {"-script-child", told},
    {"-script-error", told},
    {"-script-timeout", told},
    {"-sdown", worth_a_look},
    {"-slave-reconf-sent-timeout", told},
    {"-tilt", worth_a_look},
});
static_assert(std::ranges::is_sorted(table, {}, &Row::name));

const Row* find(std::string_view name) {
    const auto* const found = std::ranges::lower_bound(table, name, {}, &Row::name);
    return found != table.end() && found->name == name ? found : nullptr;
}

}  // namespace

BehaviourSet behaviours_of(std::string_view name, const std::vector<std::string>& words) {
    const Row* const row = find(name);
    if (row == nullptr) return told;
    const bool is_of_a_master = !words.empty() && words.front() == "master";
    return is_of_a_master ? row->behaviours : row->unless_of_a_master.value_or(row->behaviours);
}

// The record and the commands of the user's are about one cluster.
bool is_for_any_master(Behaviour behaviour) {
    return behaviour == count || behaviour == log || behaviour == warn || behaviour == keep;
}

bool is_known_event(std::string_view name) { return find(name) != nullptr; }

std::vector<std::string> known_events() {
    std::vector<std::string> names;
    for (const Row& row : table) names.emplace_back(row.name);
    return names;
}

}  // namespace redis_zk::watcher
