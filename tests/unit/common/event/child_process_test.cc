#include "common/event/child_process.h"

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/unit/common/event/run_until.h"

namespace redis_zk::event {
namespace {

using std::chrono::milliseconds;
using Kind = ExitStatus::Kind;
using Lines = std::vector<std::string>;

Command shell(const std::string& script) { return {"sh", {"-c", script}, {}, {}}; }

bool exists(pid_t process) { return ::kill(process, 0) == 0; }

struct ChildProcessTest : testing::Test {
    void start(Command command) {
        child = std::make_unique<ChildProcess>(
            loop, reaper, std::move(command),
            ChildProcess::Handlers{[this](const std::string& line) { lines.push_back(line); },
                                   [this](const ExitStatus& status) {
                                       ended = status;
                                       ++endings;
                                       lines_at_the_end = lines.size();
                                   }});
    }
    bool run_to_the_end() {
        return run_until(loop, [this] { return ended.has_value(); });
    }

    Loop loop;
    Reaper reaper{loop};
    Lines lines;
    std::optional<ExitStatus> ended;
    int endings = 0;
    std::size_t lines_at_the_end = 0;
    std::unique_ptr<ChildProcess> child;
};

TEST_F(ChildProcessTest, DeliversItsOutputAsLinesAndThenItsEnd) {
    start(shell("echo one; echo two >&2; printf three; exit 3"));
    ASSERT_GT(child->pid(), 0);
    ASSERT_TRUE(run_to_the_end());

    EXPECT_EQ(lines, (Lines{"one", "two", "three"}));
    EXPECT_EQ(lines_at_the_end, 3u);
    EXPECT_EQ(ended, (ExitStatus{Kind::exited, 3, {}}));
    EXPECT_EQ(child->pid(), 0);
}

TEST_F(ChildProcessTest, TellsItsEndOnce) {
    start(shell("exit 0"));
    ASSERT_TRUE(run_to_the_end());
    start(shell("exit 0"));
    ASSERT_TRUE(run_until(loop, [this] { return endings > 1; }));

    EXPECT_EQ(endings, 2);
}

TEST_F(ChildProcessTest, DeliversAllOfALargeOutputBeforeItsEnd) {
    start({"seq", {"200000"}, {}, {}});
    ASSERT_TRUE(run_to_the_end());

    EXPECT_EQ(lines_at_the_end, 200000u);
    EXPECT_EQ(lines.back(), "200000");
}

TEST_F(ChildProcessTest, DeliversWhatIsInThePipeWhenItEndsWhileNobodyReads) {
    start(shell("seq 5000; printf last"));
    // The loop stands still until it has ended: all its output is still in the pipe.
    siginfo_t info{};
    ASSERT_EQ(waitid(P_PID, static_cast<id_t>(child->pid()), &info, WEXITED | WNOWAIT), 0);
    ASSERT_TRUE(run_to_the_end());

    EXPECT_EQ(lines_at_the_end, 5001u);
    EXPECT_EQ(lines.back(), "last");
}

TEST_F(ChildProcessTest, CutsALineThatNeverEnds) {
    start(shell("head -c 100000 /dev/zero | tr '\\0' x"));
    ASSERT_TRUE(run_to_the_end());

    std::size_t length = 0;
    for (const auto& line : lines) {
        EXPECT_LE(line.size(), ChildProcess::longest_line);
        length += line.size();
    }
    EXPECT_EQ(length, 100000u);
}

TEST_F(ChildProcessTest, ThatFloodsUsDoesNotStarveTimers) {
    start({"yes", {}, {}, {}});
    ASSERT_TRUE(run_until(loop, [this] { return lines.size() > 1000; }));
    int ticks = 0;
    core::milliseconds longest{0};
    core::TimePoint due = loop.now() + milliseconds{5};
    Timer* again = nullptr;
    Timer timer{loop, [&] {
                    longest = std::max(longest,
                                       std::chrono::duration_cast<milliseconds>(loop.now() - due));
                    lines.clear();
                    due = loop.now() + milliseconds{5};
                    if (++ticks < 50) again->start_at(due);
                }};
    again = &timer;
    timer.start_at(due);

    EXPECT_TRUE(run_until(loop, [&] { return ticks == 50; }));
    EXPECT_LT(longest, milliseconds{1000});  // a third of the shortest session timeout
    EXPECT_FALSE(ended);
}

TEST_F(ChildProcessTest, IsKilledWithASignal) {
    start({"sleep", {"1000"}, {}, {}});
    child->kill(SIGTERM);
    ASSERT_TRUE(run_to_the_end());

    EXPECT_EQ(ended, (ExitStatus{Kind::signalled, SIGTERM, {}}));
    EXPECT_EQ(number_of_shell(*ended), 128 + SIGTERM);
    child->kill(SIGTERM);  // nobody is there any more, least of all our own process group
}

TEST_F(ChildProcessTest, IsKilledTogetherWithItsOwnChildren) {
    start(shell("sleep 1000 & echo $!; wait"));
    ASSERT_TRUE(run_until(loop, [&] { return !lines.empty(); }));
    const pid_t grandchild = std::stoi(lines.front());
    ASSERT_TRUE(exists(grandchild));

    child->kill(SIGKILL);
    // An orphan is reaped by whoever is its new parent; until then it may be a zombie.
    EXPECT_TRUE(run_until(loop, [&] {
        std::ifstream status{"/proc/" + std::to_string(grandchild) + "/stat"};
        std::string number, name, state;
        return !(status >> number >> name >> state) || state == "Z";
    }));
}

TEST_F(ChildProcessTest, SaysWhichExecutableDoesNotExist) {
    start({"no-such-executable", {}, {}, {}});
    EXPECT_FALSE(ended);
    ASSERT_TRUE(run_to_the_end());

    EXPECT_EQ(ended->kind, Kind::not_started);
    EXPECT_EQ(ended->number, ENOENT);
    EXPECT_EQ(ended->reason, "cannot start no-such-executable: No such file or directory");
}

TEST_F(ChildProcessTest, SaysWhatMayNotBeExecuted) {
    start({"/etc/passwd", {}, {}, {}});
    ASSERT_TRUE(run_to_the_end());

    EXPECT_EQ(ended->kind, Kind::not_started);
    EXPECT_EQ(ended->number, EACCES);
    EXPECT_EQ(number_of_shell(*ended), 126);
}

TEST_F(ChildProcessTest, SaysWhichDirectoryDoesNotExist) {
    start({"true", {}, {}, "/no/such/directory"});
    ASSERT_TRUE(run_to_the_end());

    EXPECT_EQ(ended->reason, "cannot change into /no/such/directory: No such file or directory");
}

TEST_F(ChildProcessTest, SaysOnTheLoopThatNoDescriptorIsLeft) {
    rlimit before{};
    ASSERT_EQ(getrlimit(RLIMIT_NOFILE, &before), 0);
    const rlimit few{64, before.rlim_max};
    ASSERT_EQ(setrlimit(RLIMIT_NOFILE, &few), 0);
    std::vector<Descriptor> taken;
    while (true) {
        Descriptor next{dup(0)};
        if (!next.is_open()) break;
        taken.push_back(std::move(next));
    }
    taken.resize(taken.size() - 4);  // enough for one pipe, but not for two
    start(shell("exit 0"));
    taken.clear();
    setrlimit(RLIMIT_NOFILE, &before);
    EXPECT_FALSE(ended);
    ASSERT_TRUE(run_to_the_end());

    EXPECT_EQ(ended->kind, Kind::not_started);
    EXPECT_EQ(ended->number, EMFILE);
    EXPECT_EQ(child->pid(), 0);
}

TEST_F(ChildProcessTest, GetsItsArgumentsAndItsDirectory) {
    start({"/bin/sh", {"-c", "echo \"$1|$2|$(pwd)\"", "sh", "a b", ""}, {}, "/usr"});
    ASSERT_TRUE(run_to_the_end());

    EXPECT_EQ(lines, Lines{"a b||/usr"});
}

TEST_F(ChildProcessTest, GetsNothingButItsOwnEnvironmentWhenThatIsWanted) {
    setenv("TEST_SECRET", "hunter2", 1);
    start({"/usr/bin/env", {}, {{"TEST_OWN", "mine"}}, {}, false});
    ASSERT_TRUE(run_to_the_end());
    unsetenv("TEST_SECRET");

    EXPECT_EQ(lines, (Lines{"TEST_OWN=mine"}));
}

TEST_F(ChildProcessTest, GetsOurEnvironmentAndItsOwn) {
    setenv("TEST_INHERITED", "yes", 1);
    setenv("TEST_REPLACED", "old", 1);
    start({"env", {}, {{"TEST_REPLACED", "new"}, {"TEST_ADDED", "a=b"}}, {}});
    ASSERT_TRUE(run_to_the_end());

    std::erase_if(lines, [](const std::string& line) { return !line.starts_with("TEST_"); });
    std::ranges::sort(lines);
    EXPECT_EQ(lines, (Lines{"TEST_ADDED=a=b", "TEST_INHERITED=yes", "TEST_REPLACED=new"}));
}

TEST_F(ChildProcessTest, HasTheDefaultForEachSignalAndBlocksNone) {
    sigset_t blocked;
    sigset_t before;
    sigemptyset(&blocked);
    sigaddset(&blocked, SIGUSR1);
    sigprocmask(SIG_BLOCK, &blocked, &before);
    std::signal(SIGUSR2, SIG_IGN);
    start({"grep", {"-E", "^Sig(Blk|Ign)", "/proc/self/status"}, {}, {}});
    sigset_t ours;
    sigprocmask(SIG_SETMASK, &before, &ours);
    ASSERT_TRUE(run_to_the_end());

    EXPECT_EQ(lines, (Lines{"SigBlk:\t0000000000000000", "SigIgn:\t0000000000000000"}));
    EXPECT_TRUE(sigismember(&ours, SIGUSR1));  // and ours is as it was
    EXPECT_FALSE(sigismember(&ours, SIGTERM));
    EXPECT_EQ(std::signal(SIGUSR2, SIG_DFL), SIG_IGN);
}

TEST_F(ChildProcessTest, HasBecomeTheExecutableAsSoonAsItIsStarted) {
    start({"sleep", {"1000"}, {}, {}});
    // Not its name, which the kernel changes a moment later.
    const auto executable =
        std::filesystem::read_symlink("/proc/" + std::to_string(child->pid()) + "/exe");

    EXPECT_EQ(executable.filename(), "sleep");
}

TEST_F(ChildProcessTest, InheritsNoDescriptorOfOurs) {
    const Descriptor open{fcntl(0, F_DUPFD, 200)};
    ASSERT_TRUE(open.is_open());
    start({"ls", {"/proc/self/fd"}, {}, {}});
    ASSERT_TRUE(run_to_the_end());

    EXPECT_EQ(lines, (Lines{"0", "1", "2", "3"}));  // 3: the directory that ls is reading
}

TEST_F(ChildProcessTest, HasAnEmptyInput) {
    start({"cat", {}, {}, {}});
    ASSERT_TRUE(run_to_the_end());

    EXPECT_EQ(ended, (ExitStatus{Kind::exited, 0, {}}));
}

TEST_F(ChildProcessTest, HasAProcessGroupOfItsOwn) {
    start({"sleep", {"1000"}, {}, {}});

    EXPECT_EQ(getpgid(child->pid()), child->pid());
}

TEST_F(ChildProcessTest, StartsEvenIfWeHaveNoStandardDescriptors) {
    Descriptor output{fcntl(1, F_DUPFD_CLOEXEC, 100)};
    Descriptor input{fcntl(0, F_DUPFD_CLOEXEC, 100)};
    close(0);
    close(1);
    start(shell("echo here; cat"));
    dup2(input.number(), 0);
    dup2(output.number(), 1);
    ASSERT_TRUE(run_to_the_end());

    EXPECT_EQ(lines, Lines{"here"});
    EXPECT_EQ(ended, (ExitStatus{Kind::exited, 0, {}}));
}

TEST_F(ChildProcessTest, IsKilledAndReapedWhenDestroyed) {
    start(shell("trap '' TERM INT; echo ready; exec sleep 1000"));
    ASSERT_TRUE(run_until(loop, [this] { return !lines.empty(); }));
    const pid_t pid = child->pid();
    child.reset();

    EXPECT_FALSE(exists(pid));  // not even as a zombie
    EXPECT_FALSE(ended);
}

TEST_F(ChildProcessTest, MayBeDestroyedWhileItDeliversALine) {
    pid_t pid = 0;
    child = std::make_unique<ChildProcess>(
        loop, reaper, shell("echo one; echo two; exec sleep 1000"),
        ChildProcess::Handlers{[&](const std::string& line) {
                                   lines.push_back(line);
                                   pid = child->pid();
                                   child.reset();
                               },
                               [&](const ExitStatus&) { ++endings; }});
    ASSERT_TRUE(run_until(loop, [&] { return pid != 0; }));

    EXPECT_EQ(lines, Lines{"one"});
    EXPECT_FALSE(exists(pid));
    EXPECT_EQ(endings, 0);
}

TEST_F(ChildProcessTest, MayBeDestroyedAndReplacedWhenItEnds) {
    int generation = 0;
    std::function<void(const ExitStatus&)> restart;
    const auto next = [&] {
        ++generation;
        child = std::make_unique<ChildProcess>(loop, reaper, shell("exit 4"),
                                               ChildProcess::Handlers{nullptr, restart});
    };
    restart = [&](const ExitStatus& status) {
        if (generation < 3) next();
        ended = generation == 3 ? std::optional{status} : std::nullopt;
    };
    next();
    ASSERT_TRUE(run_to_the_end());

    EXPECT_EQ(ended, (ExitStatus{Kind::exited, 4, {}}));
}

TEST_F(ChildProcessTest, EndsEvenIfAGrandchildKeepsTheOutputOpenAndWritesOn) {
    // Then it is our reaper that makes it disappear, whatever the PID 1 of this machine does.
    ASSERT_EQ(prctl(PR_SET_CHILD_SUBREAPER, 1), 0);
    start(shell("yes grandchild & echo $!"));
    siginfo_t info{};
    ASSERT_EQ(waitid(P_PID, static_cast<id_t>(child->pid()), &info, WEXITED | WNOWAIT), 0);
    ASSERT_TRUE(run_to_the_end());
    EXPECT_LT(lines.size(), 50'000u);  // it was not waited for

    EXPECT_EQ(ended, (ExitStatus{Kind::exited, 0, {}}));
    // And the grandchild finds its output closed: it is not left behind.
    const auto is_number = [](const std::string& line) {
        return line.find_first_not_of("0123456789") == std::string::npos;
    };
    const auto pid = std::ranges::find_if(lines, is_number);
    ASSERT_NE(pid, lines.end());
    const auto path = "/proc/" + *pid + "/comm";
    EXPECT_TRUE(run_until(loop, [&] { return access(path.c_str(), F_OK) != 0; }));
}

TEST_F(ChildProcessTest, EndsEvenIfASilentGrandchildKeepsTheOutputOpen) {
    start(shell("sleep 1000 & echo $!; printf partial"));
    ASSERT_TRUE(run_to_the_end());
    ASSERT_EQ(lines.size(), 2u);
    ::kill(std::stoi(lines[0]), SIGKILL);

    EXPECT_EQ(lines[1], "partial");
    EXPECT_EQ(lines_at_the_end, 2u);
}

TEST_F(ChildProcessTest, MayCloseItsOutputAndLiveOn) {
    start(shell("exec >/dev/null 2>&1; kill -STOP $$; exit 5"));
    siginfo_t info{};
    ASSERT_EQ(waitid(P_PID, static_cast<id_t>(child->pid()), &info, WSTOPPED), 0);
    bool later = false;
    Timer timer{loop, [&] { later = true; }};
    timer.start(milliseconds{10});
    ASSERT_TRUE(run_until(loop, [&] { return later; }));
    EXPECT_FALSE(ended);
    child->kill(SIGCONT);
    ASSERT_TRUE(run_to_the_end());

    EXPECT_EQ(ended, (ExitStatus{Kind::exited, 5, {}}));
}

}  // namespace
}  // namespace redis_zk::event
