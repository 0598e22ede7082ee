// quarantine/: copies of data that were given up with writes in them that nobody else has. For
// people; nothing of the suite reads them.
//
//     <data directory>/quarantine/<term>-<offset>.rdb
//
// A copy is a hard link to a snapshot that redis has just written: redis replaces its snapshots and
// never changes one, so the copy costs no time and stays as it is.
#pragma once

#include <cstdint>
#include <string>

#include "common/core/lineage.h"
#include "common/core/result.h"

namespace redis_zk::redis_wrapper {

struct QuarantineLimits {
    std::int64_t files = 3;
    std::int64_t bytes = std::int64_t{10} << 30;  // together
};

// Gives back the path of the copy, and removes the oldest ones beyond the limits. A snapshot that
// is larger than the limit by itself is not kept, and nothing is removed for it: an error, as when
// the file system refuses.
core::Result<std::string> keep_in_quarantine(const std::string& data_directory,
                                             const std::string& snapshot,
                                             const core::Lineage& lineage,
                                             const QuarantineLimits& limits);

}  // namespace redis_zk::redis_wrapper
