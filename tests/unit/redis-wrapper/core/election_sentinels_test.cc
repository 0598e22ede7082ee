// How long an election waits for sentinels, which decide where they can.
#include <gtest/gtest.h>

#include "redis-wrapper/core/election.h"
#include "tests/unit/redis-wrapper/core/views.h"

namespace redis_zk::redis_wrapper {
namespace {

// Why b must not lead; empty: it is its turn.
std::string objection(const View& view, TimePoint now = t0) {
    const auto reason = reason_not_to_lead(view, find_master(view, now), now);
    return reason ? reason->reason : "";
}

bool contains(const std::string& text, const std::string& part) {
    return text.find(part) != std::string::npos;
}

TEST(Election, WaitsForSentinelsThatCanActAndNamesThem) {
    View view = all_back();
    view.members["a"].lineage = Lineage{7, 95};
    sentinels_name(view, at_a);
    EXPECT_EQ(objection(view),
              "the sentinels 10.0.1.1:26379, 10.0.1.2:26379, 10.0.1.3:26379 know a living replica "
              "and can choose a master");
}

TEST(Election, DoesNotWaitForSentinelsThatCannotAct) {
    View view = all_back();
    view.members["a"].lineage = Lineage{7, 95};
    sentinels_name(view, at_a, false);
    EXPECT_EQ(objection(view), "");
}

TEST(Election, WaitsForSentinelsInTheMiddleOfAFailover) {
    View view = all_back();
    sentinels_name(view, at_a, false);
    view.sentinels.opinions[sentinel_2].failover_in_progress = true;
    EXPECT_TRUE(contains(objection(view), "the sentinels 10.0.1.2:26379 know"));
}

// Its promoted node is gone, perhaps for ever; and it cannot begin another one.
TEST(Election, DoesNotWaitForAFailoverThatDoesNotEnd) {
    View view = all_back();
    view.members["a"].lineage = Lineage{7, 95};
    sentinels_name(view, at_a);
    for (const Endpoint& sentinel : {sentinel_1, sentinel_3})
        view.sentinels.opinions[sentinel].can_act = false;
    Opinion& leader = view.sentinels.opinions[sentinel_2];
    leader.failover_in_progress = true;
    leader.time_to_fail_over = 23s;
    leader.fail_over = core::FailOver{at_a, 1, t0 - 23s + 1ms};
    EXPECT_TRUE(contains(objection(view), "the sentinels 10.0.1.2:26379 know"));
    const auto wait = reason_not_to_lead(view, find_master(view, t0), t0);
    EXPECT_EQ(wait->detail, "this node will not wait longer than 1 s");
    EXPECT_EQ(objection(view, t0 + 1ms), "");
}

TEST(Election, DoesNotWaitForSentinelsThatNameThisVeryNode) {
    View view = restarted_master();
    sentinels_name(view, at_b);
    EXPECT_EQ(objection(view), "");
}

TEST(Election, DoesNotWaitForSentinelsForEver) {
    View view = all_back();
    view.members["a"].lineage = Lineage{7, 95};
    sentinels_name(view, at_a);
    view.probes[at_a].answered_at = view.sentinels.asked_at = t0 + 30s;
    EXPECT_EQ(objection(view, t0 + 30s), "");
}

// Their down-after and failover-timeout may be longer than the patience for missing nodes.
TEST(Election, WaitsForSentinelsAsLongAsTheyNeed) {
    View view = all_back();
    view.members["a"].lineage = Lineage{7, 95};
    sentinels_name(view, at_a);
    view.sentinels.opinions[sentinel_1].time_to_act = 40s;
    view.sentinels.opinions[sentinel_2].time_to_act = 50s;
    view.sentinels.opinions[sentinel_3] = {
        .answered = true, .master = at_a, .config_epoch = 1, .can_act = false, .time_to_act = 90s};
    view.probes[at_a].answered_at = view.sentinels.asked_at = t0 + 59s;
    EXPECT_TRUE(contains(objection(view, t0 + 50s - 1ms), "10.0.1.1:26379, 10.0.1.2:26379 know"));
    EXPECT_EQ(objection(view, t0 + 50s), "") << "the third cannot act";
    view.master_seen_at = t0 + 9s;
    EXPECT_NE(objection(view, t0 + 59s - 1ms), "");
    EXPECT_EQ(objection(view, t0 + 59s), "");
}

}  // namespace
}  // namespace redis_zk::redis_wrapper
