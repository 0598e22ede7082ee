#include "redis-wrapper/core/election.h"

#include <gtest/gtest.h>

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

TEST(Election, IsOpenToTheFirstNodeAtOnce) {
    EXPECT_TRUE(is_new_cluster(first_node()));
    EXPECT_EQ(objection(first_node()), "");
}

TEST(Election, LetsWhoeverHoldsTheLockFoundTheCluster) {
    View view = first_node();
    registered(view, "a", at_a, std::nullopt);
    EXPECT_EQ(objection(view), "") << "although a has the smaller identity";
}

TEST(Election, LetsThePreferredNodeFoundTheCluster) {
    View view = first_node();
    registered(view, "c", at_c, std::nullopt).priority = 50;
    EXPECT_EQ(objection(view), "member 10.0.0.3:6379 ranks before this node");
}

TEST(Election, LetsANodeThatBringsDataFoundTheCluster) {
    View view = first_node();
    registered(view, "c", at_c, std::nullopt).brings_data = true;
    EXPECT_EQ(objection(view), "member 10.0.0.3:6379 ranks before this node");
}

TEST(Election, WaitsInANewClusterForAMemberThatMayLoadTheDataOfAPlainServer) {
    View view = first_node();
    registered(view, "c", at_c, std::nullopt, Role::loading);
    EXPECT_EQ(objection(view), "member 10.0.0.3:6379 is loading data that may be fresher");
    view.redis.brings_data = true;
    EXPECT_EQ(objection(view), "");
}

TEST(Election, IsOfNoNewClusterWhenAMemberHasData) {
    View view = first_node();
    registered(view, "c", at_c, Lineage{3, 5});
    EXPECT_FALSE(is_new_cluster(view));
    EXPECT_TRUE(contains(objection(view), "do not continue the cluster's"));
}

TEST(Election, IsDecidedByTheTermBeforeTheOffset) {
    View view = all_back();
    view.members["a"].lineage = Lineage{6, 9999};
    view.members["c"].lineage = Lineage{7, 100};
    EXPECT_EQ(objection(view, t0 + 60s), "member 10.0.0.3:6379 ranks before this node");
}

TEST(Election, IsDecidedByThePriorityAmongEquals) {
    View view = after_the_death_of_the_master();
    view.members["c"].priority = 50;
    EXPECT_EQ(objection(view, t0 + 60s), "member 10.0.0.3:6379 ranks before this node");
    view.members["c"].lineage = Lineage{7, 98};
    is_dead(view, at_a);
    view.probes[at_a].answered_at = t0 + 60s;
    EXPECT_EQ(objection(view, t0 + 60s), "") << "fresher data come before any priority";
}

TEST(Election, IsDecidedByTheIdentityAtLast) {
    View view = after_the_death_of_the_master();
    view.probes[at_a].answered_at = t0 + 60s;
    EXPECT_EQ(objection(view, t0 + 60s), "");
    view.self.id = "d";
    EXPECT_EQ(objection(view, t0 + 60s), "member 10.0.0.3:6379 ranks before this node");
}

TEST(Election, ComparesWithThisNodeAsItIsAndNotAsItLastWrote) {
    View view = all_back();
    registered(view, "b", at_b, Lineage{9, 0});
    EXPECT_TRUE(contains(objection(view), "ranks before"));
}

TEST(Election, IsNeverWonWithPriorityZero) {
    View view = first_node();
    view.self.priority = 0;
    EXPECT_EQ(objection(view), "replica-priority 0 keeps this node from being master");
}

TEST(Election, DoesNotWaitForAFresherNodeWithPriorityZero) {
    View view = after_the_death_of_the_master();
    view.members["c"].lineage = Lineage{7, 500};
    view.members["c"].priority = 0;
    view.probes[at_a].answered_at = t0 + 60s;
    EXPECT_EQ(objection(view, t0 + 60s), "");
}

