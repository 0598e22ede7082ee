#include "watcher/core/decide.h"

#include <set>

#include <gtest/gtest.h>

#include "tests/unit/watcher/core/views.h"

namespace redis_zk::watcher {
namespace {

using Answer = Probe::Answer;

std::string decided(const View& view, TimePoint now = t0) {
    return spoken_actions(decide(view, now));
}

// Of the record that is decided; the test fails when there is none.
core::Record published(const View& view) {
    for (const Action& action : decide(view, t0))
        if (const auto* publish = std::get_if<Publish>(&action)) return publish->record;
    ADD_FAILURE() << "nothing was published";
    return {};
}

const std::string publication =
    "publish 10.0.0.2:6379 as master of term 8, because all sentinels that can be reached name it "
    "in epoch 2";

TEST(Decide, DoesNothingAndAsksNobodyWhileAllIsWell) {
    EXPECT_TRUE(decide(calm(), t0).empty());
    EXPECT_TRUE(decide(calm(), t0 + 9s).empty());
}

TEST(Decide, LooksAgainEveryTenSecondsThoughNothingHappens) {
    const auto actions = decide(calm(), t0 + 10s);
    EXPECT_TRUE(has<AskNode>(actions));
    EXPECT_TRUE(has<AskSentinel>(actions));
}

TEST(Decide, PublishesWhomTheSentinelsNameWhenTheNodeIsMaster) {
    EXPECT_EQ(decided(failed_over()), publication);
}

TEST(Decide, WritesWhatItHasProvenIntoTheRecord) {
    const core::Record record = published(failed_over());
    EXPECT_EQ(record.node, "b");
    EXPECT_EQ(record.cluster, "c1");
    EXPECT_EQ(record.run_id, "run at 10.0.0.2");
    EXPECT_EQ(record.replication_id, "history of 10.0.0.2");
    EXPECT_EQ(record.by, "watcher 5f3c");
    EXPECT_EQ(record.config_epoch, 2U);
}

TEST(Decide, KeepsTheIdentityOfTheDataOfWhoIsRecordedAnew) {
    View view = calm();
    view.record.named.reset();
    view.last_entries.clear();
    view.members.clear();
    EXPECT_EQ(published(view).node, "a") << "the record still tells it";
    view.record.written->run_id = "another run";
    EXPECT_EQ(published(view).node, "") << "of another process";
    registered(view, "d", at_a);
    EXPECT_EQ(published(view).node, "d") << "its own entry knows best";
}

TEST(Decide, ChoosesATermThatIsLargerThanAnyThatAMemberHasHeardOf) {
    View view = failed_over();
    view.members["b"].lineage = core::Lineage{11, 0};
    EXPECT_NE(decided(view).find("term 12"), std::string::npos);
}

TEST(Decide, PublishesNothingOnAProofThatIsNotFresh) {
    View view = failed_over();
    view.probes[at_b].asked_at = t0 - 500ms;
    EXPECT_EQ(decided(view), publication);
    view.probes[at_b].asked_at = t0 - 501ms;  // the answer came now
    EXPECT_EQ(decided(view), "wait: asking 10.0.0.2:6379 whether it is still master");
}

TEST(Decide, PublishesNobodyWhoIsNoMaster) {
    for (const Answer answer : {Answer::replica, Answer::silent, Answer::dead, Answer::loading}) {
        View view = failed_over();
        answers(view, at_b, answer);
        EXPECT_FALSE(has<Publish>(decide(view, t0)));
    }
}

TEST(Decide, PublishesNobodyWhoMayBelongToAnotherCluster) {
    View view = failed_over();
    view.probes[at_b].same_cluster = false;
    EXPECT_EQ(decided(view), publication) << "it is the process that has registered";
    view.probes[at_b].run_id = "of a stranger";
    EXPECT_FALSE(has<Publish>(decide(view, t0)));
}

TEST(Decide, PublishesNobodyWhoMayBeEmpty) {
    View view = failed_over();
    view.last_entries[at_b].lineage.reset();
    EXPECT_EQ(decided(view),
              "wait: 10.0.0.2:6379 is master, and nobody says that it has the data of the cluster");
    view.probes[at_b].closed.reset();
    EXPECT_FALSE(has<Publish>(decide(view, t0))) << "it does not tell whether it is open";
    view.probes[at_b].closed = false;
    EXPECT_TRUE(has<Publish>(decide(view, t0))) << "its own wrapper has opened it";
}

TEST(Decide, PublishesNobodyOnWhatAFormerProcessHad) {
    View view = failed_over();
    view.probes[at_b].run_id = "started again, perhaps without data";
    view.probes[at_b].same_cluster = true;
    const std::string wait =
        "wait: 10.0.0.2:6379 is master, and nobody says that it has the data of the cluster";
    EXPECT_EQ(decided(view), wait);
    view.last_entries.clear();
    view.members.clear();
    EXPECT_EQ(decided(view), wait) << "nor without any entry";
}

TEST(Decide, PublishesNobodyWhoMayBeEmptyThoughTheRecordIsLostOrNoSentinelIsLeft) {
    View view = calm();
    view.record.named.reset();
    view.last_entries[at_a].lineage.reset();
    view.probes[at_a].closed = true;
    EXPECT_FALSE(has<Publish>(decide(view, t0)));
    view.record.written.reset();
    EXPECT_FALSE(has<Publish>(decide(view, t0)));
    view.sentinels.clear();
    view.listening = {};
    EXPECT_FALSE(has<Publish>(decide(view, t0)));
    view.probes[at_a].closed = false;
    EXPECT_TRUE(has<Publish>(decide(view, t0))) << "its own wrapper has opened it";
}

TEST(Decide, WaitsForAFormerMasterThatTakesWrites) {
    View view = failed_over();
    answers(view, at_a, Answer::master, true);
    EXPECT_EQ(decided(view),
              "wait: 10.0.0.1:6379 may still take writes, and has to stop before 10.0.0.2:6379 is "
              "recorded");
    view.probes[at_a].closed.reset();
    EXPECT_FALSE(has<Publish>(decide(view, t0))) << "it does not tell whether it is open";
    view.probes[at_a].closed = true;
    EXPECT_EQ(decided(view), publication);
    view.probes[at_a].asked_at = t0 - 501ms;  // the answer came now
    EXPECT_EQ(decided(view), "wait: asking 10.0.0.1:6379 whether it still takes no writes");
}

// It may have been opened before it was replaced, and after it was asked.
TEST(Decide, AsksAFormerMasterAgainSinceTheNewsOfItsSuccessor) {
    View view = failed_over();
    answers(view, at_a, Answer::master, true);
    view.probes[at_a].closed = true;
    for (TimePoint* news : {&view.chosen_anew_at, &view.outdated_at}) {
        for (auto& [sentinel, known] : view.sentinels) known.as_of = t0 + 1ms;
        view.probes[at_a].asked_at = t0;
        *news = t0 + 1ms;
        EXPECT_EQ(decided(view, t0 + 1ms),
                  "wait: asking 10.0.0.1:6379 whether it still takes no writes");
        view.probes[at_a].asked_at = t0 + 1ms;
        EXPECT_EQ(decided(view, t0 + 1ms), publication);
        *news = {};
    }
}

TEST(Decide, SaysWhoDoesNotTellItsRole) {
    View view = failed_over();
    answers(view, at_b, Answer::refused);
    EXPECT_EQ(decided(view),
              "wait: 10.0.0.2:6379 does not tell its role (password, permissions, or no "
              "redis-server), although all sentinels that can be reached name it in epoch 2");
    EXPECT_FALSE(has<AskNode>(decide(view, t0 + 499ms))) << "it is not asked more often for that";
}

TEST(Decide, WaitsForAnyMemberThatTakesWritesBesideTheNamedOne) {
    View view = failed_over();
    const Endpoint at_c{"10.0.0.3", 6379};
    registered(view, "c", at_c);
    EXPECT_FALSE(has<Publish>(decide(view, t0))) << "it was not asked yet";
    answers(view, at_c, Answer::master, true);
    EXPECT_FALSE(has<Publish>(decide(view, t0)));
    answers(view, at_c, Answer::replica);
    EXPECT_EQ(decided(view), publication);
}

TEST(Decide, BelievesTheSilenceOfTheFormerOnlyAfterTheSentinelsOrAfterTheyHadTimeToDemoteIt) {
    View view = failed_over();
    answers(view, at_a, Answer::silent);
    EXPECT_FALSE(has<Publish>(decide(view, t0)));
    View seen_to_die = view;
    seen_to_die.said_to_be_down.insert(at_a);
    EXPECT_EQ(decided(seen_to_die), publication);

    const TimePoint later = t0 + 15s;
    for (auto& [node, probe] : view.probes) probe.answered_at = probe.asked_at = later;
    for (auto& [sentinel, known] : view.sentinels) known.answered_at = known.asked_at = later;
    EXPECT_FALSE(has<Publish>(decide(view, later - 1ms)));
    EXPECT_TRUE(has<Publish>(decide(view, later)));
}

// Long enough ago that Sentinel has had the time to demote it.
View failed_over_in_silence() {
    View view = failed_over();
    answers(view, at_a, Answer::silent);
    view.probes[at_a].silent_since = t0 - 15s;
    view.master_since[at_b] = t0 - 15s;
    return view;
}

TEST(Decide, KeepsARecordedMasterThatCannotBeAskedUntilTheMajoritySaysSomethingNewer) {
    EXPECT_EQ(decided(failed_over_in_silence()), publication);
    View few = failed_over_in_silence();
    few.sentinels[sentinel_2].opinion = few.sentinels[sentinel_3].opinion = Opinion{};
    EXPECT_EQ(decided(few),
              "wait: 10.0.0.2:6379 is named by too few to replace 10.0.0.1:6379, which is recorded "
              "and cannot be asked");
    few.said_to_be_down.insert(at_a);
    EXPECT_EQ(decided(few), publication) << "most have seen it die";
    View late = failed_over_in_silence();
    for (const std::uint64_t epoch : {2U, 3U}) {
        late.record.written->config_epoch = epoch;
        EXPECT_EQ(decided(late),
                  "wait: 10.0.0.2:6379 is named for a reason that is no newer than that of "
                  "10.0.0.1:6379, which is recorded and cannot be asked");
    }
    answers(late, at_a, Answer::dead);
    EXPECT_TRUE(has<Publish>(decide(late, t0))) << "their epochs may have begun anew";
}

TEST(Decide, PublishesForNoNewerReasonOnlyWhoHasDataOfTheRecordedTerm) {
    View view = failed_over();
    view.record.written->config_epoch = 2;
    EXPECT_TRUE(has<Publish>(decide(view, t0)));
    view.last_entries[at_b].lineage = core::Lineage{6, 999};
    const std::string wait =
        "wait: 10.0.0.2:6379 is named for a reason that is no newer than the record's, and nobody "
        "says that it has the data of term 7";
    EXPECT_EQ(decided(view), wait);
    view.probes[at_b].closed = false;
    EXPECT_EQ(decided(view), wait) << "whoever has opened it";
    view.record.written->config_epoch = 1;
    EXPECT_EQ(decided(view), publication);
}

TEST(Decide, KeepsTheEpochOfARecordThatIsLost) {
    View view = calm();
    view.last_written = view.record.written;
    view.last_written->config_epoch = 5;
    view.record = core::FoundRecord{};
    view.record.known = true;
    EXPECT_EQ(published(view).config_epoch, 5U);
    EXPECT_EQ(published(view).node, "a");
}

TEST(Decide, SaysThatZooKeeperIsAwayAndRemembersNothingThatCouldBeWrongLater) {
    View view = failed_over();
    view.zookeeper_connected = false;
    EXPECT_EQ(decided(view),
              "wait: ZooKeeper is unreachable; whatever changes meanwhile is recorded when it is "
              "back");
    view.zookeeper_connected = true;
    EXPECT_EQ(decided(view), publication);
}

TEST(Decide, DoesNotPublishTwiceWhileTheAnswerIsMissing) {
    View view = failed_over();
    view.in_flight.publication = t0 + 1s;
    EXPECT_EQ(decided(view), "wait: the record is being written");
    EXPECT_TRUE(has<Publish>(decide(view, t0 + 1s)) || !decide(view, t0 + 1s).empty());
}

TEST(Decide, LeavesWhatItDoesNotUnderstandToTheMaster) {
    View view = failed_over();
    view.record.unreadable = true;
    EXPECT_FALSE(has<Publish>(decide(view, t0)));
    view = failed_over();
    view.cluster.clear();
    EXPECT_FALSE(has<Publish>(decide(view, t0)));
}

TEST(Decide, RestoresARecordThatNamesNobody) {
    View view = calm();
    view.record.named.reset();
    EXPECT_NE(decided(view).find("publish 10.0.0.1:6379 as master of term 8"), std::string::npos);
}

TEST(Decide, RecordsTheOnlyOpenMasterWhereNoSentinelCanBeAsked) {
    View view = calm();
    view.sentinels.clear();
    view.listening = {};
    view.record.named.reset();
    EXPECT_NE(decided(view).find("publish 10.0.0.1:6379"), std::string::npos);
    View closed = view;
    closed.probes[at_a].closed = true;
    EXPECT_FALSE(has<Publish>(decide(closed, t0)));
    View untold = view;
    untold.probes[at_a].closed.reset();
    EXPECT_FALSE(has<Publish>(decide(untold, t0)));
    View two = view;
    answers(two, at_b, Answer::master, true);
    EXPECT_FALSE(has<Publish>(decide(two, t0)));
    View silent = view;
    answers(silent, at_a, Answer::silent);
    silent.record.named = at_a;
    answers(silent, at_b, Answer::master, true);
    EXPECT_FALSE(has<Publish>(decide(silent, t0))) << "the recorded one may live";
}

// It begins anew with 1 otherwise, and the nodes' data have larger ones.
TEST(Decide, KeepsTheTermGrowingWhenZooKeeperHasLostItsDataAndNobodyIsRegisteredYet) {
    View view = calm();
    view.record = core::FoundRecord{};
    view.record.known = true;
    view.members.clear();
    EXPECT_NE(decided(view).find("publish 10.0.0.1:6379 as master of term 8"), std::string::npos);
}

TEST(Decide, WaitsForTheSecondHalfOfARecord) {
    View view = failed_over();
    view.record.named = at_b;
    view.half_read_since = t0;
    EXPECT_EQ(decided(view), "wait: reading the record");
}

TEST(Decide, LooksOftenWhileAFailoverMayRunAndRarelyOtherwise) {
    View view = calm();
    EXPECT_EQ(next_deadline(view, t0), t0 + 1s);
    view.alarmed_until = t0 + 10s;
    EXPECT_EQ(next_deadline(view, t0), t0 + 20ms);
    EXPECT_TRUE(has<AskSentinel>(decide(view, t0 + 50ms)));
    EXPECT_FALSE(has<AskSentinel>(decide(view, t0 + 49ms)));
}

TEST(Decide, AsksAgainSoonAfterAnEventButNotForEachOfAFlood) {
    View view = calm();
    view.look_at = t0 + 1ms;
    EXPECT_FALSE(has<AskSentinel>(decide(view, t0 + 19ms)));
    EXPECT_TRUE(has<AskSentinel>(decide(view, t0 + 20ms)));
}

std::set<Endpoint> asked(const View& view, TimePoint now) {
    std::set<Endpoint> nodes;
    for (const Action& action : decide(view, now))
        if (const auto* ask = std::get_if<AskNode>(&action)) nodes.insert(ask->node);
    return nodes;
}

TEST(Decide, AsksTheNamedNodeSoonAfterAnEvent) {
    View view = calm();
    view.probes[at_a].question_at = t0;
    view.look_at = t0 + 1ms;
    EXPECT_TRUE(asked(view, t0 + 19ms).empty());
    EXPECT_EQ(asked(view, t0 + 20ms), std::set{at_a});
    view.probes[at_a].asked_until = t0 + 3s;
    EXPECT_TRUE(asked(view, t0 + 20ms).empty()) << "the question is under way";
    view.probes[at_a].asked_until.reset();
    view.probes[at_a].question_at = t0 + 20ms;
    EXPECT_TRUE(asked(view, t0 + 1s).empty()) << "it was asked after the event";
}

TEST(Decide, AsksAsLongAsItWaitsForAFreshProof) {
    View late = failed_over();
    late.probes[at_b].asked_at = t0 - 501ms;
    EXPECT_EQ(asked(late, t0), std::set{at_b});
    late.probes[at_b].asked_until = t0 + 3s;
    EXPECT_TRUE(asked(late, t0).empty());
    View beside = failed_over();
    answers(beside, at_a, Answer::master);
    beside.probes[at_a].asked_at = t0 - 501ms;
    EXPECT_EQ(decided(beside), "wait: asking 10.0.0.1:6379 whether it still takes no writes");
    EXPECT_EQ(asked(beside, t0), std::set{at_a});
}

TEST(Decide, AsksAMasterThatHasLeftZooKeeperUntilItIsNone) {
    View view = failed_over();
    const Endpoint at_c{"10.0.0.3", 6379};
    answers(view, at_c, Answer::master, true);
    EXPECT_FALSE(has<Publish>(decide(view, t0))) << "it takes writes, whoever names it";
    EXPECT_TRUE(asked(view, t0 + 1s).contains(at_c));
    answers(view, at_c, Answer::replica);
    EXPECT_EQ(decided(view), publication);
    EXPECT_FALSE(asked(view, t0 + 1s).contains(at_c));
}

}  // namespace
}  // namespace redis_zk::watcher
