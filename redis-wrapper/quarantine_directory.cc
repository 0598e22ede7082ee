#include "redis-wrapper/quarantine_directory.h"

#include <algorithm>
#include <filesystem>
#include <string_view>
#include <vector>

#include <fcntl.h>
#include <unistd.h>

#include "common/event/descriptor.h"

namespace redis_zk::redis_wrapper {

namespace {

namespace fs = std::filesystem;

struct Copy {
    fs::path path;
    fs::file_time_type at;
    std::int64_t bytes;
};

bool is_number(std::string_view text) {
    return !text.empty() && text.find_first_not_of("0123456789") == std::string_view::npos;
}

// Whatever else somebody has put there is not ours to remove.
bool is_copy(const fs::path& path) {
    const std::string name = path.stem().string();
    const auto dash = name.find('-');
    return path.extension() == ".rdb" && dash != std::string::npos &&
           is_number(std::string_view{name}.substr(0, dash)) &&
           is_number(std::string_view{name}.substr(dash + 1));
}

std::vector<Copy> newest_first(const fs::path& directory) {
    std::vector<Copy> copies;
    for (const auto& entry : fs::directory_iterator{directory})
        if (entry.is_regular_file() && is_copy(entry.path()))
            copies.push_back({entry.path(), entry.last_write_time(),
                              static_cast<std::int64_t>(entry.file_size())});
    std::ranges::sort(copies, [](const Copy& one, const Copy& other) { return one.at > other.at; });
    return copies;
}

// Never the one that was just made.
void remove_beyond(const fs::path& directory, const fs::path& newest,
                   const QuarantineLimits& limits) {
    std::int64_t files = 1;
    auto bytes = static_cast<std::int64_t>(fs::file_size(newest));
    for (const Copy& copy : newest_first(directory)) {
        if (copy.path == newest) continue;
        bytes += copy.bytes;
        std::error_code is_tried_again_next_time;
        if (++files > limits.files || bytes > limits.bytes)
            fs::remove(copy.path, is_tried_again_next_time);
    }
}

void bring_to_disk(const fs::path& directory) {
    const event::Descriptor opened{open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)};
    if (opened.is_open()) fsync(opened.number());
}

}  // namespace

core::Result<std::string> keep_in_quarantine(const std::string& data_directory,
                                             const std::string& snapshot,
                                             const core::Lineage& lineage,
                                             const QuarantineLimits& limits) try {
    const auto bytes = static_cast<std::int64_t>(fs::file_size(snapshot));
    if (bytes > limits.bytes)
        return core::Error{core::Fault::refused, "their " + std::to_string(bytes) +
                                                     " bytes are more than all copies "
                                                     "together may have (QUARANTINE_MAX_MB)"};
    const fs::path directory = fs::path{data_directory} / "quarantine";
    if (fs::create_directory(directory)) fs::permissions(directory, fs::perms::owner_all);
    const fs::path copy =
        directory / (std::to_string(lineage.term) + '-' + std::to_string(lineage.offset) + ".rdb");
    // A former life may have come as far as this, too.
    const fs::path unfinished = copy.string() + ".new";
    fs::remove(unfinished);
    fs::create_hard_link(snapshot, unfinished);
    fs::rename(unfinished, copy);
    bring_to_disk(directory);
    bring_to_disk(data_directory);
    try {
        remove_beyond(directory, copy, limits);
    } catch (const fs::filesystem_error&) {
        // Somebody removes them, too. The next one tries it again.
    }
    return copy.string();
} catch (const fs::filesystem_error& error) {
    return core::Error{core::Fault::refused, error.what()};
}

}  // namespace redis_zk::redis_wrapper
