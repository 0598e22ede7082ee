#include "common/event/child_process.h"

#include <algorithm>
#include <array>
#include <cassert>
#include <cerrno>
#include <csignal>
#include <string_view>
#include <utility>

#include <sys/ioctl.h>
#include <sys/wait.h>
#include <unistd.h>

namespace redis_zk::event {
namespace {

// So much per round of the loop: a child that floods us gets its turn, and so does everybody else.
constexpr std::size_t bytes_per_round = 16 * 1024;

// A redis-server that saves in the background has a child of its own, which would go on. The group
// exists as soon as the child has run far enough to make it.
void kill_with_its_children(pid_t child) {
    if (::kill(-child, SIGKILL) != 0) ::kill(child, SIGKILL);
}

}  // namespace

ChildProcess::ChildProcess(Loop& loop, Reaper& reaper, Command command, Handlers handlers)
    : reaper_{reaper},
      command_{std::move(command)},
      on_line_{std::move(handlers.on_line)},
      on_exit_{std::move(handlers.on_exit)},
      could_not_start_{loop, [this] { tell(); }},
      output_{loop, [this](Readiness::Ready) { read_output(); }} {
    auto spawned = spawn(command_);
    if (!spawned) {
        const auto& error = spawned.error();
        status_ = {ExitStatus::Kind::not_started, error.code, error.message};
        could_not_start_.schedule();
        return;
    }
    spawned_ = std::move(spawned).value();
    reaper_.watch(spawned_.child, [this](ExitStatus status) { ended(std::move(status)); });
    [[maybe_unused]] const bool watched =
        output_.watch(spawned_.output.number(), Readiness::Interest::read);
    assert(watched);  // every pipe can be
}

ChildProcess::~ChildProcess() {
    if (spawned_.child == 0) return;
    reaper_.forget(spawned_.child);
    kill_with_its_children(spawned_.child);
    while (waitpid(spawned_.child, nullptr, 0) < 0 && errno == EINTR) {
    }
}

void ChildProcess::kill(int signal) {
    // kill(0, ...) would reach our own process group.
    if (spawned_.child <= 0) return;
    if (signal == SIGKILL)
        kill_with_its_children(spawned_.child);
    else
        ::kill(spawned_.child, signal);
}

void ChildProcess::read_output() { static_cast<void>(deliver(bytes_per_round)); }

// Reads once and hands on the lines that are complete. False: a handler has destroyed us.
bool ChildProcess::deliver(std::size_t at_most) {
    std::array<char, bytes_per_round> bytes;
    const auto count =
        read(spawned_.output.number(), bytes.data(), std::min(at_most, bytes.size()));
    if (count < 0 && (errno == EAGAIN || errno == EINTR)) return true;
    if (count <= 0) {
        close_output();
        return true;
    }
    lines_.append(std::string_view{bytes.data(), static_cast<std::size_t>(count)});
    while (const auto line = lines_.next_line())
        if (!on_line_.call(*line)) return false;
    return true;
}

// The child is dead, so what it wrote is in the pipe now; what comes later is a grandchild's. The
// kernel says how much that is, which ends this even if a grandchild goes on writing.
bool ChildProcess::deliver_the_rest() {
    int waiting = 0;
    if (spawned_.output.is_open()) ioctl(spawned_.output.number(), FIONREAD, &waiting);
    for (auto left = static_cast<std::size_t>(waiting); left > 0 && spawned_.output.is_open();) {
        const auto portion = std::min(left, bytes_per_round);
        if (!deliver(portion)) return false;
        left -= portion;  // a pipe that holds so much gives so much
    }
    close_output();
    const auto last = lines_.rest();
    return !last || on_line_.call(*last);
}

void ChildProcess::ended(ExitStatus status) {
    spawned_.child = 0;
    if (auto failure = failure_of(spawned_, command_)) status = std::move(*failure);
    status_ = std::move(status);
    if (deliver_the_rest()) tell();
}

void ChildProcess::tell() {
    const auto status = status_;  // outlives us if the handler destroys us
    static_cast<void>(on_exit_.call(status));
}

void ChildProcess::close_output() {
    output_.reset();
    spawned_.output.close();
}

}  // namespace redis_zk::event
