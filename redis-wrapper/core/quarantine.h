// Writes that this node took as a master, and that its cluster goes on without: the next master had
// not got them. Before its data are replaced they are counted, and kept for whoever wants to look
// what was lost. Pure.
#pragma once

#include <cstdint>
#include <optional>

#include "redis-wrapper/core/action.h"
#include "redis-wrapper/core/view.h"

namespace redis_zk::redis_wrapper {

// Whose entry of the history tells what this node has in excess: the term after that of its data.
// Nothing when it has taken no writes since it copied somebody.
std::optional<std::uint64_t> term_without_us(const View& view);

// With which data that term began, as its entry says. Nothing if it began with those of this node:
// somebody has recorded it while this node could not read that, and what it took since was not
// lost.
std::optional<core::Lineage> beginning_without_us(const View& view);

// The steps before this node may copy another one. Nothing when there is nothing to do (any more).
std::optional<Actions> keep_what_is_lost(const View& view);

// When redis has loaded its files; at each look at it; when it is told to take writes, which it may
// do before the next look. What it takes before the record names this node is of no term: nobody
// can compare it with what the next term began with.
void observe_loaded_writes(View& view);
void observe_own_writes(View& view);
void observe_opening(View& view);

// They were done, as far as they could be.
void observe_quarantine(View& view);

}  // namespace redis_zk::redis_wrapper
