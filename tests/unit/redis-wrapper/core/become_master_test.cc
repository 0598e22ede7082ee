// What a node does that is not master: follow the one that there is, or become it.
#include <gtest/gtest.h>

#include "redis-wrapper/core/decide.h"
#include "redis-wrapper/core/observe.h"
#include "tests/unit/redis-wrapper/core/views.h"

namespace redis_zk::redis_wrapper {
namespace {

std::string decided(const View& view, TimePoint now = t0) {
    return spoken_actions(decide(view, now));
}

const std::string all_equal = "there is no master, and the data of this node are the freshest ";

TEST(Decide, FollowsTheVerifiedMaster) {
    EXPECT_EQ(decided(parked_beside_a_master()),
              "follow 10.0.0.1:6379, because the record names it");
}

TEST(Decide, FollowsTheMasterThatTheSentinelsName) {
    View view = parked_beside_a_master();
    sentinels_name(view, at_c);
    is_master(view, at_c);
    registered(view, "c", at_c, Lineage{7, 99}, Role::master);
    EXPECT_EQ(decided(view),
              "follow 10.0.0.3:6379, because the majority of the sentinels names it");
}

// An address that answers "master" may be anybody's mistake: what counts is what its process has.
TEST(Decide, FollowsNoUnrecordedMasterWhoseEntryIsNotAtLeastAsFresh) {
    View view = parked_beside_a_master();
    sentinels_name(view, at_c);
    is_master(view, at_c);
    const std::string objection =
        "wait: 10.0.0.3:6379 is master, and neither the record nor its entry says that its data "
        "continue those of this node";
    EXPECT_EQ(decided(view), objection) << "it is no member at all";
    registered(view, "c", at_c, Lineage{7, 98}, Role::master);
    EXPECT_EQ(decided(view), objection);
    view.members["c"].lineage = Lineage{7, 99};
    EXPECT_TRUE(has<Follow>(decide(view, t0)));
    view.members["c"].run_id = "run of its former life";
    EXPECT_EQ(decided(view), objection) << "it may have been started again with other data";
}

TEST(Decide, FollowsNoOtherProcessThanTheRecordedOneAtTheRecordedAddress) {
    View view = parked_beside_a_master();
    view.members.clear();
    EXPECT_TRUE(has<Follow>(decide(view, t0)));
    view.probes[at_a].run_id = "run of somebody with other data";
    EXPECT_FALSE(has<Follow>(decide(view, t0)));
}

TEST(Decide, FollowsAnyMasterOfTheClusterWhenItHasNoDataToLose) {
    View view = parked_beside_a_master();
    view.redis.lineage.reset();
    sentinels_name(view, at_c);
    is_master(view, at_c);
    EXPECT_TRUE(has<Follow>(decide(view, t0)));
}

// Sentinels that have not heard of a newer term point its master to the one that they know.
TEST(Decide, LetsRedisCopyTheNodeThatSomebodyElsePointedItToOnlyWhenThatHasItsData) {
    View view = replica_in_sync();
    view.redis.link_up = view.redis.offered = false;
    view.redis.copies_nobody = true;
    EXPECT_EQ(decided(view), "follow 10.0.0.1:6379, because the record names it");

    view.redis.lineage = Lineage{8, 120};
    recorded(view, 8, "b", at_b);
    sentinels_name(view, at_a);
    EXPECT_EQ(decided(view),
              "wait: 10.0.0.1:6379 is master, and neither the record nor its entry says that its "
              "data continue those of this node");
    registered(view, "a", at_a, Lineage{9, 1}, Role::master);
    EXPECT_EQ(decided(view),
              "follow 10.0.0.1:6379, because the majority of the sentinels names it");
}

TEST(Decide, LooksForTheMasterBeforeAnythingElse) {
    View view = parked_beside_a_master();
    view.probes.clear();
    view.lock = Lock::held;
    const auto actions = decide(view, t0);
    EXPECT_TRUE(has<AskNode>(actions));
    EXPECT_EQ(spoken_actions(actions), "wait: looking for the master");
}

TEST(Decide, PointsAReplicaOfANodeThatIsNoMasterToTheVerifiedOne) {
    View view = replica_in_sync();
    view.redis.following = at_c;
    is_replica(view, at_c, at_a);
    EXPECT_EQ(decided(view), "follow 10.0.0.1:6379, because the record names it");
}

// A sentinel has just made c master and pointed b to it; what b knows of the others is older.
TEST(Decide, DoesNotTakeAReplicaAwayFromAnotherVerifiedMasterBeforeTheNamesAreNew) {
    View view = replica_in_sync();
    view.redis.following = at_c;
    EXPECT_EQ(decided(view),
              "wait: whoever pointed this node to 10.0.0.3:6379 may know more; looking again "
              "whether 10.0.0.1:6379 is still named as master");
    is_master(view, at_c);
    EXPECT_FALSE(has<Follow>(decide(view, t0)));
    view.probes[at_c].same_cluster = false;
    EXPECT_TRUE(has<Follow>(decide(view, t0)));
    is_dead(view, at_c);
    EXPECT_TRUE(has<Follow>(decide(view, t0)));
}

TEST(Decide, WaitsUntilTheReplicaIsInSync) {
    View view = replica_in_sync();
    view.redis.offered = view.redis.link_up = false;
    EXPECT_EQ(decided(view), "wait: synchronising with 10.0.0.1:6379");
}

TEST(Decide, DoesNotOfferAReplicaWhoseLineageIsNotKnown) {
    View view = replica_in_sync();
    view.redis.offered = false;
    view.redis.lineage.reset();
    EXPECT_EQ(decided(view), "wait: synchronising with 10.0.0.1:6379");
}

TEST(Decide, OffersAReplicaInSyncForFailOver) {
    View view = replica_in_sync();
    view.redis.offered = false;
    EXPECT_EQ(decided(view),
              "offer this node for fail-over, because this node is in sync with 10.0.0.1:6379");
}

TEST(Decide, LeavesAnOfferedReplicaInSyncAlone) { EXPECT_EQ(decided(replica_in_sync()), ""); }

TEST(Decide, OffersNoReplicaWhileTheSentinelsNameAnotherMaster) {
    View view = replica_in_sync();
    sentinels_name(view, at_c);
    is_dead(view, at_c);
    view.redis.offered = false;
    EXPECT_EQ(decided(view),
              "wait: the sentinels name 10.0.0.3:6379, and must not choose this node while "
              "10.0.0.1:6379 is master");
}

TEST(Decide, TakesAReplicaBackWhenTheSentinelsNameAnotherMaster) {
    View view = replica_in_sync();
    sentinels_name(view, at_c);
    is_dead(view, at_c);
    EXPECT_EQ(decided(view),
              "fence, because the sentinels name 10.0.0.3:6379, and must not choose this node "
              "while 10.0.0.1:6379 is master");
}

TEST(Decide, LeavesAReplicaOfferedWhenTheSentinelsHaveNoMajority) {
    View view = replica_in_sync();
    sentinels_name(view, at_a);
    view.sentinels.opinions[sentinel_1].answered = false;
    view.sentinels.opinions[sentinel_2].answered = false;
    EXPECT_EQ(decided(view), "");
}

// Somebody demoted an open master: it would open again with the next promotion, whoever makes it.
TEST(Decide, ClosesAReplicaBeforeAnythingElse) {
    for (View view : {replica_in_sync(), all_back()}) {
        view.redis.open = true;
        EXPECT_EQ(decided(view),
                  "fence, because it is no master any more, and takes no writes before it is "
                  "recorded again");
    }
}

TEST(Decide, NeverOpensAReplicaOrAParkedNode) {
    for (View view : {replica_in_sync(), all_back(), parked_beside_a_master(), restarted_master()})
        for (const bool offered : {false, true}) {
            view.redis.offered = offered;
            EXPECT_FALSE(has<Open>(decide(view, t0)));
        }
}

TEST(Decide, LetsGoOfTheLockWhenThereIsAMaster) {
    View view = replica_in_sync();
    view.lock = Lock::requested;
    EXPECT_EQ(decided(view), "release the lock, because there is a master");
}

TEST(Decide, TakesTheLockBeforeItPromotesTheFirstNode) {
    View view = first_node();
    EXPECT_EQ(decided(view), "take the lock, because the cluster has never had a master");
    view.lock = Lock::requested;
    EXPECT_EQ(decided(view), "wait: whoever holds the lock decides first");
    view.lock = Lock::held;
    EXPECT_EQ(decided(view), "promote, because the cluster has never had a master");
}

// redis-zk looks before it locks, and gets two masters.
TEST(Decide, LooksAgainInsideTheLock) {
    View view = first_node();
    view.lock = Lock::held;
    recorded(view, 1, "a", at_a);
    is_master(view, at_a);
    EXPECT_EQ(decided(view),
              "release the lock, because there is a master\n"
              "follow 10.0.0.1:6379, because the record names it");
}

TEST(Decide, ReleasesTheLockWhenItIsNotItsTurn) {
    View view = all_back();
    view.lock = Lock::requested;
    EXPECT_EQ(decided(view),
              "release the lock, because it is not this node's turn\n"
              "wait: member 10.9.0.1:6379 ranks before this node");
}

TEST(Decide, TellsInTheDetailWhatItFoundInsteadOfAMaster) {
    const auto actions = decide(all_back(), t0);
    EXPECT_EQ(find<Wait>(actions)->detail,
              "there term 7, offset 120, here term 7, offset 99; 10.0.0.1:6379 is dead");
}

TEST(Decide, ElectsTheFreshestUnderTheLock) {
    View view = all_back();
    view.members["a"].lineage = Lineage{7, 95};
    EXPECT_EQ(decided(view),
              "take the lock, because there is no master, and it is the turn of this node");
    view.lock = Lock::held;
    EXPECT_EQ(decided(view), "promote, because " + all_equal + "(term 7, offset 99)");
}

TEST(Decide, SaysWhatWasMissingWhenItWaitedInVain) {
    View view = after_the_death_of_the_master();
    view.lock = Lock::held;
    view.probes[at_a].answered_at = t0 + 30s;
    EXPECT_EQ(decided(view, t0 + 30s),
              "promote, because " + all_equal +
                  "(term 7, offset 99); the recorded master, 10.0.0.1:6379, is missing with its "
                  "data: of the nodes that had them, 1 of 3 are missing");
}

TEST(Decide, SaysThatAnOperatorPermitsTheLoss) {
    View view = after_the_death_of_the_master();
    view.redis.lineage.reset();
    view.members.clear();
    view.self.accept_data_loss = true;
    view.lock = Lock::held;
    view.probes[at_a].answered_at = t0 + 30s;
    EXPECT_TRUE(decided(view, t0 + 30s)
                    .starts_with("promote, because there is no master, and an operator permits the "
                                 "loss of the data; "));
}

TEST(Decide, ResumesAsMasterInPlaceWhenNobodyIsFresher) {
    View view = restarted_master();
    view.lock = Lock::held;
    EXPECT_EQ(decided(view), "promote, because " + all_equal + "(term 7, offset 99)");
}

TEST(Decide, DoesNotResumeWhenAReplicaIsFresher) {
    View view = restarted_master();
    view.members["c"].lineage = Lineage{7, 100};
    EXPECT_EQ(decided(view), "wait: member 10.0.0.3:6379 ranks before this node");
}

// b was restarted, and c, which lives, has fresher data; the sentinels name b.
View restarted_behind_a_fresher_one() {
    View view = restarted_master();
    view.members["c"].lineage = Lineage{7, 100};
    is_replica(view, at_c, at_b);
    sentinels_name(view, at_b);
    return view;
}

TEST(Decide, AsksASentinelForAFailoverWhenAReplicaIsFresherAndTheSentinelsNameThisNode) {
    EXPECT_EQ(decided(restarted_behind_a_fresher_one()),
              "ask sentinel 10.0.1.1:26379 for a fail-over, because 10.0.0.3:6379 has fresher data "
              "(term 7, offset 100; here term 7, offset 99)");
}

TEST(Decide, AsksASentinelThatCanActAndNotTwiceAtOnce) {
    View view = restarted_behind_a_fresher_one();
    view.sentinels.opinions[sentinel_1].can_act = false;
    view.sentinels.opinions[sentinel_2].answered = false;
    const auto actions = decide(view, t0);
    ASSERT_TRUE(has<RequestFailover>(actions));
    EXPECT_EQ(find<RequestFailover>(actions)->sentinel, sentinel_3);
    view.in_flight.failover_request = t0 + 3s;
    EXPECT_EQ(decided(view), "wait: member 10.0.0.3:6379 ranks before this node");
}

// It may have been started again since, with less.
TEST(Decide, AsksNoSentinelOnTheWordOfAFormerLife) {
    View view = restarted_behind_a_fresher_one();
    view.probes[at_c].run_id = "another run";
    EXPECT_FALSE(has<RequestFailover>(decide(view, t0)));
    is_dead(view, at_c);
    EXPECT_FALSE(has<RequestFailover>(decide(view, t0)));
    view.probes.erase(at_c);
    const auto actions = decide(view, t0);
    ASSERT_TRUE(has<AskNode>(actions));
    EXPECT_EQ(find<AskNode>(actions)->node, at_c);
    EXPECT_FALSE(has<RequestFailover>(actions));
}

// Whom they chose now would be master before somebody comes who has more; and later beside the one
// that the nodes elect.
TEST(Decide, AsksNoSentinelWhileTheFreshestAreMissing) {
    View view = restarted_behind_a_fresher_one();
    view.roster = {7, 200, {"a", "b", "c"}};
    EXPECT_FALSE(has<RequestFailover>(decide(view, t0)));
    const TimePoint later = t0 + view.self.cold_start_wait;
    is_replica(view, at_c, at_b);
    view.probes[at_c].answered_at = later;
    view.sentinels.asked_at = view.sentinels.as_of = later;
    EXPECT_FALSE(has<RequestFailover>(decide(view, later)));
}

TEST(Decide, AsksNoSentinelInTheMiddleOfAFailover) {
    View view = restarted_behind_a_fresher_one();
    for (auto& [sentinel, opinion] : view.sentinels.opinions) opinion.failover_in_progress = true;
    EXPECT_FALSE(has<RequestFailover>(decide(view, t0)));
}

TEST(Decide, AsksNoSentinelForAMemberThatIsMerelyPreferred) {
    View view = restarted_master();
    view.record.written->node = "b before its data were copied";
    view.members["c"].priority = 1;
    sentinels_name(view, at_b);
    EXPECT_FALSE(has<RequestFailover>(decide(view, t0)));
}

TEST(Decide, OffersTheFreshestReplicaSoThatTheSentinelsMayChooseIt) {
    View view = all_back();
    view.members["a"].lineage = Lineage{7, 95};
    sentinels_name(view, at_a);
    EXPECT_EQ(decided(view),
              "offer this node for fail-over, because its data are the freshest of the living, so "
              "the sentinels may choose it");
    view.redis.offered = true;
    EXPECT_TRUE(decided(view).starts_with("wait: the sentinels 10.0.1.1:26379, "));
}

TEST(Decide, DoesNotOfferALesserReplicaToTheSentinels) {
    View view = all_back();
    sentinels_name(view, at_a);
    EXPECT_FALSE(has<Offer>(decide(view, t0)));
}

TEST(Decide, PublishesAgainAfterAGrowingPauseWhatZooKeeperHasRefused) {
    View view = promoted_by_sentinels();
    ASSERT_TRUE(has<Publish>(decide(view, t0)));
    milliseconds last{0};
    for (int time = 1; time <= 4; ++time) {
        observe_performed(view, Publish{}, t0);
        observe_published(view, true, 0, t0);
        EXPECT_EQ(spoken_actions(decide(view, t0)),
                  "wait: ZooKeeper has not written the record; another attempt comes soon");
        const auto pause =
            std::chrono::duration_cast<milliseconds>(*view.in_flight.publications.next - t0);
        EXPECT_GT(pause, last);
        last = pause;
    }
    EXPECT_TRUE(has<Publish>(decide(view, t0 + last)));
    observe_published(view, false, 0, t0);
    EXPECT_TRUE(has<Publish>(decide(view, t0))) << "somebody else's record is no refusal";
    observe_published(view, true, 0, t0);
    view.zookeeper_connected = false;
    observe_time(view, t0);
    view.zookeeper_connected = true;
    EXPECT_EQ(view.in_flight.publications.failures, 0) << "another connection is another chance";
}

}  // namespace
}  // namespace redis_zk::redis_wrapper
