// What a redis-server that was killed has begun to write in its data directory: snapshots,
// append-only files, and what it was getting from its master. Their names have a process number or
// a time in them, so no later life overwrites them, and redis-server itself never removes them
// [measured, 7.0.15].
//
// Its saving child lives on for a while: it notices that its parent is gone when it has saved
// another 1024 keys and a second is over, or only at its end, when it puts its snapshot in the
// place of the last one. Without its file it cannot do that, hence never below a later life.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace redis_zk::redis_wrapper {

// "temp-4711.rdb", "temp-1732190400.4711.rdb", "temp-rewriteaof-4711.aof",
// "temp-rewriteaof-bg-4711.aof".
bool is_unfinished_save(std::string_view file_name);

// Their paths. By who has the lock of the directory, before the redis-server starts: it may begin
// saves of its own.
std::vector<std::string> unfinished_saves(const std::string& data_directory);

// As soon as the redis-server answers, for a start that it refuses changes nothing. Those that were
// removed; what cannot be removed is tried again by the next life.
std::vector<std::string> remove_unfinished_saves(std::vector<std::string> paths);

}  // namespace redis_zk::redis_wrapper
