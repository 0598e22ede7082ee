#include "redis-wrapper/own_directories.h"

#include <array>
#include <cerrno>
#include <filesystem>
#include <system_error>

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "redis-wrapper/file.h"

namespace redis_zk::redis_wrapper {

namespace {

std::string spoken_holder(int descriptor) {
    std::array<char, 16> number{};
    const ssize_t count = pread(descriptor, number.data(), number.size() - 1, 0);
    return count > 0 ? " (process " + std::string{number.data()} + ')' : "";
}

core::Result<core::Done> make_directory(const std::string& directory) {
    const std::string parent = std::filesystem::path{directory}.parent_path().string();
    std::error_code error;
    std::filesystem::create_directories(parent, error);
    if (error) {
        errno = error.value();
        return file_error("make", parent);
    }
    if (mkdir(directory.c_str(), S_IRWXU) != 0 && errno != EEXIST)
        return file_error("make", directory);
    return core::Done{};
}

}  // namespace

core::Result<event::Descriptor> lock_directory(const std::string& directory) {
    const std::string path = directory + "/redis-zk.lock";
    event::Descriptor descriptor{
        open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, S_IRUSR | S_IWUSR)};
    if (!descriptor.is_open()) return file_error("write", path);
    if (flock(descriptor.number(), LOCK_EX | LOCK_NB) != 0) {
        if (errno != EWOULDBLOCK) return file_error("lock", path);
        return core::Error{
            core::Fault::refused,
            directory + " is in use by another redis-wrapper" + spoken_holder(descriptor.number()),
            EWOULDBLOCK};
    }
    // Only for the sentence above: that it cannot be written does not matter.
    const std::string process = std::to_string(getpid());
    [[maybe_unused]] const bool is_written =
        ftruncate(descriptor.number(), 0) == 0 &&
        pwrite(descriptor.number(), process.data(), process.size(), 0) > 0;
    return descriptor;
}

core::Result<OwnDirectories> OwnDirectories::prepare(const Config& config) {
    OwnDirectories directories;
    if (const auto made = make_directory(config.run_dir); !made) return made.error();
    if (config.run_dir_is_ours) directories.to_remove_ = config.run_dir;
    auto run_lock = lock_directory(config.run_dir);
    if (!run_lock) return run_lock.error();
    directories.run_lock_ = std::move(run_lock).value();
    directories.configuration_ = config.configuration_path();

    if (const auto made = make_directory(config.data_dir); !made) return made.error();
    // One directory for both is one lock.
    if (config.data_dir == config.run_dir) return directories;
    auto data_lock = lock_directory(config.data_dir);
    if (!data_lock) return data_lock.error();
    directories.data_lock_ = std::move(data_lock).value();
    return directories;
}

OwnDirectories::~OwnDirectories() {
    if (!configuration_.empty()) unlink(configuration_.c_str());
    std::error_code ignored;
    if (!to_remove_.empty()) std::filesystem::remove_all(to_remove_, ignored);
}

}  // namespace redis_zk::redis_wrapper
