#include "redis-wrapper/own_directories.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <filesystem>
#include <system_error>
#include <utility>

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "redis-wrapper/file.h"

namespace redis_zk::redis_wrapper {

namespace {

const char* const lock_name = "redis-zk.lock";

std::string spoken_holder(int descriptor) {
    std::array<char, 16> number{};
    const ssize_t count = pread(descriptor, number.data(), number.size() - 1, 0);
    return count > 0 ? " (process " + std::string{number.data()} + ')' : "";
}

// Whether it did not exist before.
core::Result<bool> make_directory(const std::string& directory) {
    const std::string parent = std::filesystem::path{directory}.parent_path().string();
    std::error_code error;
    std::filesystem::create_directories(parent, error);
    if (error) {
        errno = error.value();
        return file_error("make", parent);
    }
    if (mkdir(directory.c_str(), S_IRWXU) == 0) return true;
    if (errno != EEXIST) return file_error("make", directory);
    return false;
}

bool holds_only_the_lock(const std::string& directory) {
    std::error_code error;
    for (const auto& entry : std::filesystem::directory_iterator{directory, error})
        if (entry.path().filename() != lock_name) return false;
    return !error;
}

// Our predecessor may have removed the file while we were opening it. Then it locks nothing.
bool is_still_there(int descriptor) {
    struct stat status {};
    return fstat(descriptor, &status) == 0 && status.st_nlink > 0;
}

}  // namespace

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
    const auto run_is_new = make_directory(config.run_dir);
    if (!run_is_new) return run_is_new.error();
    if (*run_is_new) directories.made_.push_back(config.run_dir);
    auto run_lock = lock_directory(config.run_dir);
    if (!run_lock) return run_lock.error();
    directories.run_lock_ = std::move(run_lock).value();
    directories.configuration_ = config.configuration_path();
    if (config.run_dir_is_ours) directories.fresh_ = config.run_dir;

    const auto data_is_new = make_directory(config.data_dir);
    if (!data_is_new) return data_is_new.error();
    if (*data_is_new) directories.made_.push_back(config.data_dir);
    // One directory for both is one lock.
    if (config.data_dir == config.run_dir) return directories;
    auto data_lock = lock_directory(config.data_dir);
    if (!data_lock) return data_lock.error();
    directories.data_lock_ = std::move(data_lock).value();
    return directories;
}

OwnDirectories::OwnDirectories(OwnDirectories&& other) noexcept
    : made_{std::exchange(other.made_, {})},
      fresh_{std::exchange(other.fresh_, {})},
      configuration_{std::exchange(other.configuration_, {})},
      run_lock_{std::move(other.run_lock_)},
      data_lock_{std::move(other.data_lock_)} {}

OwnDirectories::~OwnDirectories() {
    if (!configuration_.empty()) unlink(configuration_.c_str());
    std::error_code ignored;
    if (!fresh_.empty()) std::filesystem::remove_all(fresh_, ignored);
    // The data first: they may be in the other one.
    std::ranges::reverse(made_);
    for (const std::string& directory : made_)
        if (holds_only_the_lock(directory)) std::filesystem::remove_all(directory, ignored);
}

}  // namespace redis_zk::redis_wrapper
