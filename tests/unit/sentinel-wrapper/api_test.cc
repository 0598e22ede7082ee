#include "sentinel-wrapper/api.h"

#include <gmock/gmock.h>

#include "tests/unit/sentinel-wrapper/core/views.h"

namespace redis_zk::sentinel_wrapper {
namespace {

using testing::HasSubstr;

TEST(WhyNotReady, ASentinelThatMonitorsALivingMasterAndKnowsEverybodyIsReady) {
    EXPECT_EQ(why_not_ready(monitoring()), "");
}

TEST(WhyNotReady, ASentinelThatDoesNotRunOrHangsIsNot) {
    EXPECT_EQ(why_not_ready(informed()), "the sentinel does not run");
    View starting = monitoring();
    starting.sentinel.state = OwnSentinel::State::starting;
    EXPECT_EQ(why_not_ready(starting), "the sentinel does not run");
    View hanging = monitoring();
    hanging.sentinel.hangs = true;
    EXPECT_EQ(why_not_ready(hanging), "the sentinel does not answer");
}

TEST(WhyNotReady, WhoMonitorsNobodyIsNot) {
    View view = monitoring();
    view.sentinel.monitored.reset();
    EXPECT_EQ(why_not_ready(view), "the sentinel monitors nobody");
}

TEST(WhyNotReady, ADeadMasterIsNamed) {
    View view = monitoring();
    view.sentinel.monitored->down = true;
    EXPECT_EQ(why_not_ready(view), "the master 10.0.0.1:6379 is down");
}

TEST(WhyNotReady, WhoIsNotInTheListOfSentinelsIsNot) {
    View view = monitoring();
    view.registered = false;
    EXPECT_EQ(why_not_ready(view), "this sentinel is not registered");
}

TEST(WhyNotReady, ARegisteredSentinelThatItDoesNotKnowIsNamed) {
    View view = monitoring();
    view.sentinel.others.erase("id3");
    EXPECT_EQ(why_not_ready(view), "the sentinel 10.0.1.3:26379 is not known to this one");
}

TEST(WhyNotReady, AReplicaInSyncThatItDoesNotKnowIsNamed) {
    View view = monitoring();
    view.sentinel.replicas.erase(at_c);
    EXPECT_EQ(why_not_ready(view), "this sentinel does not know the replica 10.0.0.3:6379");
}

TEST(WhyNotReady, ARegisteredSentinelThatDoesNotAnswerOrNamesAnotherMasterIsNotSeen) {
    View silent = monitoring();
    silent.registered_sentinels.opinions[sentinel_3].answered = false;
    EXPECT_EQ(why_not_ready(silent), "the sentinel 10.0.1.3:26379 does not answer");
    View elsewhere = monitoring();
    opinion(elsewhere, sentinel_3, at_b);
    EXPECT_EQ(why_not_ready(elsewhere),
              "the sentinel 10.0.1.3:26379 names another master, 10.0.0.2:6379");
}

TEST(WhyNotReady, AMasterThatIsUpButNotTheVerifiedOneIsNoMaster) {
    View view = monitoring();
    view.verified = at_b;
    EXPECT_EQ(why_not_ready(view), "10.0.0.1:6379 is not verified as the master");
    view.verified.reset();
    EXPECT_EQ(why_not_ready(view), "10.0.0.1:6379 is not verified as the master");
}

TEST(WhyNotReady, SentinelsThatCouldNotAgreeAreNot) {
    View view = monitoring();
    view.sentinel.has_quorum = false;
    EXPECT_THAT(why_not_ready(view), HasSubstr("CKQUORUM"));
}

}  // namespace
}  // namespace redis_zk::sentinel_wrapper
