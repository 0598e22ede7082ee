#include "watcher/behaviours.h"

#include <gmock/gmock.h>

#include "tests/support/run_until.h"
#include "tests/unit/watcher/invocation.h"

namespace redis_zk::watcher {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::IsSupersetOf;
using testing::Not;
using testing::SizeIs;

const core::Endpoint sentinel{"10.0.0.9", 31007};

class BehavioursTest : public testing::Test {
  protected:
    // What was logged meanwhile.
    std::string heard(const std::string& channel, const std::string& text, int times = 1) {
        testing::internal::CaptureStderr();
        for (int i = 0; i < times; ++i) behaviours_.heard(channel, text, sentinel);
        return testing::internal::GetCapturedStderr();
    }

    double counted(const std::string& event) {
        return metrics_.counter("redis_zk_events_total", "", {{"event", event}}).value();
    }

    test::TemporaryDirectory directory_;
    event::Loop loop_;
    event::Reaper reaper_{loop_};
    Config config_ =
        read({{"ON_EVENT", "+switch-master=" + script(directory_, "hook",
                                                      "echo $2 >>" + directory_.path() + "/ran")}})
            .config;
    app::Metrics metrics_;
    std::vector<std::string> hints_;
    Behaviours behaviours_{loop_, reaper_, config_, metrics_,
                           [this](const Event& event) { hints_.push_back(event.name); }};
};

TEST_F(BehavioursTest, LeadToALookWhenAnotherNodeMayBeMaster) {
    std::vector<std::string> worth_a_look;
    for (const auto& name : known_events())
        if (const auto behaviours = behaviours_of(name, {});
            behaviours.contains(Behaviour::look) || behaviours.contains(Behaviour::alarm))
            worth_a_look.push_back(name);
    for (const auto& name : known_events()) heard(name, "");
    EXPECT_EQ(hints_, worth_a_look);
    EXPECT_THAT(hints_, IsSupersetOf({"+new-epoch", "+vote-for-leader", "+switch-master"}));
}

TEST_F(BehavioursTest, LeadToNoLookForWhatTellsNothingAboutTheMaster) {
    heard("+slave-reconf-inprog", "slave 10.0.0.7:1 10.0.0.7 1 @ mymaster 10.0.0.8 2");
    heard("+made-up", "master mymaster 10.0.0.7 1");
    EXPECT_THAT(hints_, IsEmpty());
}

TEST_F(BehavioursTest, OfAnotherMasterTouchNeitherTheRecordNorTheHooks) {
    heard("+switch-master", "other 10.0.0.7 1 10.0.0.8 2");
    EXPECT_THAT(hints_, IsEmpty());
    EXPECT_EQ(counted("+switch-master"), 1);
    EXPECT_THAT(behaviours_.events(), SizeIs(1));
    heard("+switch-master", "mymaster 10.0.0.7 1 10.0.0.8 2");
    ASSERT_TRUE(test::run_until(loop_, [this] { return !directory_.read("ran").empty(); }));
    EXPECT_EQ(directory_.read("ran"), "mymaster\n");
}

TEST_F(BehavioursTest, AreLoggedWithTheSentinelAndCounted) {
    const auto log = heard("+sdown", "master mymaster 10.0.0.7 1");
    EXPECT_THAT(log, HasSubstr("event of 10.0.0.9:31007: +sdown master mymaster 10.0.0.7 1\n"));
    heard("+sdown", "master mymaster 10.0.0.7 1");
    EXPECT_EQ(counted("+sdown"), 2);
}

TEST_F(BehavioursTest, AreLoggedAsWarningsWhereTheTableSaysSo) {
    EXPECT_THAT(heard("+tilt", "#tilt mode entered"), HasSubstr("warning event of"));
    EXPECT_THAT(heard("-tilt", "#tilt mode exited"), HasSubstr("info    event of"));
}

TEST_F(BehavioursTest, CountEventsWithMadeUpNamesUnderOneLabel) {
    for (int i = 0; i < 1000; ++i) heard("+made-up-" + std::to_string(i), "");
    EXPECT_EQ(counted("other"), 1000);
    EXPECT_THAT(metrics_.exposition(), Not(HasSubstr("made-up")));
}

TEST_F(BehavioursTest, KeepTheLastEventsWithTimeAndSentinel) {
    const auto before = std::chrono::system_clock::now();
    for (int i = 0; i < 500; ++i) heard("+new-epoch", std::to_string(i));
    ASSERT_THAT(behaviours_.events(), SizeIs(Behaviours::events_to_keep));
    EXPECT_THAT(behaviours_.events().front().words, ElementsAre("300"));
    EXPECT_THAT(behaviours_.events().back().words, ElementsAre("499"));
    EXPECT_EQ(behaviours_.events().back().sentinel, sentinel);
    EXPECT_GE(behaviours_.events().back().at, before);
}

TEST_F(BehavioursTest, DoNotFloodTheLog) {
    const auto log = heard("+sdown", "master mymaster 10.0.0.7 1", 5000);
    EXPECT_EQ(std::ranges::count(log, '\n'), 50);
    testing::internal::CaptureStderr();
    std::string later;
    EXPECT_TRUE(test::run_until(loop_, [&] {
        later += testing::internal::GetCapturedStderr();
        testing::internal::CaptureStderr();
        return later.find("4950 more events") != std::string::npos;
    }));
    testing::internal::GetCapturedStderr();
    EXPECT_THAT(heard("+sdown", ""), HasSubstr("+sdown"));
}

TEST_F(BehavioursTest, IgnoreWhatIsNoEventAndSaySoOnce) {
    const auto log = heard("__sentinel__:hello\n", "\x01\xff", 1000);
    EXPECT_THAT(log, HasSubstr("10.0.0.9:31007 publishes what is no event: "
                               "\"__sentinel__:hello\\n\""));
    EXPECT_EQ(std::ranges::count(log, '\n'), 1);
    EXPECT_EQ(metrics_.counter("redis_zk_unreadable_events_total", "").value(), 1000);
    EXPECT_THAT(behaviours_.events(), IsEmpty());
    EXPECT_THAT(hints_, IsEmpty());
}

}  // namespace
}  // namespace redis_zk::watcher
