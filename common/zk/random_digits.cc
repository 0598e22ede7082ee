#include "common/zk/random_digits.h"

#include <random>
#include <string_view>

namespace redis_zk::zk {

std::string random_digits(std::size_t count) {
    static constexpr std::string_view digits = "0123456789abcdef";
    std::random_device random;
    std::string text;
    while (text.size() < count)
        for (auto [bits, n] = std::pair{random(), 0}; n < 8 && text.size() < count; ++n, bits >>= 4)
            text += digits[bits & 15];
    return text;
}

}  // namespace redis_zk::zk
