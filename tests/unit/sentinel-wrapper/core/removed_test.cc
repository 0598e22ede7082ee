// Behaviour 7: each removal is counted. A RESET makes the sentinel forget everybody, so that is
// whoever it does not know again.
#include "sentinel-wrapper/core/removed.h"

#include <gtest/gtest.h>

#include "sentinel-wrapper/core/observe.h"
#include "tests/unit/sentinel-wrapper/core/views.h"

namespace redis_zk::sentinel_wrapper {
namespace {

constexpr auto time_to_be_known_again = 15s;

SentinelLook seen(const std::vector<Endpoint>& replicas, const std::vector<std::string>& sentinels,
                  const Endpoint& master = at_a) {
    SentinelLook look;
    look.monitored = Monitored{master, 2};
    for (const Endpoint& replica : replicas) look.replicas.push_back({replica, false});
    for (const std::string& id : sentinels) look.others.push_back({id, sentinel_2, false});
    return look;
}

// The sentinel knew the replicas b and c and the sentinels id2 and id3.
View reset() {
    View view = monitoring();
    observe_performed(view, Reset{"why", {"id3"}}, t0);
    return view;
}

using Counts = std::pair<std::size_t, std::size_t>;

// Replicas and sentinels, after a look at this time.
Counts counted(View& view, const SentinelLook& look, TimePoint now) {
    observe_time(view, now);
    observe_sentinel(view, look, now);
    return {view.removed.replicas, view.removed.sentinels};
}

TEST(Removed, AreAllThatDoNotComeBackWhoeverTheResetWasFor) {
    View view = reset();
    counted(view, seen({at_c}, {}), t0 + 2s);
    counted(view, seen({}, {"id2"}), t0 + 4s);
    const SentinelLook nobody = seen({}, {});
    EXPECT_EQ(counted(view, nobody, t0 + time_to_be_known_again - 1ms), Counts(0, 0));
    EXPECT_EQ(counted(view, nobody, t0 + time_to_be_known_again), Counts(1, 1));
    EXPECT_EQ(counted(view, nobody, t0 + 2 * time_to_be_known_again), Counts(1, 1)) << "once";
}

TEST(Removed, AreNotKnownAgainByAnAnswerThatWasUnderWay) {
    View view = reset();
    counted(view, seen({at_b, at_c}, {"id2", "id3"}), t0 + 999ms);
    EXPECT_EQ(counted(view, seen({}, {}), t0 + time_to_be_known_again), Counts(2, 2));
}

TEST(Removed, IsNobodyWhoIsKnownAgainAtLast) {
    View view = reset();
    const SentinelLook all = seen({at_b, at_c}, {"id2", "id3"});
    EXPECT_EQ(counted(view, all, t0 + time_to_be_known_again), Counts(0, 0));
    View frozen = reset();
    frozen.next_turn_at = t0 + 1s;
    EXPECT_TRUE(observe_jump(frozen, t0 + 20s, 2s));
    EXPECT_EQ(counted(frozen, seen({}, {}), t0 + 20s), Counts(0, 0)) << "it stood still";
    EXPECT_EQ(counted(frozen, seen({}, {}), t0 + 34s), Counts(2, 2));
}

TEST(Removed, IsNobodyWhileTheMasterIsDown) {
    View view = reset();
    SentinelLook blind = seen({}, {});
    blind.monitored->down = true;
    EXPECT_EQ(counted(view, blind, t0 + 20s), Counts(0, 0));
    EXPECT_EQ(counted(view, seen({}, {}), t0 + 34s), Counts(0, 0));
    EXPECT_EQ(counted(view, seen({}, {}), t0 + 35s), Counts(2, 2));
}

TEST(Removed, IsNotAReplicaThatHasBecomeTheMaster) {
    View view = reset();
    const SentinelLook after = seen({at_c}, {"id2", "id3"}, at_b);
    EXPECT_EQ(counted(view, after, t0 + time_to_be_known_again), Counts(0, 0));
}

TEST(Removed, AreCountedOnceAfterTwoResetsInARow) {
    View view = reset();
    counted(view, seen({at_c}, {"id2"}), t0 + 10s);
    observe_performed(view, Reset{"again", {}}, t0 + 10s);
    EXPECT_EQ(counted(view, seen({}, {}), t0 + time_to_be_known_again), Counts(0, 0));
    EXPECT_EQ(counted(view, seen({}, {"id2"}), t0 + 10s + time_to_be_known_again), Counts(2, 1));
}

TEST(Removed, IsNobodyWhenTheSentinelItselfHasEndedOrBeginsAnew) {
    const SentinelLook nobody = seen({}, {});
    View view = reset();
    observe_sentinel_gone(view);
    EXPECT_EQ(counted(view, nobody, t0 + time_to_be_known_again), Counts(0, 0));
    view = reset();
    observe_performed(view, Monitor{at_b, 2, "why"}, t0 + 2s);
    EXPECT_EQ(counted(view, nobody, t0 + time_to_be_known_again), Counts(0, 0));
    view = reset();
    observe_performed(view, StopMonitoring{"why"}, t0 + 2s);
    EXPECT_EQ(counted(view, nobody, t0 + time_to_be_known_again), Counts(0, 0));
}

}  // namespace
}  // namespace redis_zk::sentinel_wrapper
