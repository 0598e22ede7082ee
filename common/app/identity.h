// Who a process is: names that nobody else has, and secrets that nobody can guess. All randomness
// is the kernel's (getrandom(2)), so that two containers started from one image in the same instant
// differ. Each throws std::system_error when the kernel refuses; call them before the loop runs.
#pragma once

#include <cstddef>
#include <string>

namespace redis_zk::app {

// A random UUID (RFC 4122, version 4): "9f1c2b1e-5d3a-4c77-8a41-0c6b7f0e2d11".
std::string random_id();

// `bytes` random bytes as small hexadecimal digits, so twice as many letters.
std::string random_secret(std::size_t bytes = 32);

// As gethostname(2) says it; a container's is its id. Not looked up, so not necessarily reachable.
std::string host_name();

}  // namespace redis_zk::app
