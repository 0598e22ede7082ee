#include "common/server/file.h"

#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>

#include <fcntl.h>
#include <unistd.h>

#include "common/event/descriptor.h"

namespace redis_zk::server {

namespace {

using event::Descriptor;

constexpr std::size_t longest_file = 1U << 20U;

bool write_all(int descriptor, std::string_view content) {
    while (!content.empty()) {
        const ssize_t count = write(descriptor, content.data(), content.size());
        if (count < 0 && errno == EINTR) continue;
        if (count < 0) return false;
        content.remove_prefix(static_cast<std::size_t>(count));
    }
    return true;
}

// Without it the new name may be lost with the power, though the content is on the disk.
bool sync_directory_of(const std::string& path) {
    const std::string directory = std::filesystem::path{path}.parent_path().string();
    const Descriptor descriptor{open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)};
    return descriptor.is_open() && fsync(descriptor.number()) == 0;
}

}  // namespace

core::Error file_error(const std::string& what, const std::string& path) {
    const int error = errno;
    return {core::Fault::refused, "cannot " + what + ' ' + path + ": " + std::strerror(error),
            error};
}

core::Result<core::Done> replace_file(const std::string& path, const std::string& content,
                                      Durability durability) {
    const std::string temporary = path + ".new";
    // Not opened as it is: it may be a link that somebody else has put there.
    unlink(temporary.c_str());
    Descriptor descriptor{
        open(temporary.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, S_IRUSR | S_IWUSR)};
    if (!descriptor.is_open()) return file_error("write", temporary);
    const bool is_written =
        write_all(descriptor.number(), content) &&
        (durability == Durability::until_restart || fdatasync(descriptor.number()) == 0);
    if (!is_written || rename(temporary.c_str(), path.c_str()) != 0) {
        const core::Error error = file_error("write", path);
        unlink(temporary.c_str());
        return error;
    }
    if (durability == Durability::on_disk && !sync_directory_of(path))
        return file_error("write", path);
    return core::Done{};
}

core::Result<std::optional<std::string>> read_file(const std::string& path) {
    const Descriptor descriptor{open(path.c_str(), O_RDONLY | O_CLOEXEC)};
    if (!descriptor.is_open() && errno == ENOENT) return std::optional<std::string>{};
    if (!descriptor.is_open()) return file_error("read", path);
    std::string content;
    std::array<char, 4096> buffer;
    while (content.size() <= longest_file) {
        const ssize_t count = read(descriptor.number(), buffer.data(), buffer.size());
        if (count < 0 && errno == EINTR) continue;
        if (count < 0) return file_error("read", path);
        if (count == 0) return std::optional{std::move(content)};
        content.append(buffer.data(), static_cast<std::size_t>(count));
    }
    errno = EFBIG;
    return file_error("read", path);
}

}  // namespace redis_zk::server
