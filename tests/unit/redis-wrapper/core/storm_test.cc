// A node whose redis crashes soon after each promotion: when it steps back, and for whom.
#include "redis-wrapper/core/storm.h"

#include <limits>

#include <gtest/gtest.h>

#include "redis-wrapper/core/decide.h"
#include "redis-wrapper/core/election.h"
#include "redis-wrapper/core/hand_over.h"
#include "redis-wrapper/core/observe.h"
#include "redis-wrapper/core/outlook.h"
#include "tests/unit/redis-wrapper/core/views.h"

namespace redis_zk::redis_wrapper {
namespace {

const core::EarlyCrashes none;

View promoted_at(TimePoint at) {
    View view = recorded_master();
    view.redis.became_master_at = at;
    return view;
}

TEST(EarlyCrashes, AreCountedWithinAMinuteOfThePromotion) {
    View view = promoted_at(t0);
    EXPECT_TRUE(count_early_crash(view, unix_time, t0 + 59s));
    EXPECT_EQ(view.early_crashes, (core::EarlyCrashes{1, unix_time}));
    EXPECT_TRUE(count_early_crash(view, unix_time + 1, t0 + 59s));
    EXPECT_EQ(view.early_crashes, (core::EarlyCrashes{2, unix_time + 1}));
    EXPECT_FALSE(count_early_crash(view, unix_time, t0 + 60s));
    EXPECT_EQ(view.early_crashes.count, 2);
}

TEST(EarlyCrashes, AreNotThoseOfANodeThatIsStopped) {
    View view = recorded_master();
    view.redis.became_master_at = t0 - 10s;
    view.stop_requested_at = t0;
    EXPECT_FALSE(count_early_crash(view, 1000, t0));
    view.stop_requested_at.reset();
    EXPECT_TRUE(count_early_crash(view, 1000, t0));
}

TEST(EarlyCrashes, AreThoseOfAMaster) {
    View replica = replica_in_sync();
    replica.redis.became_master_at = t0;
    EXPECT_FALSE(count_early_crash(replica, unix_time, t0)) << "it is master no more";
    EXPECT_EQ(replica.early_crashes, none);
    View closed = promoted_at(t0);
    closed.redis.open = false;
    EXPECT_TRUE(count_early_crash(closed, unix_time, t0)) << "before it took a write";
}

TEST(EarlyCrashes, BeginAnewTenMinutesAfterTheLast) {
    View view = promoted_at(t0 + 599s);
    crashes(view, 2);
    View later = view;
    later.redis.became_master_at = t0 + 600s;
    EXPECT_TRUE(count_early_crash(view, unix_time, t0 + 599s));
    EXPECT_EQ(view.early_crashes.count, 3);
    EXPECT_TRUE(count_early_crash(later, unix_time, t0 + 600s));
    EXPECT_EQ(later.early_crashes.count, 1);
}

TEST(EarlyCrashes, AreForgivenAfterAMinuteAsAnOpenMaster) {
    View view = stormy(promoted_at(t0));
    forget_early_crashes(view, t0 + 59s);
    EXPECT_TRUE(crashes_early(view));
    View closed = view;
    closed.redis.open = false;
    forget_early_crashes(closed, t0 + 60s);
    EXPECT_TRUE(crashes_early(closed));
    View replica = stormy(replica_in_sync());
    forget_early_crashes(replica, t0 + 60s);
    EXPECT_TRUE(crashes_early(replica));
    observe_time(view, t0 + 60s);
    EXPECT_EQ(view.early_crashes, none);
}

TEST(EarlyCrashes, AreForgottenAfterTenMinutes) {
    View view = stormy(replica_in_sync());
    observe_time(view, t0 + 599s);
    EXPECT_TRUE(crashes_early(view));
    observe_time(view, t0 + 600s);
    EXPECT_EQ(view.early_crashes, none);
}

View recalled(const core::EarlyCrashes& claimed) {
    View view = first_node();
    recall_early_crashes(view, claimed, unix_time, t0);
    return view;
}

TEST(EarlyCrashes, AreRecalledAtTheStart) {
    const View view = recalled({3, unix_time - 100});
    EXPECT_EQ(view.early_crashes, (core::EarlyCrashes{3, unix_time - 100}));
    EXPECT_EQ(view.early_crashes_end, t0 + 500s);
    EXPECT_TRUE(crashes_early(view));
    EXPECT_EQ(recalled({3, unix_time - 599}).early_crashes.count, 3);
    EXPECT_EQ(recalled({3, unix_time - 600}).early_crashes, none);
    EXPECT_FALSE(crashes_early(recalled({2, unix_time})));
}

TEST(EarlyCrashes, HealWhateverTheClockSays) {
    constexpr auto end_of_time = std::numeric_limits<std::int64_t>::max();
    const View future = recalled({3, end_of_time});
    EXPECT_EQ(future.early_crashes, (core::EarlyCrashes{3, unix_time}));
    EXPECT_EQ(future.early_crashes_end, t0 + 600s);
    EXPECT_EQ(recalled({3, std::numeric_limits<std::int64_t>::min()}).early_crashes, none);
    EXPECT_EQ(recalled({-3, unix_time}).early_crashes, none);
    View often = promoted_at(t0);
    crashes(often, std::numeric_limits<int>::max());
    EXPECT_TRUE(count_early_crash(often, unix_time, t0));
    EXPECT_TRUE(crashes_early(often));
}

TEST(EarlyCrashes, AreToldToTheOthers) {
    EXPECT_TRUE(self_as_member(stormy(replica_in_sync())).crashes_early);
    View view = replica_in_sync();
    crashes(view, 2);
    EXPECT_FALSE(self_as_member(view).crashes_early);
    View never_master = stormy(replica_in_sync());
    never_master.self.priority = 0;
    EXPECT_FALSE(self_as_member(never_master).crashes_early) << "it would never be promoted";
}

// b and c are parked and have the same data; b crashes early.
View parked_storm() { return stormy(after_the_death_of_the_master()); }

TEST(SteppingBack, IsDoneForAnotherWhoCouldLead) {
    EXPECT_TRUE(steps_back(parked_storm()));
    EXPECT_FALSE(steps_back(after_the_death_of_the_master()));
    View two = after_the_death_of_the_master();
    crashes(two, 2);
    EXPECT_FALSE(steps_back(two));
}

TEST(SteppingBack, IsNotDoneForWhoCannotLead) {
    const auto is_done_when = [](auto change) {
        View view = parked_storm();
        change(view.members.at("c"));
        return steps_back(view);
    };
    EXPECT_TRUE(is_done_when([](Member&) {}));
    EXPECT_FALSE(is_done_when([](Member& c) { c.priority = 0; }));
    EXPECT_FALSE(is_done_when([](Member& c) { c.lineage.reset(); }));
    EXPECT_FALSE(is_done_when([](Member& c) { c.crashes_early = true; })) << "all crash so";
    EXPECT_FALSE(is_done_when([](Member& c) { c.role = Role::loading; }));
    EXPECT_FALSE(is_done_when([](Member& c) { c.role = Role::stopped; }));
    EXPECT_FALSE(is_done_when([](Member& c) { c.lineage = Lineage{7, 98}; })) << "it has less";
    EXPECT_FALSE(is_done_when([](Member& c) { c.id = "b"; })) << "it is this node";
    View alone = parked_storm();
    alone.members.clear();
    EXPECT_FALSE(steps_back(alone));
}

// When the master dies, somebody has to be there whom the sentinels may choose.
TEST(SteppingBack, IsNotDoneForTheMaster) {
    EXPECT_FALSE(steps_back(stormy(replica_in_sync())));
    EXPECT_FALSE(steps_back(stormy(parked_beside_a_master())));
}

// It would park again, for the other one ranks before it, and promote itself again.
TEST(SteppingBack, GoesOnUntilTheOtherLeads) {
    View view = promoted_under_the_lock();
    Member& c = registered(view, "c", at_c, Lineage{7, 99});
    c.crashes_early = true;
    EXPECT_TRUE(steps_back(view, c));
    view.redis.open = true;
    EXPECT_FALSE(steps_back(view, c));
}

// What they have is written down when their links end.
TEST(SteppingBack, ComparesTheTermsOfThoseThatCopyOneMaster) {
    View view = stormy(replica_in_sync());
    view.members.at("a").crashes_early = true;
    EXPECT_FALSE(steps_back(view));
    Member& c = registered(view, "c", at_c, Lineage{7, 5}, Role::replica);
    c.following = at_a;
    EXPECT_FALSE(steps_back(view));
    c.link_up = true;
    EXPECT_TRUE(steps_back(view));
    c.following = at_b;
    EXPECT_FALSE(steps_back(view)) << "it cannot take the place of a";
    c.following = at_a;
    c.lineage = Lineage{6, 500};
    EXPECT_FALSE(steps_back(view));
}

TEST(SteppingBack, IsNotDoneByAMaster) {
    const View view = stormy(recorded_master());
    EXPECT_FALSE(steps_back(view));
    EXPECT_FALSE(find<Close>(decide(view, t0)));
}

TEST(SteppingBack, LeavesTheElectionToTheOther) {
    View view = parked_storm();
    view.probes[at_a].answered_at = t0 + 60s;
    const auto reason = reason_not_to_lead(view, {}, t0 + 60s);
    ASSERT_TRUE(reason);
    EXPECT_EQ(reason->reason,
              "redis has crashed 3 times within a minute of its promotion, and another node can "
              "lead");
    view.members.at("c").lineage = Lineage{7, 98};
    EXPECT_FALSE(reason_not_to_lead(view, {}, t0 + 60s)) << "never at the price of data";
}

// The same situation in the eyes of the other.
TEST(SteppingBack, IsWhatTheOtherReliesOn) {
    View view = after_the_death_of_the_master();
    view.members.at("c").priority = 1;
    view.probes[at_a].answered_at = t0 + 60s;
    EXPECT_TRUE(reason_not_to_lead(view, {}, t0 + 60s)) << "c is preferred";
    view.members.at("c").crashes_early = true;
    EXPECT_FALSE(reason_not_to_lead(view, {}, t0 + 60s));
    EXPECT_EQ(best_member(view)->id, "b");
    view.members.at("c").lineage = Lineage{7, 100};
    EXPECT_TRUE(reason_not_to_lead(view, {}, t0 + 60s)) << "c has more, so it leads";
    EXPECT_EQ(best_member(view)->id, "c");
}

TEST(SteppingBack, IsDoneByARestartedMasterToo) {
    View view = restarted_master();
    EXPECT_EQ(best_member(view)->id, "b");
    crashes(view);
    EXPECT_EQ(best_member(view)->id, "c");
}

TEST(SteppingBack, AsksTheSentinelsThatStillNameIt) {
    View view = stormy(restarted_master());
    sentinels_name(view, at_b);
    is_replica(view, at_c, at_b);
    const auto actions = decide(view, t0);
    const auto* request = find<RequestFailover>(actions);
    ASSERT_TRUE(request) << spoken_actions(actions);
    EXPECT_EQ(request->reason, why_it_steps_back(view));
    view.early_crashes = {};
    EXPECT_FALSE(find<RequestFailover>(decide(view, t0)));
}

TEST(SteppingBack, AsksTheSentinelsForNobodyWithLess) {
    View view = stormy(restarted_master());
    sentinels_name(view, at_b);
    is_replica(view, at_c, at_b);
    view.members.at("c").lineage = Lineage{7, 98};
    EXPECT_FALSE(steps_back(view));
    EXPECT_FALSE(find<RequestFailover>(decide(view, t0)));
}

TEST(SteppingBack, TakesTheOfferToTheSentinelsBack) {
    View view = stormy(one_of_two_replicas());
    sentinels_name(view, at_a);
    const auto actions = decide(view, t0);
    const auto* close = find<Close>(actions);
    ASSERT_TRUE(close) << spoken_actions(actions);
    EXPECT_EQ(close->reason, why_it_steps_back(view));
    view.redis.offered = false;
    EXPECT_EQ(spoken_actions(decide(view, t0)), "");
    view.early_crashes = {};
    EXPECT_TRUE(find<Offer>(decide(view, t0)));
}

TEST(SteppingBack, LetsAMasterThatHangsDieForIt) {
    View view = recorded_master();
    view.redis.hangs = true;
    EXPECT_TRUE(find<Kill>(decide(view, t0)));
    view.members.at("c").crashes_early = true;
    EXPECT_TRUE(find<Kill>(decide(view, t0)));
    view.members.at("c").priority = 0;
    EXPECT_FALSE(find<Kill>(decide(view, t0)));
}

TEST(SteppingBack, IsNoHeirOfAMasterThatStays) {
    View view = recorded_master();
    view.redis.replicas = {at_c};
    sentinels_name(view, at_b);
    const auto obstacle = [](const View& it) {
        return obstacle_to_hand_over(it, t0).value_or("none");
    };
    EXPECT_EQ(obstacle(view), "none");
    view.members.at("c").crashes_early = true;
    EXPECT_EQ(obstacle(view), "none") << "nobody else could take over";
    Member& a = registered(view, "a", at_a, Lineage{7, 99}, Role::replica);
    a.following = at_b;
    a.link_up = true;
    EXPECT_EQ(obstacle(view), "no replica that may be promoted is in sync") << "a is on its way";
}

TEST(SteppingBack, IsSaid) {
    EXPECT_EQ(why_this_role(stormy(one_of_two_replicas())),
              "10.0.0.1:6379 is master of term 7, because why; redis has crashed 3 times within a "
              "minute of its promotion, and another node can lead");
    EXPECT_EQ(seconds_to_step_back(stormy(replica_in_sync()), t0 + 100s), 500);
    EXPECT_EQ(seconds_to_step_back(stormy(replica_in_sync()), t0 + 700s), 0);
    EXPECT_EQ(seconds_to_step_back(replica_in_sync(), t0), 0);
}

TEST(SteppingBack, IsRankedLastIfTheMasterDied) {
    View view = recorded_master();
    view.redis.offset = 500;
    registered(view, "a", at_a, Lineage{7, 99}, Role::replica);
    view.redis.replica_offsets = {{at_a, 480}, {at_c, 490}};
    EXPECT_EQ(if_the_master_died(view, t0).successor, at_c);
    view.members.at("c").crashes_early = true;
    EXPECT_EQ(if_the_master_died(view, t0).successor, at_a);
    view.members.erase("a");
    EXPECT_EQ(if_the_master_died(view, t0).successor, at_c);
}

}  // namespace
}  // namespace redis_zk::redis_wrapper
