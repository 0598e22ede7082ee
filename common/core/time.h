// Time as the suite uses it: deadlines on the monotonic clock, durations with their unit in the
// type. Nothing below the shell asks for the time; it is an argument.
#pragma once

#include <chrono>

namespace redis_zk::core {

using TimePoint = std::chrono::steady_clock::time_point;
using std::chrono::milliseconds;

}  // namespace redis_zk::core
