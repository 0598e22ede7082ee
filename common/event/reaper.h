// Takes leave of every child process that has ended, so that no zombie stays behind. One for each
// process, owned by main beside the Loop; destroyed after every ChildProcess.
//
// In a container the wrapper may be PID 1. Then the kernel hands it each orphan of the container,
// processes it has never heard of, and only their parent can remove them. So it asks for *any*
// child, and passes on the status of those that somebody is waiting for. Nothing else in the
// process may call wait(), system() or popen(): it would steal or lose a status.
//
// There is no race between fork and SIGCHLD: the signal is a callback on the loop, and whoever
// forks calls watch() in the same callback. A child that ends in between stays a zombie, and keeps
// its number, until the loop comes round to it.
#pragma once

#include <functional>
#include <map>

#include <sys/types.h>

#include "common/event/exit_status.h"
#include "common/event/loop.h"
#include "common/event/next_turn.h"
#include "common/event/signal.h"

namespace redis_zk::event {

class Reaper {
  public:
    explicit Reaper(Loop& loop);
    ~Reaper();
    Reaper(const Reaper&) = delete;
    Reaper& operator=(const Reaper&) = delete;

    // Calls back once, on the loop, when the child has ended; its number is free from then on.
    // To be called in the same callback as fork().
    void watch(pid_t child, std::function<void(ExitStatus)> on_end);

    // Calls nobody back any more; the child is still reaped when it ends.
    void forget(pid_t child);

  private:
    void reap();

    std::map<pid_t, std::function<void(ExitStatus)>> watched_;
    NextTurn first_look_;
    Signal signal_;
};

}  // namespace redis_zk::event
