#include "common/core/record.h"

#include <algorithm>
#include <array>

namespace redis_zk::core {

std::optional<std::int64_t> Change::lost_bytes() const {
    if (!lineage || !freshest_known || lineage->term != freshest_known->term) return std::nullopt;
    return std::max<std::int64_t>(0, freshest_known->offset - lineage->offset);
}

Loss loss_of(const Lineage& had, std::uint64_t term, const std::optional<Lineage>& began_with) {
    Loss loss{term, had};
    loss.bytes = Change{began_with, had, {}, {}}.lost_bytes();
    return loss;
}

const char* name_of(Role role) {
    switch (role) {
        case Role::stopped: return "stopped";
        case Role::loading: return "loading";
        case Role::parked: return "parked";
        case Role::replica: return "replica";
        case Role::master: return "master";
    }
    return "unknown";
}

std::optional<Role> parse_role(const std::string& name) {
    constexpr std::array roles{Role::stopped, Role::loading, Role::parked, Role::replica,
                               Role::master};
    for (const Role role : roles)
        if (name == name_of(role)) return role;
    return std::nullopt;
}

}  // namespace redis_zk::core
