#include "common/core/lineage.h"

#include <algorithm>
#include <array>

namespace redis_zk::core {

const char* name_of(OwnWrites writes) {
    switch (writes) {
        case OwnWrites::none: return "none";
        case OwnWrites::handed_over: return "handed over";
        case OwnWrites::counted: return "counted";
        case OwnWrites::uncounted: return "uncounted";
    }
    return "unknown";
}

std::optional<OwnWrites> parse_own_writes(const std::string& name) {
    constexpr std::array all{OwnWrites::none, OwnWrites::handed_over, OwnWrites::counted,
                             OwnWrites::uncounted};
    for (const OwnWrites writes : all)
        if (name == name_of(writes)) return writes;
    return std::nullopt;
}

std::string spoken(const std::optional<Lineage>& lineage) {
    if (!lineage) return "no data of this cluster";
    return "term " + std::to_string(lineage->term) + ", offset " + std::to_string(lineage->offset);
}

std::optional<Lineage> restored_lineage(const std::optional<Claim>& claim,
                                        const LoadedDataset& loaded) {
    if (!claim || !claim->lineage) return std::nullopt;
    if (claim->keys > 0 && loaded.keys == 0) return std::nullopt;
    if (loaded.from_append_only_file) return claim->lineage;
    if (loaded.replication_id == claim->replication_id)
        return Lineage{claim->lineage->term, std::min(claim->lineage->offset, loaded.offset)};
    for (const PastId& past : claim->past)
        if (past.replication_id == loaded.replication_id) return Lineage{past.term, loaded.offset};
    if (loaded.keys == 0) return std::nullopt;
    return Lineage{0, loaded.offset};
}

}  // namespace redis_zk::core
