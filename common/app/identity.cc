#include "common/app/identity.h"

#include <array>
#include <cerrno>
#include <string_view>
#include <system_error>
#include <vector>

#include <sys/random.h>
#include <unistd.h>

namespace redis_zk::app {

namespace {

std::vector<unsigned char> random_bytes(std::size_t count) {
    std::vector<unsigned char> bytes(count);
    std::size_t filled = 0;
    while (filled < count) {
        const ssize_t got = getrandom(bytes.data() + filled, count - filled, 0);
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) throw std::system_error{errno, std::generic_category(), "getrandom"};
        filled += static_cast<std::size_t>(got);
    }
    return bytes;
}

std::string as_hexadecimal(const std::vector<unsigned char>& bytes) {
    constexpr std::string_view digits = "0123456789abcdef";
    std::string text;
    for (const unsigned char byte : bytes) {
        text += digits[byte >> 4U];
        text += digits[byte & 0xfU];
    }
    return text;
}

}  // namespace

std::string random_id() {
    std::vector<unsigned char> bytes = random_bytes(16);
    bytes[6] = static_cast<unsigned char>((bytes[6] & 0x0fU) | 0x40U);  // version 4
    bytes[8] = static_cast<unsigned char>((bytes[8] & 0x3fU) | 0x80U);  // the variant of RFC 4122
    std::string text = as_hexadecimal(bytes);
    for (const std::size_t dash : {20U, 16U, 12U, 8U}) text.insert(dash, 1, '-');
    return text;
}

std::string random_secret(std::size_t bytes) { return as_hexadecimal(random_bytes(bytes)); }

std::string host_name() {
    std::array<char, 256> name{};  // HOST_NAME_MAX is 64; zeroed, as a cut name has no end
    if (gethostname(name.data(), name.size() - 1) != 0)
        throw std::system_error{errno, std::generic_category(), "gethostname"};
    return name.data();
}

}  // namespace redis_zk::app
