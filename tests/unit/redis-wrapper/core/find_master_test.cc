#include "redis-wrapper/core/find_master.h"

#include <gtest/gtest.h>

#include "redis-wrapper/core/election.h"
#include "tests/unit/redis-wrapper/core/views.h"

namespace redis_zk::redis_wrapper {
namespace {

const Endpoint at_d{"10.0.0.4", 6379};

TEST(FindMaster, FindsNobodyInANewCluster) {
    const Finding finding = find_master(first_node(), t0);
    EXPECT_EQ(finding.master, std::nullopt);
    EXPECT_FALSE(finding.still_looking);
    EXPECT_TRUE(finding.questions.empty());
}

TEST(FindMaster, BelievesTheRecordedNodeThatAnswersMaster) {
    const Finding finding = find_master(parked_beside_a_master(), t0);
    EXPECT_EQ(finding.master, at_a);
    EXPECT_FALSE(finding.named_by_sentinels);
    EXPECT_EQ(finding.why, "the record names it");
}

TEST(FindMaster, AsksTheRecordedNodeAndConcludesNothingMeanwhile) {
    View view = parked_beside_a_master();
    view.probes.clear();
    const Finding finding = find_master(view, t0);
    EXPECT_EQ(finding.questions, std::vector{at_a});
    EXPECT_TRUE(finding.still_looking);
    EXPECT_EQ(finding.master, std::nullopt);
}

TEST(FindMaster, DoesNotRepeatAQuestionThatIsUnderWay) {
    View view = parked_beside_a_master();
    view.probes.clear();
    view.probes[at_a].asked_until = t0 + 1s;
    EXPECT_TRUE(find_master(view, t0).questions.empty());
    EXPECT_EQ(find_master(view, t0 + 1s).questions, std::vector{at_a});
}

TEST(FindMaster, BelievesNoAnswerThatIsOld) {
    const View view = parked_beside_a_master();
    EXPECT_EQ(find_master(view, t0 + 1500ms).master, at_a);
    const Finding finding = find_master(view, t0 + 1501ms);
    EXPECT_EQ(finding.master, std::nullopt);
    EXPECT_TRUE(finding.still_looking);
}

TEST(FindMaster, LooksOftenUntilItIsSettledAndRarelyThen) {
    EXPECT_FALSE(find_master(parked_beside_a_master(), t0 + 300ms).questions.empty());
    EXPECT_TRUE(find_master(replica_in_sync(), t0 + 9s).questions.empty());
    EXPECT_EQ(find_master(replica_in_sync(), t0 + 9s).master, at_a);
    EXPECT_FALSE(find_master(replica_in_sync(), t0 + 10s).questions.empty());
}

TEST(FindMaster, FollowsTheChainFromAStaleRecordToTheMaster) {
    View view = parked_beside_a_master();
    view.record.named = at_c;
    is_replica(view, at_c, at_d);
    is_replica(view, at_d, at_a);
    const Finding finding = find_master(view, t0);
    EXPECT_EQ(finding.master, at_a);
    EXPECT_EQ(finding.tried, "10.0.0.3:6379 is a replica, 10.0.0.4:6379 is a replica");
}

TEST(FindMaster, ComesToAnEndWhenReplicasFollowEachOther) {
    View view = parked_beside_a_master();
    is_replica(view, at_a, at_c);
    is_replica(view, at_c, at_a);
    const Finding finding = find_master(view, t0);
    EXPECT_EQ(finding.master, std::nullopt);
    EXPECT_FALSE(finding.still_looking);
    EXPECT_EQ(finding.tried, "10.0.0.1:6379 is a replica, 10.0.0.3:6379 is a replica");
}

TEST(FindMaster, ComesToAnEndWhenTheChainLeadsBackHere) {
    View view = replica_in_sync();
    is_replica(view, at_a, at_b);
    EXPECT_EQ(find_master(view, t0).master, std::nullopt);
}

TEST(FindMaster, GivesUpAfterSixHops) {
    View view = parked_beside_a_master();
    Endpoint node = at_a;
    for (std::uint16_t port = 1; port <= 6; ++port) {
        const Endpoint next{"10.0.0.9", port};
        is_replica(view, node, next);
        node = next;
    }
    is_master(view, node);
    EXPECT_EQ(find_master(view, t0).master, std::nullopt);
}

TEST(FindMaster, DoesNotBelieveAMasterOfAnotherClusterAtAReusedAddress) {
    View view = parked_beside_a_master();
    view.probes[at_a].same_cluster = false;
    const Finding finding = find_master(view, t0);
    EXPECT_EQ(finding.master, std::nullopt);
    EXPECT_EQ(finding.tried, "10.0.0.1:6379 does not prove that it belongs to this cluster");
}

TEST(FindMaster, DoesNotFollowTheChainThroughAnotherCluster) {
    View view = parked_beside_a_master();
    is_replica(view, at_a, at_c);
    view.probes[at_a].same_cluster = false;
    is_master(view, at_c);
    EXPECT_EQ(find_master(view, t0).master, std::nullopt);
}

TEST(FindMaster, BelievesTheMajorityOfTheSentinelsBeforeTheRecord) {
    View view = parked_beside_a_master();
    sentinels_name(view, at_c);
    is_master(view, at_c);
    const Finding finding = find_master(view, t0);
    EXPECT_EQ(finding.master, at_c);
    EXPECT_TRUE(finding.named_by_sentinels);
    EXPECT_EQ(finding.why, "the majority of the sentinels names it");
}

// As redis-zk leaves it: two of three that were registered are gone for good.
View with_two_dead_sentinels() {
    View view = first_node();
    view.record.named = at_a;
    is_dead(view, at_a);
    sentinels_name(view, at_c);
    is_master(view, at_c);
    for (const Endpoint& sentinel : {sentinel_2, sentinel_3}) {
        view.sentinels.opinions[sentinel].answered = false;
        view.sentinels.opinions[sentinel].dead = sentinel == sentinel_2;
    }
    return view;
}

TEST(FindMaster, CountsOnlySentinelsThatAnswerWhereNobodyHasDataYet) {
    View view = with_two_dead_sentinels();
    EXPECT_EQ(find_master(view, t0).master, at_c);
    view.redis.lineage = Lineage{7, 99};
    EXPECT_EQ(find_master(view, t0).master, std::nullopt) << "one of three is no majority";
}

TEST(FindMaster, ElectsNobodyBesideAMasterThatOnlyTheSentinelsReach) {
    for (const auto answer : {Probe::Answer::silent, Probe::Answer::dead, Probe::Answer::refused}) {
        View view = with_two_dead_sentinels();
        answers(view, at_c, answer);
        view.sentinels.opinions[sentinel_1].watched = at_c;
        view.sentinels.opinions[sentinel_1].master_is_up = true;
        const auto wait = sign_of_a_master(view, find_master(view, t0), t0);
        ASSERT_TRUE(wait);
        EXPECT_EQ(wait->reason,
                  "the sentinels name 10.0.0.3:6379 and reach it, which this node does not");
        view.sentinels.opinions[sentinel_1].master_is_up = false;
        const auto other = sign_of_a_master(view, find_master(view, t0), t0);
        EXPECT_TRUE(!other || other->reason != wait->reason);
    }
}

TEST(FindMaster, BelievesTheRecordWhenTheSentinelsNameADeadNode) {
    View view = parked_beside_a_master();
    sentinels_name(view, at_c);
    is_dead(view, at_c);
    EXPECT_EQ(find_master(view, t0).master, at_a);
}

TEST(FindMaster, ConcludesNothingBeforeTheSentinelsWereAsked) {
    View view = after_the_death_of_the_master();
    view.sentinels.opinions[sentinel_1] = {};
    const Finding finding = find_master(view, t0);
    EXPECT_TRUE(finding.ask_sentinels);
    EXPECT_TRUE(finding.still_looking);
}

TEST(FindMaster, AsksTheSentinelsEveryTwoSecondsAlsoWhenSettled) {
    View view = replica_in_sync();
    sentinels_name(view, at_a);
    EXPECT_FALSE(find_master(view, t0 + 1999ms).ask_sentinels);
    EXPECT_TRUE(find_master(view, t0 + 2s).ask_sentinels);
    view.sentinels.asked_until = t0 + 3s;
    EXPECT_FALSE(find_master(view, t0 + 2s).ask_sentinels);
}

TEST(FindMaster, AsksTheSentinelsMoreOftenDuringAFailOver) {
    View view = replica_in_sync();
    sentinels_name(view, at_a);
    view.sentinels.opinions[sentinel_1].failover_in_progress = true;
    EXPECT_FALSE(find_master(view, t0 + 299ms).ask_sentinels);
    EXPECT_TRUE(find_master(view, t0 + 300ms).ask_sentinels);
}

TEST(FindMaster, AsksTheSentinelsAtOnceWhenWhatTheySaidIsOutdated) {
    View view = replica_in_sync();
    sentinels_name(view, at_a);
    EXPECT_FALSE(find_master(view, t0).ask_sentinels);
    view.sentinels.outdated_at = t0 + 1ms;
    const Finding finding = find_master(view, t0 + 1ms);
    EXPECT_TRUE(finding.ask_sentinels);
    EXPECT_TRUE(finding.still_looking);
}

// How it counts: promoted_test.cc.
TEST(FindMaster, LooksAtTheFormerMasterOnlyWhenThisNodeIsAnotherOne) {
    View view = promoted_by_sentinels();
    view.probes.clear();
    const Finding finding = find_master(view, t0);
    EXPECT_TRUE(finding.former_is_unknown);
    EXPECT_EQ(finding.questions, std::vector{at_a});
    EXPECT_FALSE(find_master(recorded_master(), t0).former_is_unknown);
    View replica = replica_in_sync();
    replica.probes.clear();
    EXPECT_FALSE(find_master(replica, t0).former_is_unknown);
}

// A closed recorded master whose sentinels have no majority; one of them names c.
View closed_and_doubted() {
    View view = recorded_master();
    view.redis.open = false;
    sentinels_name(view, at_b);
    view.sentinels.opinions[sentinel_1].master = at_c;
    view.sentinels.opinions[sentinel_2].answered = false;
    return view;
}

TEST(FindMaster, LooksAtWhomASingleSentinelNamesInsteadOfThisClosedMaster) {
    View view = closed_and_doubted();
    EXPECT_EQ(find_master(view, t0).named_otherwise, at_c);
    EXPECT_EQ(find_master(view, t0).questions, std::vector{at_c});
    is_master(view, at_c);
    EXPECT_EQ(find_master(view, t0).named_otherwise, at_c);
    view.probes[at_c].same_cluster = false;
    EXPECT_EQ(find_master(view, t0).named_otherwise, std::nullopt);
    for (const auto answer :
         {Probe::Answer::dead, Probe::Answer::loading, Probe::Answer::replica}) {
        answers(view, at_c, answer);
        EXPECT_EQ(find_master(view, t0).named_otherwise, std::nullopt);
    }
}

TEST(FindMaster, TakesTheOtherwiseNamedForDeadAfterTheColdStartWait) {
    View view = closed_and_doubted();
    answers(view, at_c, Probe::Answer::silent);
    view.probes[at_c].silent_since = t0;
    view.probes[at_c].answered_at = t0 + 30s;
    EXPECT_EQ(find_master(view, t0 + 30s - 1ms).named_otherwise, at_c);
    EXPECT_EQ(find_master(view, t0 + 30s).named_otherwise, std::nullopt);
}

TEST(FindMaster, DoesNotMindWhatAMinorityNamesWhenTheMajorityNamesThisNode) {
    View view = closed_and_doubted();
    view.sentinels.opinions[sentinel_2].answered = true;
    EXPECT_EQ(find_master(view, t0).named_otherwise, std::nullopt);
}

TEST(FindMaster, LooksAtTheMasterOfThisNodeWhenNobodyNamesOne) {
    View view = replica_in_sync();
    view.record.named.reset();
    view.record.written.reset();
    const Finding finding = find_master(view, t0);
    EXPECT_EQ(finding.master, at_a);
    EXPECT_EQ(finding.why, "it is the master of this node");
}

TEST(FindMaster, AsksTheNodeThatThisOneFollowsWhenAnotherIsFound) {
    View view = replica_in_sync();
    view.redis.following = at_c;
    const Finding finding = find_master(view, t0);
    EXPECT_EQ(finding.master, at_a);
    EXPECT_EQ(finding.questions, std::vector{at_c});
    EXPECT_TRUE(finding.follows_a_rival);
    is_replica(view, at_c, at_a);
    EXPECT_FALSE(find_master(view, t0).follows_a_rival);
    EXPECT_FALSE(find_master(replica_in_sync(), t0).follows_a_rival);
}

TEST(FindMaster, MayFindThisNode) { EXPECT_EQ(find_master(recorded_master(), t0).master, at_b); }

TEST(FindMaster, TellsThatThisNodeIsParked) {
    EXPECT_EQ(find_master(restarted_master(), t0).tried, "10.0.0.2:6379 is this node, parked");
}

TEST(FindMaster, TellsSilenceFromDeath) {
    View view = parked_beside_a_master();
    answers(view, at_a, Probe::Answer::silent);
    view.probes[at_a].silent_since = t0 - 4s;
    const Finding silence = find_master(view, t0);
    EXPECT_EQ(silence.silent, at_a);
    EXPECT_EQ(silence.silent_since, t0 - 4s);
    is_dead(view, at_a);
    EXPECT_EQ(find_master(view, t0).silent, std::nullopt);
}

TEST(FindMaster, TellsThatTheNamedNodeIsLoading) {
    View view = parked_beside_a_master();
    answers(view, at_a, Probe::Answer::loading);
    EXPECT_EQ(find_master(view, t0).tried, "10.0.0.1:6379 is loading");
}

TEST(Majority, IsMoreThanHalfOfTheRegisteredSentinelsNotOfThoseThatAnswer) {
    View view = first_node();
    sentinels_name(view, at_a);
    EXPECT_EQ(majority_of_sentinels(view), at_a);
    view.sentinels.opinions[sentinel_1].answered = false;
    EXPECT_EQ(majority_of_sentinels(view), at_a);
    view.sentinels.opinions[sentinel_2].answered = false;
    EXPECT_EQ(majority_of_sentinels(view), std::nullopt);
}

TEST(Majority, IsNoneWhenTwoHalvesDisagree) {
    View view = first_node();
    sentinels_name(view, at_a);
    view.sentinels.opinions.erase(sentinel_3);
    view.sentinels.opinions[sentinel_1].master = at_c;
    EXPECT_EQ(majority_of_sentinels(view), std::nullopt);
}

TEST(Majority, IsNotMovedByOneSentinelWithAnOldOpinion) {
    View view = first_node();
    sentinels_name(view, at_c);
    view.sentinels.opinions[sentinel_3].master = at_a;
    EXPECT_EQ(majority_of_sentinels(view), at_c);
}

TEST(Settled, IsARecordedMasterOrAReplicaWhoseLinkIsUpAndThatMayBeChosen) {
    EXPECT_TRUE(is_settled(recorded_master()));
    EXPECT_TRUE(is_settled(replica_in_sync()));
    EXPECT_FALSE(is_settled(promoted_under_the_lock()));
    EXPECT_FALSE(is_settled(first_node()));
    View unlinked = replica_in_sync();
    unlinked.redis.link_up = false;
    EXPECT_FALSE(is_settled(unlinked));
    View kept_back = replica_in_sync();
    kept_back.redis.offered = false;
    EXPECT_FALSE(is_settled(kept_back));
    View unproven = replica_in_sync();
    unproven.probes[at_a].same_cluster = false;
    EXPECT_FALSE(is_settled(unproven)) << "it is asked again soon";
}

}  // namespace
}  // namespace redis_zk::redis_wrapper
