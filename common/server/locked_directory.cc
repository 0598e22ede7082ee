#include "common/server/locked_directory.h"

#include <array>
#include <cerrno>
#include <filesystem>
#include <system_error>

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/server/file.h"

namespace redis_zk::server {

namespace {

namespace fs = std::filesystem;

std::string spoken_holder(int descriptor) {
    std::array<char, 16> number{};
    const ssize_t count = pread(descriptor, number.data(), number.size() - 1, 0);
    return count > 0 ? " (process " + std::string{number.data()} + ')' : "";
}

// Our predecessor may have removed the file while we were opening it. Then it locks nothing.
bool is_still_there(int descriptor) {
    struct stat status {};
    return fstat(descriptor, &status) == 0 && status.st_nlink > 0;
}

}  // namespace

core::Result<bool> make_directory(const std::string& directory) {
    const std::string parent = fs::path{directory}.parent_path().string();
    std::error_code error;
    fs::create_directories(parent, error);
    if (error) {
        errno = error.value();
        return file_error("make", parent);
    }
    if (mkdir(directory.c_str(), S_IRWXU) == 0) return true;
    if (errno != EEXIST) return file_error("make", directory);
    return false;
}

core::Result<event::Descriptor> lock_directory(const std::string& directory) {
    const std::string path = directory + '/' + lock_name;
    event::Descriptor descriptor{
        open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, S_IRUSR | S_IWUSR)};
    if (!descriptor.is_open()) return file_error("write", path);
    const bool is_locked = flock(descriptor.number(), LOCK_EX | LOCK_NB) == 0;
    if (!is_locked && errno != EWOULDBLOCK) return file_error("lock", path);
    if (!is_locked || !is_still_there(descriptor.number())) {
        return core::Error{
            core::Fault::refused,
            directory + " is in use by another wrapper" + spoken_holder(descriptor.number()),
            EWOULDBLOCK};
    }
    // Only for the sentence above: that it cannot be written does not matter.
    const std::string process = std::to_string(getpid());
    [[maybe_unused]] const bool is_written =
        ftruncate(descriptor.number(), 0) == 0 &&
        pwrite(descriptor.number(), process.data(), process.size(), 0) > 0;
    return descriptor;
}

bool holds_only_the_lock(const std::string& directory) {
    std::error_code error;
    for (const auto& entry : fs::directory_iterator{directory, error})
        if (entry.path().filename() != lock_name) return false;
    return !error;
}

}  // namespace redis_zk::server
