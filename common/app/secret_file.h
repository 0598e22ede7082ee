// A password or token in a file, as Docker, Kubernetes and Marathon hand one over.
#pragma once

#include <optional>
#include <string>

#include "common/core/result.h"

namespace redis_zk::app {

struct Secret {
    std::string content;  // without the newline at the end that editors leave
    std::optional<std::string>
        warning;  // when others may read the file; its group not counting if it is not ours
};

// Refused when the file cannot be read, is empty, is longer than 4 KiB, or holds more than one
// line: a second line would become a line of its own in a generated configuration. No sentence
// contains the content.
core::Result<Secret> read_secret_file(const std::string& path);

// The same rules for a secret that came from the environment. "" when it is good.
std::string wrong_with_secret(const std::string& content);

}  // namespace redis_zk::app