TEST(Election, IsNeverWonWithoutDataWhereThereAreData) {
    View view = after_the_death_of_the_master();
    view.redis.lineage.reset();
    EXPECT_TRUE(lacks_data(view));
    EXPECT_TRUE(contains(objection(view, t0 + 600s), "ACCEPT_DATA_LOSS"));
}

TEST(Election, MayBeWonWithoutDataWhenAnOperatorPermitsIt) {
    View view = after_the_death_of_the_master();
    view.redis.lineage.reset();
    view.self.accept_data_loss = true;
    view.members.clear();
    view.probes[at_a].answered_at = t0 + 60s;
    EXPECT_FALSE(lacks_data(view));
    EXPECT_EQ(objection(view, t0 + 60s), "");
}

TEST(Election, PrefersTheDataToThePermissionToLoseThem) {
    View view = after_the_death_of_the_master();
    view.redis.lineage.reset();
    view.self.accept_data_loss = true;
    EXPECT_EQ(objection(view), "member 10.0.0.3:6379 ranks before this node");
}

TEST(Election, WaitsForAMemberThatLoadsDataWhichMayBeFresher) {
    View view = after_the_death_of_the_master();
    view.members["c"].role = Role::loading;
    view.members["c"].lineage = Lineage{7, 100};
    EXPECT_EQ(objection(view, t0 + 60s),
              "member 10.0.0.3:6379 is loading data that may be fresher");
}

TEST(Election, DoesNotWaitForAMemberThatLoadsOlderData) {
    View view = after_the_death_of_the_master();
    view.members["c"].role = Role::loading;
    view.members["c"].lineage = Lineage{7, 98};
    view.probes[at_a].answered_at = t0 + 60s;
    EXPECT_EQ(objection(view, t0 + 60s), "");
}

TEST(Election, TakesPlaceAtOnceWhenTheRecordedLineageIsPresent) {
    View view = all_back();
    EXPECT_EQ(objection(view), "member 10.9.0.1:6379 ranks before this node");
    view.members["a"].lineage = Lineage{7, 95};
    EXPECT_EQ(objection(view), "") << "a has what the roster says, and b has more";
}

TEST(Election, TakesPlaceAtOnceWhenAllRecordedMembersArePresent) {
    View view = all_back();
    view.members["a"].lineage = Lineage{6, 80};
    EXPECT_EQ(objection(view), "");
    view.members.erase("c");
    EXPECT_TRUE(contains(objection(view), "1 of 3 are missing"));
}

TEST(Election, DoesNotTakeARecordedMasterThatCameBackOlderForTheRecordedLineage) {
    View view = all_back();
    view.members.erase("c");
    view.members["a"].lineage = Lineage{7, 90};
    EXPECT_EQ(objection(view), "");
    view.members["a"].lineage = Lineage{7, 89};
    EXPECT_TRUE(contains(objection(view), "1 of 3 are missing"));
}

TEST(Election, WaitsForTheRecordedMasterAndSaysWhatIsMissing) {
    EXPECT_EQ(objection(after_the_death_of_the_master()),
              "the recorded master, 10.0.0.1:6379, is missing with its data: of the nodes that had "
              "them, 1 of 3 are missing");
}

TEST(Election, WaitsForTheRecordedMasterNoLongerThanTheColdStartWait) {
    View view = after_the_death_of_the_master();
    view.self.cold_start_wait = 12s;
    view.probes[at_a].answered_at = t0 + 12s;
    EXPECT_NE(objection(view, t0 + 12s - 1ms), "");
    EXPECT_EQ(objection(view, t0 + 12s), "");
}

TEST(Election, CountsTheColdStartWaitFromWhenAMasterWasLastSeen) {
    View view = after_the_death_of_the_master();
    view.master_seen_at = t0 + 10s;
    view.probes[at_a].answered_at = t0 + 39s;
    EXPECT_NE(objection(view, t0 + 39s), "");
    EXPECT_EQ(objection(view, t0 + 40s), "");
}

