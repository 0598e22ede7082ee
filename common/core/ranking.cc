#include "common/core/ranking.h"

namespace redis_zk::core {

bool is_strictly_better(const Member& one, const Member& other) {
    // An absent lineage compares less than any: std::optional orders it so.
    if (one.lineage != other.lineage) return one.lineage > other.lineage;
    if (one.brings_data != other.brings_data) return one.brings_data;
    return one.priority < other.priority;
}

bool ranks_before(const Member& one, const Member& other) {
    if (is_strictly_better(one, other)) return true;
    if (is_strictly_better(other, one)) return false;
    return one.id < other.id;
}

}  // namespace redis_zk::core
