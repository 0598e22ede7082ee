#include "common/server/own_directories.h"

#include <algorithm>
#include <filesystem>
#include <system_error>
#include <utility>

#include <unistd.h>

#include "common/app/logging.h"
#include "common/server/locked_directory.h"

namespace redis_zk::server {

namespace {

void remove_all_but_the_lock(const std::string& directory) {
    std::error_code ignored;
    std::vector<std::filesystem::path> contents;
    for (const auto& entry : std::filesystem::directory_iterator{directory, ignored})
        if (entry.path().filename() != lock_name) contents.push_back(entry.path());
    for (const auto& path : contents) std::filesystem::remove_all(path, ignored);
}

}  // namespace

core::Result<OwnDirectories> OwnDirectories::prepare(const Places& places) {
    OwnDirectories directories;
    directories.configuration_ = places.configuration;
    if (places.run_dir_is_fresh) {
        const auto parent = std::filesystem::path{places.run_dir}.parent_path().string();
        for (const std::string& path : remove_abandoned_directories(parent))
            app::log_info("removed " + path + ", which a wrapper that was killed had left");
        auto fresh = FreshDirectory::make(places.run_dir);
        if (!fresh) return fresh.error();
        directories.fresh_.emplace(std::move(fresh).value());
    } else {
        auto run_lock = directories.own(places.run_dir);
        if (!run_lock) return run_lock.error();
        directories.run_lock_ = std::move(run_lock).value();
        keep_for_ever(places.run_dir);
    }
    // One directory for both is one lock.
    if (places.data_dir.empty() || places.data_dir == places.run_dir) return directories;
    auto data_lock = directories.own(places.data_dir);
    if (!data_lock) return data_lock.error();
    directories.data_lock_ = std::move(data_lock).value();
    if (!places.data_dir.starts_with(places.run_dir + '/')) keep_for_ever(places.data_dir);
    return directories;
}

core::Result<event::Descriptor> OwnDirectories::own(const std::string& directory) {
    const auto is_new = make_directory(directory);
    if (!is_new) return is_new.error();
    std::error_code ignored;
    const Owned owned{directory, *is_new, holds_only_the_lock(directory),
                      std::filesystem::exists(directory + '/' + lock_name, ignored)};
    auto lock = lock_directory(directory);
    // Of who does not get the lock nothing but the directory can be left over.
    if (lock || owned.was_made) owned_.push_back(owned);
    return lock;
}

OwnDirectories::OwnDirectories(OwnDirectories&& other) noexcept
    : owned_{std::exchange(other.owned_, {})},
      is_discarded_{other.is_discarded_},
      configuration_{std::exchange(other.configuration_, {})},
      fresh_{std::move(other.fresh_)},
      run_lock_{std::move(other.run_lock_)},
      data_lock_{std::move(other.data_lock_)} {}

OwnDirectories::~OwnDirectories() {
    if (!configuration_.empty()) unlink(configuration_.c_str());
    // The data first: they may be in the other one.
    std::error_code ignored;
    std::ranges::reverse(owned_);
    for (const Owned& owned : owned_) {
        if (is_discarded_ && owned.was_empty) remove_all_but_the_lock(owned.path);
        const bool is_empty = holds_only_the_lock(owned.path);
        if (is_empty && owned.was_made) std::filesystem::remove_all(owned.path, ignored);
        if ((is_empty || is_discarded_) && !owned.was_locked_before)
            std::filesystem::remove(owned.path + '/' + lock_name, ignored);
    }
}

}  // namespace redis_zk::server
