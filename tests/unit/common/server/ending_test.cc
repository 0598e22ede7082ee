#include "common/server/ending.h"

#include <csignal>

#include <gmock/gmock.h>

namespace redis_zk::server {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::IsEmpty;
using Kind = event::ExitStatus::Kind;

struct Explained {
    int status;
    std::string log;
};

Explained explained(const Ending& ending) {
    testing::internal::CaptureStderr();
    const int status = explain(ending);
    return {status, testing::internal::GetCapturedStderr()};
}

// One that has served well, and was killed by somebody.
Ending killed() {
    Ending ending{"redis-server", "REDIS_SERVER", "/bin/redis", {Kind::signalled, SIGKILL, ""}};
    ending.has_answered = true;
    ending.last_lines = {"the last line"};
    return ending;
}

TEST(Ending, IsThatOfTheServerWithItsLastLines) {
    const auto [status, log] = explained(killed());
    EXPECT_EQ(status, 128 + SIGKILL);
    EXPECT_THAT(log,
                AllOf(HasSubstr("redis-server has ended: "), HasSubstr("; its last lines were:\n"),
                      HasSubstr("redis-server: the last line\n")));
}

TEST(Ending, IsAMistakeWhenTheServerRefusesItsConfiguration) {
    Ending ending = killed();
    ending.refusal = "line 3: what is that?";
    const auto [status, log] = explained(ending);
    EXPECT_EQ(status, 2);
    EXPECT_THAT(log, HasSubstr("redis-server refuses its configuration: line 3: what is that?\n"));
}

TEST(Ending, IsAMistakeWhenItWasNoServer) {
    Ending ending = killed();
    ending.status = {Kind::exited, 0, ""};
    EXPECT_EQ(explained(ending).status, 0);
    ending.has_answered = false;
    const auto [status, log] = explained(ending);
    EXPECT_EQ(status, 2);
    EXPECT_THAT(log, HasSubstr("REDIS_SERVER: /bin/redis has ended with status 0 and never "
                               "answered, so it is no redis-server\n"));
}

TEST(Ending, IsSaidAlreadyWhenItWasAbandoned) {
    Ending ending = killed();
    ending.has_answered = false;
    ending.abandoned = true;
    const auto [status, log] = explained(ending);
    EXPECT_EQ(status, 1);
    EXPECT_THAT(log, IsEmpty());
}

}  // namespace
}  // namespace redis_zk::server
