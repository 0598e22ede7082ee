#include "sentinel-wrapper/core/view.h"

#include <gtest/gtest.h>

#include "tests/unit/sentinel-wrapper/core/views.h"

namespace redis_zk::sentinel_wrapper {
namespace {

TEST(View, MajorityCountsOurselvesOnce) {
    View view = monitoring();
    EXPECT_EQ(wanted_quorum(view), 2);  // as configured
    view.self.quorum.reset();
    EXPECT_EQ(wanted_quorum(view), 2);
    view.registered_sentinels.opinions[{"10.0.1.4", 26379}];
    EXPECT_EQ(wanted_quorum(view), 3);
    view.registered_sentinels.opinions.erase(sentinel_1);
    EXPECT_EQ(wanted_quorum(view), 3);
    view.registered_sentinels.opinions.clear();
    view.sentinel.others.clear();
    EXPECT_EQ(wanted_quorum(view), 1);
}

TEST(View, MajorityCountsThoseWhoLiveAndAreNotRegisteredToo) {
    View view = monitoring();
    view.self.quorum.reset();
    view.registered_sentinels.opinions.erase(sentinel_2);
    view.registered_sentinels.opinions.erase(sentinel_3);
    EXPECT_EQ(wanted_quorum(view), 2);
    view.sentinel.others["id2"].down = true;
    EXPECT_EQ(wanted_quorum(view), 2);
    view.sentinel.others["id3"].foreign_since = t0;
    EXPECT_EQ(wanted_quorum(view), 1);
}

TEST(View, WaitsToFindOnlyThoseWhoLiveAndNameOurMaster) {
    View view = monitoring();
    EXPECT_EQ(not_found_yet(view), "");
    view.sentinel.others.clear();
    view.sentinel.replicas.clear();
    EXPECT_EQ(not_found_yet(view),
              "the sentinel 10.0.1.2:26379, the sentinel 10.0.1.3:26379, the replica "
              "10.0.0.2:6379, the replica 10.0.0.3:6379");
    view.registered_sentinels.opinions[sentinel_2].answered = false;
    view.registered_sentinels.opinions[sentinel_3].master = at_b;
    view.members["b"].link_up = false;
    view.members["c"].following = at_b;
    EXPECT_EQ(not_found_yet(view), "");
}

TEST(View, WaitsToFindNoReplicaThatHasDiedMeanwhile) {
    View view = monitoring();
    view.sentinel.replicas.clear();
    is_dead(view, at_b);
    EXPECT_EQ(not_found_yet(view), "the replica 10.0.0.3:6379");
    answers(view, at_c, Probe::Answer::silent).silent_since = t0 - 2999ms;
    EXPECT_EQ(not_found_yet(view), "the replica 10.0.0.3:6379");
    view.probes[at_c].silent_since = t0 - 3s;
    EXPECT_EQ(not_found_yet(view), "");
}

TEST(View, SeesTheOtherSentinelsOnlyWhenTheyAnswerAndNameItsMaster) {
    View view = monitoring();
    EXPECT_EQ(not_seen(view), "");
    view.sentinel.others.erase("id2");
    view.registered_sentinels.opinions[sentinel_3].answered = false;
    EXPECT_EQ(not_seen(view),
              "the sentinel 10.0.1.2:26379 is not known to this one, the sentinel 10.0.1.3:26379 "
              "does not answer");
    view.registered_sentinels.opinions.erase(sentinel_2);
    opinion(view, sentinel_3, at_b);
    EXPECT_EQ(not_seen(view), "the sentinel 10.0.1.3:26379 names another master, 10.0.0.2:6379");
    view.registered_sentinels.opinions[sentinel_3].master.reset();
    EXPECT_EQ(not_seen(view), "the sentinel 10.0.1.3:26379 monitors nobody");
}

TEST(View, AnIdIsLostOnlyWhileASentinelRunsUnderIt) {
    View view = monitoring();
    EXPECT_FALSE(has_lost_its_identity(view));
    view.identity.id = "id4";
    EXPECT_TRUE(has_lost_its_identity(view));
    view.sentinel = {};
    EXPECT_FALSE(has_lost_its_identity(view));
}

}  // namespace
}  // namespace redis_zk::sentinel_wrapper
