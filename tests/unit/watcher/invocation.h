// How tests of the configuration read one: on loopback, see tests/support/invocation.h. And
// scripts, to be run as hooks.
#pragma once

#include <string>
#include <vector>

#include <sys/stat.h>

#include "tests/support/invocation.h"
#include "tests/support/temporary_directory.h"
#include "watcher/config.h"

namespace redis_zk::watcher {

inline ReadConfig read(Environment environment, std::vector<std::string> arguments = {}) {
    return read_config(test::on_loopback(std::move(environment), std::move(arguments)));
}

// The path of a shell script that can be executed.
inline std::string script(const test::TemporaryDirectory& directory, const std::string& name,
                          const std::string& text) {
    const std::string path = directory.write(name, "#!/bin/sh\n" + text + "\n");
    chmod(path.c_str(), S_IRWXU);
    return path;
}

}  // namespace redis_zk::watcher
