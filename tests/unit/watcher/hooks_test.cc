#include "watcher/hooks.h"

#include <csignal>
#include <optional>
#include <sstream>

#include <gmock/gmock.h>
#include <sys/wait.h>

#include "tests/support/run_until.h"
#include "tests/unit/watcher/invocation.h"

namespace redis_zk::watcher {
namespace {

using namespace std::chrono_literals;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

Event switch_master(const std::string& to = "10.0.0.8") {
    return {"+switch-master", {"mymaster", "10.0.0.7", "1", to, "2"}, {"10.0.0.9", 31007}, {}};
}

class HooksTest : public testing::Test {
  protected:
    void use(const std::string& hook, core::milliseconds timeout = 10s, std::size_t queue = 100) {
        hooks_.emplace(loop_, reaper_,
                       Hooks::Options{.hooks = {{"+switch-master", hook}},
                                      .timeout = timeout,
                                      .queue = queue,
                                      .master_name = "mymaster",
                                      .zookeeper_hosts = "zk1:2181/prod",
                                      .zookeeper_root = "/redis"},
                       metrics_);
    }

    // What was logged until nothing runs any more.
    std::string log_until_idle() {
        testing::internal::CaptureStderr();
        EXPECT_TRUE(test::run_until(loop_, [this] { return hooks_->is_idle(); }));
        return testing::internal::GetCapturedStderr();
    }

    std::string log_of(const std::string& text, core::milliseconds timeout = 10s) {
        use(script(directory_, "hook", text), timeout);
        hooks_->run(switch_master());
        return log_until_idle();
    }

    double runs(const std::string& outcome) {
        return metrics_
            .counter("redis_zk_hook_runs_total", "", {{"hook", "hook"}, {"outcome", outcome}})
            .value();
    }

    std::vector<std::string> lines_of(const std::string& file) const {
        std::istringstream text{directory_.read(file)};
        std::vector<std::string> lines;
        for (std::string line; std::getline(text, line);) lines.push_back(line);
        return lines;
    }

    // A process that the hook has written down. 0 while it has not.
    pid_t process_in(const std::string& file) const {
        const auto lines = lines_of(file);
        return lines.empty() ? 0 : std::stoi(lines.front());
    }
    bool is_gone(pid_t process) {
        return test::run_until(loop_, [process] { return ::kill(process, 0) != 0; });
    }

