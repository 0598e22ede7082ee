// Files that are read and replaced as a whole.
#pragma once

#include <optional>
#include <string>

#include "common/core/result.h"

namespace redis_zk::server {

enum class Durability {
    until_restart,  // of the machine: never blocks for long
    on_disk,        // waits for the disk: some 0.2 ms here, 30 ms on a slow one, more under load
};

// Whoever reads the file sees the old content or the new one, never a part. Mode 0600. A file that
// a killed predecessor left behind half written is replaced. An error says what failed and why.
core::Result<core::Done> replace_file(const std::string& path, const std::string& content,
                                      Durability durability);

// Nothing when there is no such file. A file of more than 1 MiB is an error: it is not ours.
core::Result<std::optional<std::string>> read_file(const std::string& path);

// "cannot write /data/x: No space left on device", from errno.
core::Error file_error(const std::string& what, const std::string& path);

}  // namespace redis_zk::server
