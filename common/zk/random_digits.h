// Names in ZooKeeper that nobody else has: places in a queue, claimants, sentinel ids.
#pragma once

#include <cstddef>
#include <string>

namespace redis_zk::zk {

// So many hexadecimal digits in lower case, each with four bits of the kernel's randomness.
std::string random_digits(std::size_t count);

}  // namespace redis_zk::zk