    test::TemporaryDirectory directory_;
    event::Loop loop_;
    event::Reaper reaper_{loop_};
    app::Metrics metrics_;
    std::optional<Hooks> hooks_;
};

TEST_F(HooksTest, GetTheEventAndItsWordsAsArguments) {
    log_of("printf '%s\\n' \"$@\" >" + directory_.path() + "/arguments");
    EXPECT_THAT(lines_of("arguments"),
                ElementsAre("+switch-master", "mymaster", "10.0.0.7", "1", "10.0.0.8", "2"));
    EXPECT_EQ(runs("ok"), 1);
}

TEST_F(HooksTest, SeeWhatTheyNeedInTheEnvironmentAndNoSecret) {
    setenv("REDIS_PASSWORD", "hunter2", 1);
    setenv("TZ", "UTC", 1);
    log_of("env >" + directory_.path() + "/environment");
    unsetenv("REDIS_PASSWORD");
    unsetenv("TZ");
    const auto seen = lines_of("environment");
    for (const char* line :
         {"REDIS_ZK_EVENT=+switch-master", "REDIS_ZK_EVENT_TEXT=mymaster 10.0.0.7 1 10.0.0.8 2",
          "REDIS_ZK_AT=1970-01-01T00:00:00.000Z", "REDIS_ZK_SENTINEL=10.0.0.9:31007",
          "REDIS_ZK_MASTER_NAME=mymaster", "REDIS_ZK_HOSTS=zk1:2181/prod", "REDIS_ZK_ROOT=/redis",
          "TZ=UTC"})
        EXPECT_THAT(seen, Contains(line));
    EXPECT_THAT(seen, Not(Contains(HasSubstr("hunter2"))));
}

TEST_F(HooksTest, RunForTheirEventOnly) {
    use(script(directory_, "hook", "echo ran >>" + directory_.path() + "/ran"));
    hooks_->run({"+sdown", {}, {}, {}});
    EXPECT_TRUE(hooks_->is_idle());
}

TEST_F(HooksTest, DoNotStartInsideTheCallbackThatAsksForThem) {
    use(script(directory_, "hook", "echo ran >" + directory_.path() + "/ran"));
    hooks_->run(switch_master());
    EXPECT_FALSE(hooks_->is_idle());
    siginfo_t child{};
    EXPECT_EQ(waitid(P_ALL, 0, &child, WEXITED | WNOHANG | WNOWAIT), -1) << "we have a child";
    log_until_idle();
    EXPECT_EQ(directory_.read("ran"), "ran\n");
}

TEST_F(HooksTest, RunOneAtATimeInTheOrderOfTheEvents) {
    const std::string in = directory_.path();
    use(script(directory_, "hook",
               "cd " + in + "\nmkdir alone || echo two at once >>order\n" +
                   "until [ -e go ]; do sleep 0.01; done\necho $5 >>order\nrmdir alone"));
    hooks_->run(switch_master("a"));
    ASSERT_TRUE(test::run_until(loop_, [&] { return std::filesystem::exists(in + "/alone"); }));
    for (const char* host : {"b", "c", "d"}) hooks_->run(switch_master(host));
    test::run_what_is_due(loop_);
    directory_.write("go", "");
    log_until_idle();
    EXPECT_THAT(lines_of("order"), ElementsAre("a", "b", "c", "d"));
}

TEST_F(HooksTest, AreLoggedLineByLine) {
    const std::string log = log_of("echo hello; printf 'a\\033[31m' >&2");
    EXPECT_THAT(log, HasSubstr("hook: hello\n"));
    EXPECT_THAT(log, HasSubstr("hook: a\\x1b[31m\n"));
    EXPECT_THAT(log, HasSubstr("for +switch-master is done"));
}

TEST_F(HooksTest, ThatFailAreLoggedAndCounted) {
    EXPECT_THAT(log_of("exit 3"), HasSubstr("for +switch-master failed: exit status 3"));
    EXPECT_EQ(runs("failed"), 1);
    EXPECT_EQ(runs("ok"), 0);
}

TEST_F(HooksTest, ThatCannotBeStartedAreLoggedAndCounted) {
    use(directory_.path() + "/hook");
    hooks_->run(switch_master());
    EXPECT_THAT(log_until_idle(), HasSubstr("No such file"));
    EXPECT_EQ(runs("failed"), 1);
}

TEST_F(HooksTest, ThatHangAreKilledWithAllThatTheyHaveStarted) {
    const std::string log =
        log_of("sleep 1000 & echo $! >" + directory_.path() + "/child; trap '' TERM; wait", 300ms);
    EXPECT_THAT(log, HasSubstr("did not end within HOOK_TIMEOUT and was killed"));
    EXPECT_EQ(runs("failed"), 1);
    ASSERT_GT(process_in("child"), 0);
    EXPECT_TRUE(is_gone(process_in("child")));
}

TEST_F(HooksTest, LeaveNothingBehindWhenTheyEndByThemselves) {
    log_of("sleep 1000 >/dev/null 2>&1 & echo $! >" + directory_.path() + "/child");
    EXPECT_EQ(runs("ok"), 1);
    ASSERT_GT(process_in("child"), 0);
    EXPECT_TRUE(is_gone(process_in("child")));
}

TEST_F(HooksTest, EndWithTheWatcher) {
    use(script(directory_, "hook", "sleep 1000 & echo $! >" + directory_.path() + "/child; wait"));
    hooks_->run(switch_master());
    ASSERT_TRUE(test::run_until(loop_, [this] { return process_in("child") > 0; }));
    hooks_.reset();
    EXPECT_TRUE(is_gone(process_in("child")));
}

TEST_F(HooksTest, ThatFloodTheLogAreCutShort) {
    const std::string log = log_of("seq 1 5000");
    EXPECT_EQ(std::ranges::count(log, '\n'), 101);  // and the line about its end
    EXPECT_THAT(log, HasSubstr("4900 lines of it were left out"));
    EXPECT_EQ(runs("ok"), 1);
}

TEST_F(HooksTest, ThatWriteForEverAreKilled) {
    const std::string log = log_of("while :; do echo yes yes yes yes; done");
    EXPECT_THAT(log, HasSubstr("wrote more than 1 MiB and was killed"));
    EXPECT_EQ(runs("failed"), 1);
}

TEST_F(HooksTest, DropTheOldestEventsWhenTooManyWait) {
    use(script(directory_, "hook", "echo $5 >>" + directory_.path() + "/order"), 10s, 2);
    for (const char* host : {"a", "b", "c", "d"}) hooks_->run(switch_master(host));
    testing::internal::CaptureStderr();
    hooks_->run(switch_master("e"));
    EXPECT_EQ(testing::internal::GetCapturedStderr(), "") << "one line for all of them";
    log_until_idle();
    EXPECT_THAT(lines_of("order"), ElementsAre("d", "e"));
    EXPECT_EQ(
        metrics_.counter("redis_zk_hook_events_dropped_total", "", {{"hook", "hook"}}).value(), 3);
}

TEST_F(HooksTest, WithTheSameFileNameAreCountedEachByItself) {
    const test::TemporaryDirectory other;
    const std::string one = script(directory_, "hook", "exit 0");
    const std::string two = script(other, "hook", "exit 1");
    hooks_.emplace(loop_, reaper_,
                   Hooks::Options{.hooks = {{"+switch-master", one}, {"+switch-master", two}},
                                  .timeout = 10s,
                                  .queue = 10,
                                  .master_name = "mymaster",
                                  .zookeeper_hosts = "zk1:2181",
                                  .zookeeper_root = "/redis"},
                   metrics_);
    hooks_->run(switch_master());
    log_until_idle();
    const auto runs_of = [&](const std::string& hook, const char* outcome) {
        return metrics_
            .counter("redis_zk_hook_runs_total", "", {{"hook", hook}, {"outcome", outcome}})
            .value();
    };
    EXPECT_EQ(runs_of(one, "ok"), 1);
    EXPECT_EQ(runs_of(two, "failed"), 1);
}

}  // namespace
}  // namespace redis_zk::watcher
