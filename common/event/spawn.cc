#include "common/event/spawn.h"

#include <array>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <utility>

#include <dirent.h>
#include <fcntl.h>
#include <linux/close_range.h>
#include <sys/prctl.h>
#include <unistd.h>

namespace redis_zk::event {
namespace {

enum class Step { prepare, change_directory, execute };

// What a child that failed tells its parent, in one write.
struct Failure {
    Step step;
    int error;
};

// Everything the child needs, made before it exists, so that it allocates nothing.
struct Prepared {
    pid_t parent;
    const char* executable;
    const char* working_directory;  // null: ours
    std::vector<std::string> words;
    std::vector<char*> arguments;
    std::vector<char*> environment;
    int input, output, failure;
};

std::vector<char*> pointers_to(std::vector<std::string>::iterator begin,
                               std::vector<std::string>::iterator end) {
    std::vector<char*> pointers;
    for (auto word = begin; word != end; ++word) pointers.push_back(word->data());
    pointers.push_back(nullptr);
    return pointers;
}

Prepared prepare(const Command& command) {
    Prepared prepared{};
    prepared.parent = getpid();
    prepared.executable = command.executable.c_str();
    if (!command.working_directory.empty())
        prepared.working_directory = command.working_directory.c_str();

    auto& words = prepared.words;
    words.push_back(command.executable);
    words.insert(words.end(), command.arguments.begin(), command.arguments.end());
    const auto arguments = static_cast<std::ptrdiff_t>(words.size());
    char** const ours = command.inherits_environment ? environ : nullptr;
    for (char** entry = ours; entry && *entry; ++entry) {
        const std::string text{*entry};
        if (!command.environment.contains(text.substr(0, text.find('=')))) words.push_back(text);
    }
    for (const auto& [name, value] : command.environment) words.push_back(name + "=" + value);

    prepared.arguments = pointers_to(words.begin(), words.begin() + arguments);
    prepared.environment = pointers_to(words.begin() + arguments, words.end());
    return prepared;
}

// Signals are blocked since before there was a child: a handler of ours, run in the child, would
// write into the pipe that wakes our loop, and into our memory. First all handlers go, then what
// has arrived may take effect.
void reset_signals() noexcept {
    struct sigaction standard {};
    standard.sa_handler = SIG_DFL;
    for (int number = 1; number < NSIG; ++number) sigaction(number, &standard, nullptr);
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, nullptr);
}

// The libraries do not all open their descriptors with close-on-exec; a redis-server that holds
// our ZooKeeper socket would keep the session's connection half alive. Done to ours, before there
// is a child: to list them allocates, which the child must not.
void close_others_on_exec() noexcept {
    if (close_range(3, ~0U, CLOSE_RANGE_CLOEXEC) == 0) return;
    // Linux before 5.11, or a sandbox that does not know the call.
    DIR* directory = opendir("/proc/self/fd");
    if (!directory) return;
    while (const dirent* entry = readdir(directory)) {
        const int number = std::atoi(entry->d_name);
        if (number > 2) fcntl(number, F_SETFD, FD_CLOEXEC);
    }
    closedir(directory);
}

bool redirect(const Prepared& prepared) noexcept {
    return dup2(prepared.input, STDIN_FILENO) >= 0 && dup2(prepared.output, STDOUT_FILENO) >= 0 &&
           dup2(prepared.output, STDERR_FILENO) >= 0;
}

[[noreturn]] void fail(const Prepared& prepared, Step step) noexcept {
    const Failure failure{step, errno};
    [[maybe_unused]] const auto written = write(prepared.failure, &failure, sizeof failure);
    _exit(127);
}

// Runs in our memory, on our stack, while we stand still: what it writes there is ours. So it makes
// system calls only, never returns into our frames, and has a frame of its own to keep its
// variables in.
[[noreturn, gnu::noinline]] void become(const Prepared& prepared) noexcept {
    if (prctl(PR_SET_PDEATHSIG, SIGKILL) != 0) fail(prepared, Step::prepare);
    // The parent may have died before the kernel knew that we want to hear of it.
    if (getppid() != prepared.parent) _exit(127);
    setpgid(0, 0);
    if (!redirect(prepared)) fail(prepared, Step::prepare);
    if (prepared.working_directory && chdir(prepared.working_directory) != 0)
        fail(prepared, Step::change_directory);
    reset_signals();
    execvpe(prepared.executable, prepared.arguments.data(), prepared.environment.data());
    fail(prepared, Step::execute);
}

// Never one of the three standard numbers, even if we were started without them: the child could
// not redirect into them what it still needs.
bool move_above_standard(Descriptor& descriptor) {
    if (!descriptor.is_open()) return false;
    if (descriptor.number() > 2) return true;
    descriptor = Descriptor{fcntl(descriptor.number(), F_DUPFD_CLOEXEC, 3)};
    return descriptor.is_open();
}

struct Pipe {
    Descriptor read, write;
};

bool open_pipe(Pipe& pipe) {
    std::array<int, 2> ends{-1, -1};
    if (pipe2(ends.data(), O_CLOEXEC) != 0) return false;
    pipe.read = Descriptor{ends[0]};
    pipe.write = Descriptor{ends[1]};
    // Only our end: to write without blocking is nothing an executable expects of its stdout.
    return move_above_standard(pipe.read) && move_above_standard(pipe.write) &&
           fcntl(pipe.read.number(), F_SETFL, O_NONBLOCK) == 0;
}

core::Error error_of(const Command& command, int error) {
    return {core::Fault::ask_again,
            "cannot start " + command.executable + ": " + std::strerror(error), error};
}

}  // namespace

core::Result<Spawned> spawn(const Command& command) {
    Prepared prepared = prepare(command);
    Pipe output;
    Pipe failure;
    Descriptor input{open("/dev/null", O_RDONLY | O_CLOEXEC)};
    if (!move_above_standard(input) || !open_pipe(output) || !open_pipe(failure))
        return error_of(command, errno);
    prepared.input = input.number();
    prepared.output = output.write.number();
    prepared.failure = failure.write.number();

    close_others_on_exec();

    sigset_t all;
    sigset_t before;
    sigfillset(&all);
    sigprocmask(SIG_SETMASK, &all, &before);
    // fork would copy our page tables for a child that throws them away, and both would then pay
    // for each page that they touch: 0.2 ms in which no redis-server starts [measured].
    const pid_t child = vfork();
    if (child == 0) become(prepared);
    const int error = errno;
    sigprocmask(SIG_SETMASK, &before, nullptr);
    if (child < 0) return error_of(command, error);
    return Spawned{child, std::move(output.read), std::move(failure.read)};
}

std::optional<ExitStatus> failure_of(const Spawned& spawned, const Command& command) {
    Failure failure{};
    if (read(spawned.failure.number(), &failure, sizeof failure) != sizeof failure)
        return std::nullopt;
    const std::string what = failure.step == Step::change_directory
                                 ? "cannot change into " + command.working_directory
                                 : "cannot start " + command.executable;
    return ExitStatus{ExitStatus::Kind::not_started, failure.error,
                      what + ": " + std::strerror(failure.error)};
}

}  // namespace redis_zk::event
