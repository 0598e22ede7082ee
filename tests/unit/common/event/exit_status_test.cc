#include "common/event/exit_status.h"

#include <cerrno>

#include <gtest/gtest.h>

namespace redis_zk::event {
namespace {

using Kind = ExitStatus::Kind;

TEST(ExitStatus, IsTheNumberThatAShellWouldReport) {
    EXPECT_EQ(number_of_shell({Kind::exited, 3, {}}), 3);
    EXPECT_EQ(number_of_shell({Kind::signalled, 9, {}}), 137);
    EXPECT_EQ(number_of_shell({Kind::not_started, ENOENT, {}}), 127);
    EXPECT_EQ(number_of_shell({Kind::not_started, EACCES, {}}), 126);
}

TEST(ExitStatus, IsReadFromWhatTheKernelReports) {
    EXPECT_EQ(from_wait_status(7 << 8), (ExitStatus{Kind::exited, 7, {}}));
    EXPECT_EQ(from_wait_status(15), (ExitStatus{Kind::signalled, 15, {}}));
    EXPECT_EQ(from_wait_status(11 | 0x80), (ExitStatus{Kind::signalled, 11, {}}));  // with a core
}

TEST(ExitStatus, IsSpoken) {
    EXPECT_EQ(spoken({Kind::exited, 1, {}}), "exit status 1");
    EXPECT_EQ(spoken({Kind::signalled, 9, {}}), "signal 9 (KILL)");
    EXPECT_EQ(spoken({Kind::not_started, ENOENT, "cannot start x"}), "cannot start x");
}

}  // namespace
}  // namespace redis_zk::event