TEST(Election, SaysWhatIsMissingWhenThereIsNoRosterOfTheTerm) {
    View view = after_the_death_of_the_master();
    view.roster.term = 6;
    EXPECT_EQ(objection(view), "the recorded master, 10.0.0.1:6379, is missing with its data");
}

TEST(Election, WaitsWhileTheRecordedMasterIsLoading) {
    View view = all_back();
    view.members["a"].role = Role::loading;
    view.members["a"].lineage = Lineage{7, 99};
    EXPECT_EQ(objection(view), "the recorded master, 10.0.0.1:6379, is loading");
}

TEST(Election, LetsTheRecordedMasterResumeWhereDataAreLevel) {
    View view = restarted_master();
    view.members["c"].priority = 1;
    view.members["c"].role = Role::parked;
    EXPECT_EQ(objection(view), "");
    EXPECT_EQ(best_member(view)->id, "b");
    View other = all_back();
    other.members["a"].lineage = Lineage{7, 99};
    other.self.priority = 1;
    EXPECT_EQ(objection(other), "member 10.9.0.1:6379 ranks before this node");
}

TEST(Election, WaitsWhenTheRecordCannotBeRead) {
    View view = after_the_death_of_the_master();
    view.record.named.reset();
    view.record.written.reset();
    view.record.unreadable = true;
    EXPECT_EQ(objection(view), "the record cannot be read, so nodes may be missing");
}

TEST(Election, IsOfNoNewClusterWhenTheRecordCannotBeRead) {
    View view = first_node();
    view.record.unreadable = true;
    view.record.written_version = 3;
    EXPECT_FALSE(is_new_cluster(view));
    EXPECT_TRUE(lacks_data(view));
}

TEST(Election, WaitsWhenTheRecordIsLostAndThereAreData) {
    View view = after_the_death_of_the_master();
    view.record = core::FoundRecord{};
    view.record.known = true;
    EXPECT_EQ(objection(view), "the record is lost, so nodes may be missing");
}

TEST(Election, WaitsForTheNodeThatARecordWithoutATermNames) {
    View view = first_node();
    view.record.named = at_a;
    view.record.named_version = 0;
    is_dead(view, at_a);
    EXPECT_FALSE(is_new_cluster(view));
    EXPECT_FALSE(is_there_data(view));
    EXPECT_EQ(objection(view), "the record does not say which data are the freshest");
    view.probes[at_a].answered_at = t0 + 30s;
    EXPECT_EQ(objection(view, t0 + 30s), "");
}

TEST(Election, WaitsWhileAMemberSaysThatItIsMaster) {
    View view = after_the_death_of_the_master();
    view.members["c"].role = Role::master;
    EXPECT_EQ(objection(view, t0 + 60s),
              "member 10.0.0.3:6379 says that it is master, and is not published yet");
}

TEST(Election, SaysWhenAMasterIsDeadAndItsSessionIsNot) {
    View view = after_the_death_of_the_master();
    registered(view, "a", at_a, Lineage{7, 99}, Role::master);
    EXPECT_EQ(objection(view),
              "member 10.0.0.1:6379 was master in a former life, and its session has not ended");
    is_replica(view, at_a, nowhere);
    view.probes[at_a].run_id = "another run";
    EXPECT_TRUE(contains(objection(view), "in a former life"));
    view.probes[at_a].run_id = view.members["a"].run_id;
    EXPECT_TRUE(contains(objection(view), "is not published yet"));
}

TEST(Election, WaitsWhileAnotherReplicaStillHearsFromAMaster) {
    View view = after_the_death_of_the_master();
    Member& c = view.members["c"];
    c.role = Role::replica;
    c.following = at_a;
    c.link_up = true;
    EXPECT_EQ(objection(view, t0 + 60s),
              "member 10.0.0.3:6379 still hears from a master, 10.0.0.1:6379");
}

