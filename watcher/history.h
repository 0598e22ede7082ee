// The changes of master, as they lie in ZooKeeper: one document for each, named after its term.
// Whoever can write there may have put something else beside them.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "common/zk/watched_directory.h"

namespace redis_zk::watcher {

// Term and document, the largest term first. The documents are those of `history`, and live as
// long.
std::vector<std::pair<std::uint64_t, const std::string*>> newest_first(
    const zk::WatchedDirectory::Nodes& history);

// When the process that this document of the current term names was recorded first, without another
// one since: a term may also begin because a record was deleted, and restored. ISO 8601; nothing if
// nobody says.
std::optional<std::string> master_since(const std::string& term_document,
                                        const zk::WatchedDirectory::Nodes& history);

}  // namespace redis_zk::watcher
