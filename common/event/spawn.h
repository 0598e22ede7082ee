// Starts an executable in a new process: the part of ChildProcess that has to do with fork and
// exec, and with what a child must not inherit. Knows no loop. We stand still until the kernel has
// replaced the child by the executable, or the child has failed: some tenths of a millisecond.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include <sys/types.h>

#include "common/core/result.h"
#include "common/event/descriptor.h"
#include "common/event/exit_status.h"

namespace redis_zk::event {

struct Command {
    std::string executable;              // an absolute path, or a name that is looked up in PATH
    std::vector<std::string> arguments;  // without the name of the executable
    std::map<std::string, std::string> environment;  // added to ours; wins over it
    std::string working_directory;                   // empty: ours
    // False: `environment` is all that the child gets. In ours there may be secrets.
    bool inherits_environment = true;
};

struct Spawned {
    pid_t child = 0;
    Descriptor output;   // what the child writes to stdout and stderr; does not block
    Descriptor failure;  // says why the child could not become the executable; does not block
};

// The child
// - gets SIGKILL when this process dies, however it dies (PR_SET_PDEATHSIG; the kernel drops that
//   for an executable with set-user-id or capabilities);
// - has the default for each signal and blocks none;
// - has three descriptors: stdin is empty, stdout and stderr are the output;
// - is the leader of a process group of its own: a Ctrl-C at the terminal reaches only us, and we
//   decide what the child gets.
// Error (its code is the errno): no process could be made. That the executable does not exist is
// known later, from failure_of().
core::Result<Spawned> spawn(const Command& command);

// To be asked when the child has ended. Nothing: it did become the executable.
std::optional<ExitStatus> failure_of(const Spawned& spawned, const Command& command);

}  // namespace redis_zk::event