// Until the member has noticed, its entry holds an old offset: its last writes would be thrown
// away.
TEST(Election, WaitsUntilAMemberHasNoticedThatItsMasterIsNoneAnyMore) {
    View view = after_the_death_of_the_master();
    Member& c = view.members["c"];
    c.role = Role::replica;
    c.following = at_a;
    c.link_up = true;
    registered(view, "a", at_a, Lineage{7, 95});
    is_replica(view, at_a, nowhere);
    EXPECT_TRUE(contains(objection(view), "still hears from a master"));
    c.link_up = false;
    EXPECT_EQ(objection(view), "");
}

// The link leads to our process that died: until the replica notices, its offset may be old.
TEST(Election, WaitsUntilTheOwnReplicasHaveNoticedTheRestart) {
    View view = restarted_master();
    view.members["c"].link_up = true;
    EXPECT_TRUE(contains(objection(view), "still hears from a master"));
    view.redis.replicas = {at_c};
    EXPECT_EQ(objection(view), "");
}

TEST(Election, WaitsWhileTheOwnLinkToAMasterIsUp) {
    View view = replica_in_sync();
    view.members.clear();
    EXPECT_EQ(objection(view), "the link to 10.0.0.1:6379, a master, is up");
}

TEST(Election, CountsASilentMasterAsDeadOnlyAfterTheColdStartWait) {
    View view = all_back();
    view.members["a"].lineage = Lineage{7, 95};
    answers(view, at_a, Probe::Answer::silent);
    view.probes[at_a].silent_since = t0;
    EXPECT_EQ(objection(view), "10.0.0.1:6379 is named as master and does not answer");
    view.probes[at_a].answered_at = t0 + 30s;
    EXPECT_NE(objection(view, t0 + 30s - 1ms), "");
    EXPECT_EQ(objection(view, t0 + 30s), "");
}

TEST(Election, DoesNotWaitAnewForASilentMasterAfterAStandStill) {
    View view = all_back();
    view.members["a"].lineage = Lineage{7, 95};
    answers(view, at_a, Probe::Answer::silent);
    view.probes[at_a].silent_since = t0;
    view.probes[at_a].silent_before = 20s;
    view.probes[at_a].answered_at = t0 + 10s;
    EXPECT_NE(objection(view, t0 + 10s - 1ms), "");
    EXPECT_EQ(objection(view, t0 + 10s), "");
}

TEST(MemberWithOurData, IsOneOfTheRecordedTermThatMayLead) {
    View view = recorded_master();
    ASSERT_TRUE(member_with_our_data(view));
    EXPECT_EQ(member_with_our_data(view)->id, "c");
    const auto is_none_when = [&view](auto change) {
        View other = view;
        change(other.members["c"]);
        return !member_with_our_data(other);
    };
    EXPECT_TRUE(is_none_when([](Member& c) { c.priority = 0; }));
    EXPECT_TRUE(is_none_when([](Member& c) { c.role = Role::loading; }));
    EXPECT_TRUE(is_none_when([](Member& c) { c.lineage = Lineage{6, 500}; }));
    EXPECT_TRUE(is_none_when([](Member& c) { c.lineage.reset(); }));
    view.members.erase("c");
    registered(view, "b", at_b, Lineage{7, 99}, Role::replica);
    EXPECT_FALSE(member_with_our_data(view)) << "its own entry of a former life";
}

TEST(NextTerm, IsLargerThanAnyThatAnybodyHasHeardOf) {
    EXPECT_EQ(next_term(first_node()), 1U);
    View view = after_the_death_of_the_master();
    EXPECT_EQ(next_term(view), 8U);
    view.roster.term = 9;
    EXPECT_EQ(next_term(view), 10U);
    view.members["c"].lineage = Lineage{12, 0};
    EXPECT_EQ(next_term(view), 13U);
    view.redis.lineage = Lineage{20, 0};
    EXPECT_EQ(next_term(view), 21U);
}

TEST(BestMember, IsNobodyWhenNobodyMayLead) {
    View view = after_the_death_of_the_master();
    view.redis.lineage.reset();
    view.members["c"].priority = 0;
    EXPECT_EQ(best_member(view), std::nullopt);
}

}  // namespace
}  // namespace redis_zk::redis_wrapper
