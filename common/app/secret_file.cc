#include "common/app/secret_file.h"

#include <array>
#include <cerrno>
#include <cstring>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace redis_zk::app {

namespace {

constexpr std::size_t longest_secret = 4096;

core::Error refused(const std::string& path, const std::string& why) {
    return {core::Fault::refused, '"' + path + "\" " + why};
}

// Reads no more than one character over the limit, so that a wrong name (/dev/zero) ends as well.
// errno says why not when it gives back false.
bool read_all(int descriptor, std::string& content) {
    std::array<char, longest_secret> buffer;
    while (content.size() <= longest_secret + 2) {
        const ssize_t count = read(descriptor, buffer.data(), buffer.size());
        if (count < 0 && errno == EINTR) continue;
        if (count < 0) return false;
        if (count == 0) break;
        content.append(buffer.data(), static_cast<std::size_t>(count));
    }
    return true;
}

std::string spoken_mode(mode_t mode) {
    std::string digits;
    for (int shift = 6; shift >= 0; shift -= 3)
        digits += static_cast<char>('0' + static_cast<int>((mode >> shift) & 7U));
    return '0' + digits;
}

}  // namespace

core::Result<Secret> read_secret_file(const std::string& path) {
    const int descriptor = open(path.c_str(), O_RDONLY | O_CLOEXEC);
    if (descriptor < 0)
        return refused(path, std::string{"cannot be read: "} + std::strerror(errno));
    struct stat status {};
    Secret secret;
    const bool was_read = fstat(descriptor, &status) == 0 && read_all(descriptor, secret.content);
    const int error = errno;
    close(descriptor);
    if (!was_read) return refused(path, std::string{"cannot be read: "} + std::strerror(error));

    if (secret.content.ends_with('\n')) secret.content.pop_back();
    if (secret.content.ends_with('\r')) secret.content.pop_back();
    if (const std::string why = wrong_with_secret(secret.content); !why.empty())
        return refused(path, why);
    // Somebody else's file that the group may read was given to this process so: Kubernetes mounts
    // secrets with fsGroup like that.
    const mode_t of_others = status.st_uid == geteuid() ? S_IRGRP | S_IROTH : S_IROTH;
    if (S_ISREG(status.st_mode) && (status.st_mode & of_others) != 0)
        secret.warning = '"' + path + "\" can be read by others than its owner (mode " +
                         spoken_mode(status.st_mode) + "); chmod 600 keeps it secret";
    return secret;
}

std::string wrong_with_secret(const std::string& content) {
    if (content.empty()) return "is empty";
    if (content.size() > longest_secret) return "is longer than 4096 characters";
    if (content.find_first_of(std::string{"\n\r\0", 3}) != std::string::npos)
        return "holds more than one line";
    return "";
}

}  // namespace redis_zk::app
