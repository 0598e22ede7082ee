// The known name that somebody most likely meant. A mistyped option is the commonest mistake, and
// the one that costs most when nobody says which letter was wrong.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace redis_zk::app {

// Capitals and underscores count as small letters and dashes, so that ZK_HOSTS finds "zk-hosts".
// Nothing when no name is close: a wild guess is worse than none.
std::optional<std::string> nearest(std::string_view unknown, const std::vector<std::string>& known);

// `; did you mean --zk-hosts?`, or nothing. `prefix` is "--" for a flag.
std::string spoken_suggestion(std::string_view unknown, const std::vector<std::string>& known,
                              std::string_view prefix);

}  // namespace redis_zk::app
