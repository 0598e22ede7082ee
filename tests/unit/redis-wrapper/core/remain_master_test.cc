// What a master does: is written into the record, takes writes, keeps the roster, meets a rival.
// One that somebody else has promoted: promoted_test.cc.
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
    EXPECT_EQ(decided(view), "open for writes, because the record names this node");
}

// It may have been replaced while nobody who knows of it was heard.
TEST(Decide, TakesNoWritesBeforeMoreThanHalfOfTheSentinelsWereHeard) {
    View view = recorded_master();
    view.redis.open = false;
    sentinels_name(view, at_b);
    EXPECT_TRUE(has<Open>(decide(view, t0)));
    view.sentinels.opinions[sentinel_1].answered = false;
    EXPECT_TRUE(has<Open>(decide(view, t0)));
    view.sentinels.opinions[sentinel_2].answered = false;
    const std::string wait = "wait: asking the sentinels whether they have another master";
    EXPECT_EQ(decided(view), wait);
    sentinels_name(view, at_b);
    view.sentinels.outdated_at = t0 + 1ms;
    EXPECT_EQ(decided(view), wait) << "what they said is older than the record";
}

TEST(Decide, TakesNoWritesWhileAnotherIsMasterThoughWhoNamedItIsDead) {
    View view = recorded_master();
    view.redis.open = false;
    view.sentinels.opinions.clear();
    EXPECT_TRUE(has<Open>(decide(view, t0)));
    is_master(view, at_c);
    EXPECT_FALSE(has<Open>(decide(view, t0)));
}

TEST(Decide, TakesNoWritesWhileASingleSentinelNamesAnotherThatMayBeMaster) {
    View view = recorded_master();
    view.redis.open = false;
    sentinels_name(view, at_b);
    for (const Endpoint& hesitant : {sentinel_2, sentinel_3})
        view.sentinels.opinions[hesitant].master.reset();
    view.sentinels.opinions[sentinel_1].master = at_c;
    const auto actions = decide(view, t0);
    EXPECT_EQ(spoken_actions(actions),
              "wait: 10.0.0.3:6379 is or was named as master, and may be it");
    ASSERT_TRUE(has<AskNode>(actions));
    EXPECT_EQ(find<AskNode>(actions)->node, at_c);
    is_master(view, at_c);
    EXPECT_FALSE(has<Open>(decide(view, t0)));
    is_replica(view, at_c, at_b);
    EXPECT_TRUE(has<Open>(decide(view, t0)));
}

TEST(Decide, GoesOnTakingWritesWhateverAMinorityOfTheSentinelsNames) {
    View view = recorded_master();
    sentinels_name(view, at_b);
    view.sentinels.opinions[sentinel_1].master = at_c;
    is_master(view, at_c);
    EXPECT_EQ(decided(view), "");
}

TEST(Decide, TakesNoWritesWhenTheRecordNamesItsFormerProcess) {
    View view = recorded_master();
    view.redis.open = false;
    view.redis.run_id = "another run";
    EXPECT_FALSE(has<Open>(decide(view, t0)));
}

TEST(Decide, LeavesARecordedMasterAlone) { EXPECT_EQ(decided(recorded_master()), ""); }

// A watcher does not know it when it has never seen the node's entry.
TEST(Decide, WritesTheIdentityOfItsDataIntoARecordThatDoesNotHaveIt) {
    View view = recorded_master();
    view.record.written->node.clear();
    ASSERT_EQ(decided(view),
              "publish 10.0.0.2:6379 as master of term 8, because the record does not say whose "
              "data this node has");
    EXPECT_EQ(find<Publish>(decide(view, t0))->record.node, "b");
    view.in_flight.publication = t0 + 1s;
    EXPECT_EQ(decided(view), "") << "not twice while the answer is missing";
    view.in_flight.publication.reset();
    view.redis.open = false;
    EXPECT_EQ(decided(view), "open for writes, because the record names this node");
}

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

TEST(Decide, FencesARecordedMasterWhenTheSentinelsHaveMadeAnother) {
    View view = with_a_rival();
    sentinels_name(view, at_a);
    EXPECT_EQ(decided(view),
              "fence, because 10.0.0.1:6379 is master, and the majority of the sentinels names it");
    view.redis.open = false;
    EXPECT_EQ(decided(view), "wait: the record shall name 10.0.0.1:6379 before we follow it");
    recorded(view, 8, "a", at_a);
    EXPECT_EQ(decided(view),
              "follow 10.0.0.1:6379, because it is master and the majority of the sentinels names "
              "it");
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

// The half with the term has arrived, the one with the name has not.
// Before it has read anything, registered again or asked anybody: it may have been replaced.
TEST(Decide, FencesAMasterThatStoodStillBeforeAnythingElse) {
    const std::string fence =
        "fence, because this process stood still, and another node may have been made master "
        "meanwhile";
    View view = recorded_master();
    view.lease_is_lost = true;
    EXPECT_EQ(decided(view), fence);
    view.registered = false;
    EXPECT_EQ(decided(view), fence);
    view.zookeeper_connected = false;
    EXPECT_EQ(decided(view), fence);
    view.in_flight.redis_command = t0 + 1s;
    EXPECT_FALSE(has<Close>(decide(view, t0))) << "it is being closed";
}

// As a closed master does that the record names, when all was read again.
TEST(Decide, TakesWritesAgainAfterAStandStillInWhichNothingHappened) {
    View view = recorded_master();
    view.redis.open = false;
    view.zookeeper_connected = false;
    EXPECT_FALSE(has<Open>(decide(view, t0)));
    view.zookeeper_connected = true;
    EXPECT_TRUE(has<Open>(decide(view, t0)));
}

TEST(Decide, DoesNotFenceAMasterForTheRecordThatItHasWrittenItself) {
    View view = recorded_master();
    view.record.written->term = 8;
    view.record.named = at_a;
    is_dead(view, at_a);
    view.in_flight.publication = t0 + 1s;
    EXPECT_EQ(decided(view), "wait: the record is being written");
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
