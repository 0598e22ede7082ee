#include "common/server/run.h"

#include <csignal>

#include <gmock/gmock.h>

#include "common/event/next_turn.h"

namespace redis_zk::server {
namespace {

using testing::HasSubstr;

TEST(Run, IsAskedToStopByEachOfTwoSignalsAndEndsWithTheStatusOfTheLoop) {
    event::Loop loop;
    int requests = 0;
    // One signal after the other: several that are pending may be told as one.
    event::NextTurn begin{loop, [] { raise(SIGTERM); }};
    begin.schedule();
    const int status = run(loop, [&] {
        if (++requests == 1)
            raise(SIGINT);
        else
            loop.stop(7);
    });
    EXPECT_EQ(status, 7);
    EXPECT_EQ(requests, 2);
}

TEST(Run, SaysThatHangUpChangesNothing) {
    event::Loop loop;
    event::NextTurn end{loop, [&] { loop.stop(0); }};
    event::NextTurn begin{loop, [&] {
                              raise(SIGHUP);
                              raise(SIGTERM);
                          }};
    begin.schedule();
    testing::internal::CaptureStderr();
    EXPECT_EQ(run(loop, [&] { end.schedule(); }), 0);
    EXPECT_THAT(testing::internal::GetCapturedStderr(), HasSubstr("SIGHUP changes nothing\n"));
}

}  // namespace
}  // namespace redis_zk::server
