// One running executable: our redis-server or redis-sentinel. It never outlives us, its output
// comes to us as lines, and its end is told once. See spawn.h for what it inherits and what not.
//
// Nothing here blocks, with one exception: destroying a child that still lives kills it with
// SIGKILL and waits for the kernel to be done with it.
#pragma once

#include <cstddef>
#include <functional>
#include <string>

#include <sys/types.h>

#include "common/event/exit_status.h"
#include "common/event/handler.h"
#include "common/event/line_buffer.h"
#include "common/event/loop.h"
#include "common/event/next_turn.h"
#include "common/event/readiness.h"
#include "common/event/reaper.h"
#include "common/event/spawn.h"

namespace redis_zk::event {

class ChildProcess {
  public:
    // In bytes; a longer line of output comes as several.
    static constexpr std::size_t longest_line = 8192;

    // All are called on the loop, never from inside the constructor, and may destroy the child.
    struct Handlers {
        // One line of what the child wrote to stdout or stderr, without the newline. A last line
        // without one is delivered too, when the child has ended.
        std::function<void(const std::string&)> on_line;

        // Called exactly once, after the last line, also if the executable could not be started.
        // A grandchild that still holds the output open does not delay it: all that the child
        // itself has written is delivered; what the grandchild writes later is not, and its next
        // write fails.
        std::function<void(const ExitStatus&)> on_exit;
    };

    ChildProcess(Loop& loop, Reaper& reaper, Command command, Handlers handlers);
    ~ChildProcess();
    ChildProcess(const ChildProcess&) = delete;
    ChildProcess& operator=(const ChildProcess&) = delete;

    // 0 when it has ended or could not be started. Until on_exit the number is nobody else's.
    pid_t pid() const { return spawned_.child; }

    // Sends a signal; nothing happens when the child has ended already. SIGKILL reaches the whole
    // process group of the child: its own children, too.
    void kill(int signal);

  private:
    void read_output();
    void ended(ExitStatus status);
    void tell();
    bool deliver(std::size_t at_most);
    bool deliver_the_rest();
    void close_output();

    Reaper& reaper_;
    Command command_;
    Handler<const std::string&> on_line_;
    Handler<const ExitStatus&> on_exit_;
    LineBuffer lines_{longest_line};
    ExitStatus status_;
    NextTurn could_not_start_;
    Spawned spawned_;
    Readiness output_;  // last: stops watching before the descriptor is closed
};

}  // namespace redis_zk::event
