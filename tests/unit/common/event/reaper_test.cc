#include "common/event/reaper.h"

#include <cerrno>
#include <csignal>
#include <memory>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/event/child_process.h"
#include "tests/unit/common/event/run_until.h"

namespace redis_zk::event {
namespace {

using Kind = ExitStatus::Kind;

Command shell(const std::string& script) { return {"sh", {"-c", script}, {}, {}}; }

bool exists(pid_t process) { return ::kill(process, 0) == 0; }

// As PID 1 of a container is: the parent of every orphan below us.
void adopt_orphans() { ASSERT_EQ(prctl(PR_SET_CHILD_SUBREAPER, 1), 0); }

TEST(Reaper, GivesEachChildItsOwnStatus) {
    Loop loop;
    Reaper reaper{loop};
    std::vector<int> statuses(20, -1);
    std::size_t ended = 0;
    std::vector<std::unique_ptr<ChildProcess>> children;
    for (std::size_t i = 0; i < statuses.size(); ++i)
        children.push_back(std::make_unique<ChildProcess>(
            loop, reaper, shell("exit " + std::to_string(i)),
            ChildProcess::Handlers{nullptr, [&, i](const ExitStatus& status) {
                                       statuses[i] = status.number;
                                       ++ended;
                                   }}));
    ASSERT_TRUE(run_until(loop, [&] { return ended == statuses.size(); }));

    for (std::size_t i = 0; i < statuses.size(); ++i) EXPECT_EQ(statuses[i], static_cast<int>(i));
}

TEST(Reaper, DoesNotMissAChildThatEndsBeforeItIsWatched) {
    Loop loop;
    Reaper reaper{loop};
    ExitStatus seen;
    const pid_t child = fork();
    if (child == 0) _exit(6);
    siginfo_t info{};
    ASSERT_EQ(waitid(P_PID, static_cast<id_t>(child), &info, WEXITED | WNOWAIT), 0);
    reaper.watch(child, [&](ExitStatus status) { seen = status; });

    EXPECT_TRUE(run_until(loop, [&] { return seen == ExitStatus{Kind::exited, 6, {}}; }));
}

TEST(Reaper, ReapsOrphansThatNobodyHasHeardOf) {
    adopt_orphans();
    Loop loop;
    Reaper reaper{loop};
    pid_t orphan = 0;
    bool ended = false;
    ChildProcess child{
        loop, reaper, shell("sleep 1000 & echo $!"),
        ChildProcess::Handlers{[&](const std::string& line) { orphan = std::stoi(line); },
                               [&](const ExitStatus&) { ended = true; }}};
    ASSERT_TRUE(run_until(loop, [&] { return ended; }));
    ASSERT_TRUE(exists(orphan));
    ::kill(orphan, SIGKILL);

    EXPECT_TRUE(run_until(loop, [&] { return !exists(orphan); }));  // a zombie would still exist
}

TEST(Reaper, ReapsChildrenThatEndedBeforeItWasMade) {
    const pid_t child = fork();
    if (child == 0) _exit(0);
    siginfo_t info{};
    ASSERT_EQ(waitid(P_PID, static_cast<id_t>(child), &info, WEXITED | WNOWAIT), 0);
    Loop loop;
    Reaper reaper{loop};

    EXPECT_TRUE(run_until(loop, [&] { return !exists(child); }));
}

TEST(Reaper, CallsNobodyBackWhoWasForgotten) {
    Loop loop;
    Reaper reaper{loop};
    bool called = false;
    const pid_t child = fork();
    if (child == 0) _exit(0);
    reaper.watch(child, [&](ExitStatus) { called = true; });
    reaper.forget(child);

    EXPECT_TRUE(run_until(loop, [&] { return !exists(child); }));
    EXPECT_FALSE(called);
}

// A process like our main: tells the number of its child, and then does its work for ever.
[[noreturn]] void be_a_wrapper(int tell) {
    Loop loop;
    Reaper reaper{loop};
    ChildProcess child{loop, reaper, shell("trap '' TERM HUP; echo ready; exec sleep 1000"),
                       ChildProcess::Handlers{[&](const std::string&) {
                                                  const pid_t pid = child.pid();
                                                  if (write(tell, &pid, sizeof pid) < 0) _exit(1);
                                              },
                                              nullptr}};
    _exit(loop.run());
}

TEST(ChildProcess, DiesWithItsParentEvenIfTheParentIsKilled) {
    adopt_orphans();  // so that we can see how the grandchild ended
    int ends[2];
    ASSERT_EQ(pipe(ends), 0);
    const pid_t wrapper = fork();
    if (wrapper == 0) be_a_wrapper(ends[1]);
    pid_t grandchild = 0;
    ASSERT_EQ(read(ends[0], &grandchild, sizeof grandchild),
              static_cast<ssize_t>(sizeof grandchild));
    close(ends[0]);
    close(ends[1]);
    pollfd ended{static_cast<int>(syscall(SYS_pidfd_open, grandchild, 0)), POLLIN, 0};
    ASSERT_GE(ended.fd, 0);
    ::kill(wrapper, SIGKILL);
    ASSERT_EQ(waitpid(wrapper, nullptr, 0), wrapper);

    EXPECT_EQ(poll(&ended, 1, 1000), 1) << "it still lives one second later";
    close(ended.fd);
    ::kill(grandchild, SIGKILL);  // whatever happened, nothing stays behind
    int status = 0;
    ASSERT_EQ(waitpid(grandchild, &status, 0), grandchild);
    EXPECT_EQ(from_wait_status(status), (ExitStatus{Kind::signalled, SIGKILL, {}}));
}

}  // namespace
}  // namespace redis_zk::event
