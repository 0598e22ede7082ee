#include "common/server/fresh_directory.h"

#include <algorithm>
#include <ctime>
#include <filesystem>
#include <string_view>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/app/identity.h"
#include "common/server/file.h"
#include "common/server/locked_directory.h"

namespace redis_zk::server {

namespace {

namespace fs = std::filesystem;

constexpr std::string_view beginning_of_name = "redis-zk-";
constexpr std::size_t bytes_of_name = 6;
const char* const mark_name = "redis-zk.fresh";
constexpr std::time_t seconds_until_locked = 60;

std::string mark_of(const std::string& directory) { return directory + '/' + mark_name; }

bool is_random_name(std::string_view name) {
    if (!name.starts_with(beginning_of_name)) return false;
    name.remove_prefix(beginning_of_name.size());
    return name.size() == 2 * bytes_of_name &&
           name.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

// Not through a link: it may lead to what somebody else has chosen.
bool is_our_old_directory(const std::string& path) {
    struct stat status {};
    return lstat(path.c_str(), &status) == 0 && S_ISDIR(status.st_mode) &&
           status.st_uid == geteuid() &&
           status.st_mtime < std::time(nullptr) - seconds_until_locked;
}

bool is_marked(const std::string& directory) {
    std::error_code ignored;
    return fs::is_regular_file(fs::symlink_status(mark_of(directory), ignored));
}

// By who holds its lock. The mark and the lock go last: whoever dies before that, or finds
// something that he cannot remove, leaves a directory that others can see to be left over.
void remove_with_contents(const fs::path& directory) {
    std::error_code error;
    std::vector<fs::path> contents;
    for (const auto& entry : fs::directory_iterator{directory, error})
        if (entry.path().filename() != mark_name && entry.path().filename() != lock_name)
            contents.push_back(entry.path());
    for (const fs::path& path : contents) {
        fs::remove_all(path, error);
        if (error) return;
    }
    for (const fs::path& last : {directory / mark_name, directory / lock_name, directory})
        fs::remove(last, error);
}

}  // namespace

std::string random_name_below(const std::string& parent) {
    return parent + '/' + std::string{beginning_of_name} + app::random_secret(bytes_of_name);
}

core::Result<FreshDirectory> FreshDirectory::make(const std::string& path) {
    const auto made = make_directory(path);
    if (!made) return made.error();
    auto lock = lock_directory(path);
    if (!lock) return lock.error();
    const event::Descriptor mark{open(
        mark_of(path).c_str(), O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW, S_IRUSR | S_IWUSR)};
    if (!mark.is_open()) return file_error("write", mark_of(path));
    return FreshDirectory{path, std::move(lock).value()};
}

core::Result<FreshDirectory> FreshDirectory::make_temporary() {
    const std::string parent = fs::temp_directory_path().string();
    remove_abandoned_directories(parent);
    return make(random_name_below(parent));
}

FreshDirectory::~FreshDirectory() {
    if (lock_.is_open()) remove_with_contents(path_);
}

std::vector<std::string> remove_abandoned_directories(const std::string& parent) {
    std::vector<std::string> candidates;
    std::error_code ignored;
    for (const auto& entry : fs::directory_iterator{parent, ignored})
        if (is_random_name(entry.path().filename().string()))
            candidates.push_back(entry.path().string());
    std::erase_if(candidates, [](const std::string& path) {
        if (!is_our_old_directory(path)) return true;
        if (!is_marked(path) && !holds_only_the_lock(path)) return true;
        const auto lock = lock_directory(path);
        if (lock) remove_with_contents(path);
        return !lock;
    });
    return candidates;
}

void keep_for_ever(const std::string& directory) {
    for (fs::path path{directory}; path.has_relative_path(); path = path.parent_path())
        unlink(mark_of(path.string()).c_str());
}

}  // namespace redis_zk::server
