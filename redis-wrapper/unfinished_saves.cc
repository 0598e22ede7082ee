#include "redis-wrapper/unfinished_saves.h"

#include <filesystem>

namespace redis_zk::redis_wrapper {

namespace {

bool take_beginning(std::string_view& text, std::string_view beginning) {
    if (!text.starts_with(beginning)) return false;
    text.remove_prefix(beginning.size());
    return true;
}

bool are_numbers(std::string_view text) {
    return !text.empty() && text.front() != '.' && text.back() != '.' &&
           text.find_first_not_of("0123456789.") == std::string_view::npos;
}

}  // namespace

bool is_unfinished_save(std::string_view name) {
    const bool is_snapshot = name.ends_with(".rdb");
    if (!is_snapshot && !name.ends_with(".aof")) return false;
    name.remove_suffix(4);
    if (!take_beginning(name, "temp-")) return false;
    if (!is_snapshot && !take_beginning(name, "rewriteaof-")) return false;
    if (!is_snapshot) take_beginning(name, "bg-");
    return are_numbers(name);
}

std::vector<std::string> unfinished_saves(const std::string& data_directory) {
    namespace fs = std::filesystem;
    std::error_code error;
    std::vector<std::string> paths;
    for (const auto& entry : fs::directory_iterator{data_directory, error})
        if (is_unfinished_save(entry.path().filename().string()) && !entry.is_directory(error))
            paths.push_back(entry.path().string());
    return paths;
}

std::vector<std::string> remove_unfinished_saves(std::vector<std::string> paths) {
    std::error_code error;
    std::erase_if(
        paths, [&error](const std::string& path) { return !std::filesystem::remove(path, error); });
    return paths;
}

}  // namespace redis_zk::redis_wrapper
