#include "common/core/record.h"

#include <array>

namespace redis_zk::core {

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
