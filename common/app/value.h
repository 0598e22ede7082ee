// Whether a text is a value of an option, and which number it means. The sentences are made to be
// put behind the name of the option: `--port0: "0" is not a port; allowed is 1 to 65535`.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "common/app/option.h"
#include "common/core/result.h"
#include "common/core/time.h"

namespace redis_zk::app {

// The number behind the text: of an integer, a port, a duration (milliseconds), on (1) or off (0);
// otherwise 0. An error quotes the text and says what is allowed. Looks at the file system for
// Kind::file only. Never call it with the content of a secret: it would be quoted.
core::Result<std::int64_t> check_value(const Option& option, std::string_view text);

// A whole number and a unit, without a space: ms, s, m, h. Only "0" may stand without a unit.
std::optional<core::milliseconds> parse_duration(std::string_view text);

// The shortest way to write it: 6000 ms is "6s".
std::string to_text(core::milliseconds duration);

}  // namespace redis_zk::app
