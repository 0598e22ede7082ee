// What a master does: is written into the record, takes writes, keeps the roster, meets a rival.
#include <gtest/gtest.h>

#include "redis-wrapper/core/decide.h"
#include "tests/unit/redis-wrapper/core/views.h"

namespace redis_zk::redis_wrapper {
namespace {

std::string decided(const View& view, TimePoint now = t0) {
    return spoken_actions(decide(view, now));
}

// b is recorded and open, and a is verified as master too.
View with_a_rival() {
    View view = recorded_master();
    is_master(view, at_a);
    return view;
}

// A sentinel has promoted b, an open replica of a; the record still names a, which is dead.
View promoted_by_sentinels() {
    View view = replica_in_sync();
    view.redis.role = Role::master;
    view.redis.following.reset();
    view.redis.link_up = false;
    view.members.erase("a");
    is_dead(view, at_a);
    sentinels_name(view, at_b);
    return view;
}

TEST(Decide, PublishesBeforeItTakesWrites) {
    const View view = promoted_under_the_lock();
    View later = view;
    later.probes[at_a].answered_at = t0 + 30s;
    const auto actions = decide(later, t0 + 30s);
    EXPECT_FALSE(has<Open>(actions));
    ASSERT_TRUE(has<Publish>(actions));
    const core::Record& record = find<Publish>(actions)->record;
    EXPECT_EQ(record.term, 8U);
    EXPECT_EQ(record.master, at_b);
    EXPECT_EQ(record.cluster, "c1");
    EXPECT_EQ(record.node, "b");
    EXPECT_EQ(record.run_id, "run of b");
    EXPECT_EQ(record.by, "redis-wrapper b");
    EXPECT_TRUE(record.reason.starts_with("there is no master, and the data of this node"));
}

TEST(Decide, FoundsTheClusterWithItsOwnIdentity) {
    View view = first_node();
    view.redis.role = Role::master;
    view.lock = Lock::held;
    const auto actions = decide(view, t0);
    ASSERT_TRUE(has<Publish>(actions));
    EXPECT_EQ(find<Publish>(actions)->record.cluster, "founded by b");
    EXPECT_EQ(find<Publish>(actions)->record.reason, "the cluster has never had a master");
}

TEST(Decide, DoesNotPublishTwice) {
    View view = promoted_by_sentinels();
    view.in_flight.publication = t0 + 3s;
    EXPECT_EQ(decided(view), "wait: the record is being written");
}

TEST(Decide, SaysInTheRecordThatItReplacesGarbage) {
    View view = first_node();
    view.redis.role = Role::master;
    view.redis.open = true;
    view.redis.lineage = Lineage{7, 99};
    view.record.unreadable = true;
    view.record.named_version = view.record.written_version = 3;
    view.lock = Lock::held;
    const auto actions = decide(view, t0);
    ASSERT_TRUE(has<Publish>(actions));
    EXPECT_EQ(find<Publish>(actions)->record.reason,
              "it is master, and nobody else is; it replaces a record that could not be read");
}

TEST(Decide, TakesWritesWhenTheRecordNamesIt) {
    View view = recorded_master();
    view.redis.open = false;
    EXPECT_EQ(decided(view), "open for writes and fail-over, because the record names this node");
}

TEST(Decide, TakesNoWritesWhenTheRecordNamesItsFormerProcess) {
    View view = recorded_master();
    view.redis.open = false;
    view.redis.run_id = "another run";
    EXPECT_FALSE(has<Open>(decide(view, t0)));
}

TEST(Decide, LeavesARecordedMasterAlone) { EXPECT_EQ(decided(recorded_master()), ""); }

TEST(Decide, ReleasesTheLockWhenTheRecordIsWritten) {
    View view = recorded_master();
    view.lock = Lock::held;
    EXPECT_EQ(decided(view), "release the lock, because the record is written");
}

TEST(Decide, WritesTheRosterWhenTheSetOfThoseWithItsDataChanges) {
    View view = recorded_master();
    EXPECT_FALSE(has<WriteRoster>(decide(view, t0)));
    registered(view, "a", at_a, Lineage{7, 50}, Role::replica).following = at_b;
    view.members["a"].link_up = true;
    const auto actions = decide(view, t0);
    ASSERT_TRUE(has<WriteRoster>(actions));
    EXPECT_EQ(find<WriteRoster>(actions)->roster, (core::Roster{7, 99, {"a", "b", "c"}}));
    view.in_flight.roster = t0 + 3s;
    EXPECT_FALSE(has<WriteRoster>(decide(view, t0)));
}

TEST(Decide, WritesTheRosterOfANewTerm) {
    View view = recorded_master();
    view.roster.term = 6;
    EXPECT_TRUE(has<WriteRoster>(decide(view, t0)));
}

TEST(Decide, KeepsNobodyInTheRosterWhoIsNotInSyncWithThisMaster) {
    const auto in_roster = [](auto change) {
        View view = recorded_master();
        change(view.members["c"]);
        const auto actions = decide(view, t0);
        return !has<WriteRoster>(actions) || find<WriteRoster>(actions)->roster.nodes.size() > 1;
    };
    EXPECT_TRUE(in_roster([](Member&) {}));
    EXPECT_FALSE(in_roster([](Member& c) { c.link_up = false; }));
    EXPECT_FALSE(in_roster([](Member& c) { c.following = at_a; }));
    EXPECT_FALSE(in_roster([](Member& c) { c.lineage = Lineage{6, 200}; }));
    EXPECT_FALSE(in_roster([](Member& c) { c.lineage.reset(); }));
    EXPECT_FALSE(in_roster([](Member& c) { c.role = Role::parked; }));
}

TEST(Decide, PublishesWithoutTheLockWhatTheSentinelsDecided) {
    EXPECT_EQ(decided(promoted_by_sentinels()),
              "publish 10.0.0.2:6379 as master of term 8, because the majority of the sentinels "
              "names it");
}

TEST(Decide, TakesTheLockWhenItIsMasterByAnybodyElsesDoing) {
    View view = promoted_by_sentinels();
    view.sentinels.opinions.clear();
    EXPECT_EQ(decided(view),
              "take the lock, because this node is master and the record does not say so");
    view.lock = Lock::requested;
    EXPECT_EQ(decided(view), "wait: whoever holds the lock decides first");
    view.lock = Lock::held;
    EXPECT_EQ(decided(view),
              "publish 10.0.0.2:6379 as master of term 8, because it is master, and nobody else "
              "is");
}

TEST(Decide, LooksWhetherSomebodyElseIsMasterBeforeItPublishes) {
    View view = promoted_by_sentinels();
    view.sentinels.opinions.clear();
    view.probes.clear();
    view.lock = Lock::held;
    EXPECT_EQ(decided(view), "wait: looking whether somebody else is master");
}

TEST(Decide, ParksAPromotedNodeWhenAFresherOneHasComeMeanwhile) {
    View view = promoted_under_the_lock();
    registered(view, "c", at_c, Lineage{7, 100});
    EXPECT_EQ(decided(view), "park, because member 10.0.0.3:6379 ranks before this node");
}

TEST(Decide, ParksAMasterWithoutDataBeforeItTakesWrites) {
    View view = promoted_under_the_lock();
    view.redis.lineage.reset();
    EXPECT_EQ(decided(view), "park, because the data of this node do not continue the cluster's");
}

TEST(Decide, FollowsTheRivalThatTheRecordNames) {
    View view = promoted_by_sentinels();
    view.sentinels.opinions.clear();
    is_master(view, at_a);
    EXPECT_EQ(decided(view), "follow 10.0.0.1:6379, because it is master and the record names it");
}

TEST(Decide, FencesARecordedMasterWhenTheSentinelsHaveMadeAnother) {
    View view = with_a_rival();
    sentinels_name(view, at_a);
    EXPECT_EQ(decided(view),
              "fence, because the majority of the sentinels names 10.0.0.1:6379, and it is master");
    view.redis.open = false;
    EXPECT_EQ(decided(view), "wait: the record shall name 10.0.0.1:6379 before we follow it");
    recorded(view, 8, "a", at_a);
    EXPECT_EQ(decided(view),
              "follow 10.0.0.1:6379, because it is master and the majority of the sentinels names "
              "it");
}

TEST(Decide, FollowsTheRivalThatTheSentinelsNameWhenItIsNotRecordedItself) {
    View view = promoted_by_sentinels();
    sentinels_name(view, at_c);
    is_master(view, at_c);
    EXPECT_EQ(decided(view),
              "follow 10.0.0.3:6379, because it is master and the majority of the sentinels names "
              "it");
}

// A sentinel promotes first, and names its choice when it has seen that.
TEST(Decide, FencesItselfInsteadOfUndoingAFailOverThatIsUnderWay) {
    View view = promoted_by_sentinels();
    sentinels_name(view, at_a);
    is_master(view, at_a);
    view.sentinels.opinions[sentinel_2].failover_in_progress = true;
    const std::string reason =
        "a sentinel is failing over, perhaps to this node, and 10.0.0.1:6379 is still master";
    EXPECT_EQ(decided(view), "fence, because " + reason);
    view.redis.open = false;
    EXPECT_EQ(decided(view), "wait: " + reason);
}

// Of the record's two nodes the one with the term has arrived, the one with the name has not.
TEST(Decide, DoesNotParkOnHalfOfTheRecordThatItIsWriting) {
    View view = promoted_under_the_lock();
    recorded(view, 8, "b", at_b);
    view.record.named.reset();
    view.redis.lineage.reset();
    view.in_flight.publication = t0 + 1s;
    EXPECT_EQ(decided(view), "wait: the record is being written");
}

TEST(Decide, StaysMasterBesideOneThatNobodyNames) { EXPECT_EQ(decided(with_a_rival()), ""); }

TEST(Decide, FencesAMasterThatWasReplacedInALargerTermAlthoughTheNewOneIsDead) {
    View view = recorded_master();
    recorded(view, 8, "a", at_a);
    is_dead(view, at_a);
    EXPECT_EQ(decided(view), "fence, because the record names another master in the larger term 8");
}

TEST(Decide, DoesNotFenceAMasterWhoseRecordWasLost) {
    View view = recorded_master();
    view.record = core::FoundRecord{};
    view.record.known = true;
    EXPECT_EQ(decided(view),
              "take the lock, because this node is master and the record does not say so");
}

TEST(Decide, DoesNotFenceTheMasterThatTheSentinelsName) {
    View view = promoted_by_sentinels();
    view.record.written->term = 9;
    EXPECT_FALSE(has<Close>(decide(view, t0)));
}

}  // namespace
}  // namespace redis_zk::redis_wrapper
