// How a child process ended, and how to say so: to the scheduler that started us, as our own exit
// status, and to people.
#pragma once

#include <string>

namespace redis_zk::event {

struct ExitStatus {
    enum class Kind {
        exited,       // by itself; number is its exit status
        signalled,    // number is the signal that killed it
        not_started,  // it never ran; number is the errno, reason a sentence without a full stop
    };

    Kind kind = Kind::exited;
    int number = 0;
    std::string reason;  // of not_started only

    bool operator==(const ExitStatus&) const = default;
};

// From what waitpid() reports about a child that has ended.
ExitStatus from_wait_status(int wait_status);

// The number a shell would report, which is what schedulers expect: the child's own; 128 + n after
// signal n; 127 if there is no such executable, 126 if it could not be started.
int number_of_shell(const ExitStatus& status);

// "exit status 3", "signal 9 (KILL)", "cannot start redis-server: No such file or directory".
std::string spoken(const ExitStatus& status);

}  // namespace redis_zk::event
