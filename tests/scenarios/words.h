// The commands of a story, taken apart.
#pragma once

#include <string>
#include <vector>

#include "common/core/endpoint.h"
#include "common/core/time.h"

namespace redis_zk::scenarios {

using Words = std::vector<std::string>;

Words words_of(const std::string& command);

// Compares from the first word on; a word "*" stands for any one, "..." for all that follow.
bool is(const Words& words, const std::string& pattern);

// "6s" or "300ms". Throws std::runtime_error for anything else, as the next one does.
core::milliseconds duration(const std::string& text);

// As it is spoken: "10.0.0.9:6379".
core::Endpoint endpoint(const std::string& text);

}  // namespace redis_zk::scenarios
