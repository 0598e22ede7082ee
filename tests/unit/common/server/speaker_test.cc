#include "common/server/speaker.h"

#include <gmock/gmock.h>

namespace redis_zk::server {
namespace {

using namespace std::chrono_literals;
using testing::EndsWith;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

constexpr core::TimePoint t0 = core::TimePoint{} + 1000s;

class SpeakerTest : public testing::Test {
  protected:
    // What one turn writes into the log.
    std::string waits(const core::Wait& wait, core::TimePoint now) {
        return logged([&] { speaker.speak(core::spoken(wait), &wait, now); });
    }
    std::string does(const std::string& sentence, core::TimePoint now) {
        return logged([&] { speaker.speak(sentence, nullptr, now); });
    }
    template <typename Say>
    std::string logged(Say say) {
        testing::internal::CaptureStderr();
        speaker.begin_turn();
        say();
        speaker.end_turn();
        return testing::internal::GetCapturedStderr();
    }

    app::Metrics metrics;
    Speaker speaker{metrics};
};

TEST_F(SpeakerTest, SaysAWaitOnceThoughItsDetailMoves) {
    EXPECT_THAT(waits({"redis is loading", "40 %"}, t0),
                EndsWith("wait: redis is loading (40 %)\n"));
    EXPECT_THAT(waits({"redis is loading", "41 %"}, t0 + 10ms), IsEmpty());
    EXPECT_EQ(speaker.doing(), "wait: redis is loading (41 %)");
}

TEST_F(SpeakerTest, SaysAWaitAnewWhenATurnWithoutItWasInBetween) {
    waits({"redis is loading", ""}, t0);
    does("", t0 + 10ms);
    EXPECT_EQ(speaker.doing(), "");
    EXPECT_THAT(waits({"redis is loading", ""}, t0 + 20ms), Not(IsEmpty()));
}

TEST_F(SpeakerTest, SaysAndCountsWhatIsDoneByItsFirstWord) {
    EXPECT_THAT(does("promote, because we are elected", t0), HasSubstr("we are elected\n"));
    EXPECT_THAT(does("promote, because we are elected", t0 + 10ms), IsEmpty());
    EXPECT_THAT(metrics.exposition(), HasSubstr("redis_zk_actions_total{kind=\"promote\"} 2"));
}

TEST_F(SpeakerTest, NeitherSaysNorCountsAQuestionAndCountsNoWait) {
    EXPECT_THAT(does("", t0), IsEmpty());
    waits({"redis is loading", ""}, t0);
    EXPECT_THAT(metrics.exposition(), Not(HasSubstr("redis_zk_actions_total{")));
}

TEST_F(SpeakerTest, ComplainsOfWhatFailedAndOfNothingElse) {
    EXPECT_THAT(logged([&] { speaker.outcome("writing", core::Done{}, t0); }), IsEmpty());
    const core::Error error{core::Fault::refused, "no space left"};
    EXPECT_THAT(logged([&] { speaker.outcome("writing", error, t0); }),
                HasSubstr("warning writing failed: no space left\n"));
}

}  // namespace
}  // namespace redis_zk::server
