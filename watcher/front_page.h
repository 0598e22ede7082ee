// The page for people at "/": who is master, what is wrong, and where to find the rest. Plain HTML
// without scripts or anything from elsewhere; everything in it is escaped, since part of it came
// over the network.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "common/http/message.h"
#include "watcher/core/view.h"
#include "watcher/pages.h"

namespace redis_zk::watcher {

// `pages` are the paths to link to.
http::Response front_page(const View& view, TimePoint now, const Surroundings& surroundings,
                          const std::vector<std::string>& pages);

// Harmless between tags and in a quoted attribute.
std::string escaped_for_html(std::string_view text);

}  // namespace redis_zk::watcher
