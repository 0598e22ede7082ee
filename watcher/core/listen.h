// Whose events a watcher hears. Any sentinel will do, so each watcher picks one by chance, and lets
// go of one that is worse than the others. Events only save time: what they lose, looks find.
#pragma once

#include <optional>

#include "watcher/core/action.h"
#include "watcher/core/view.h"

namespace redis_zk::watcher {

// Another sentinel to listen to, or none; empty when all is well or there is no choice.
Actions choose_sentinel(const View& view, TimePoint now);

// Why nobody is listened to.
std::optional<Wait> reason_not_to_listen(const View& view);

}  // namespace redis_zk::watcher
