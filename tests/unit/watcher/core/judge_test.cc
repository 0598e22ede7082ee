#include "watcher/core/judge.h"

#include <gtest/gtest.h>

#include "tests/unit/watcher/core/views.h"

namespace redis_zk::watcher {
namespace {

TEST(Choice, IsTheLeadersWhenAMajorityHasVotedInItsEpoch) {
    View view = calm();
    names(view, sentinel_1, at_b, 2, 2);
    names(view, sentinel_2, at_a, 1, 2);
    ASSERT_TRUE(choice_of_sentinels(view, t0));
    EXPECT_EQ(choice_of_sentinels(view, t0)->master, at_b);
}

TEST(Choice, IsTheMajoritysWhenNobodyHasVotedForSomethingNewer) {
    View view = calm();
    names(view, sentinel_1, at_b, 2, 1);
    EXPECT_EQ(choice_of_sentinels(view, t0)->master, at_a);
}

TEST(Choice, IsOfTheOnlySentinelsThatAnswerWhenTheyKnowSomethingNewerThanTheRecord) {
    View view = calm();
    names(view, sentinel_1, at_b, 2);
    view.sentinels[sentinel_2].opinion = Opinion{};
    view.sentinels[sentinel_3].opinion = Opinion{};
    ASSERT_TRUE(choice_of_sentinels(view, t0));
    EXPECT_EQ(choice_of_sentinels(view, t0)->master, at_b);
    View known = view;
    known.record.written->config_epoch = 2;
    EXPECT_FALSE(choice_of_sentinels(known, t0)) << "an isolated sentinel with an old opinion";
    View unasked = view;
    unasked.sentinels[sentinel_2].answered_at = TimePoint{};
    EXPECT_FALSE(choice_of_sentinels(unasked, t0)) << "another one may object";
}

TEST(Choice, IsNotThatOfAMajorityThatIsOlderThanTheRecord) {
    View view = calm();
    view.record.named = view.record.written->master = at_b;
    view.record.written->run_id = "run at 10.0.0.2";
    view.record.written->config_epoch = 2;
    answers(view, at_b, Probe::Answer::master);
    EXPECT_FALSE(choice_of_sentinels(view, t0));
    answers(view, at_b, Probe::Answer::dead);
    EXPECT_TRUE(choice_of_sentinels(view, t0)) << "sentinels that began anew count from 0 again";
}

// The record was deleted. Nobody needs a newer reason for whom it named.
TEST(Choice, IsWhomTheRecordNamedLastThoughOnlyAFewAnswerUnlessOneOfThemObjects) {
    for (const std::uint64_t epoch : {0U, 1U, 2U}) {
        View view = calm();
        view.record.named.reset();
        view.record.written->config_epoch = 1;
        names(view, sentinel_1, at_a, epoch);
        view.sentinels[sentinel_2].opinion = view.sentinels[sentinel_3].opinion = Opinion{};
        ASSERT_TRUE(choice_of_sentinels(view, t0)) << epoch;
        EXPECT_EQ(choice_of_sentinels(view, t0)->master, at_a);
        EXPECT_EQ(choice_of_sentinels(view, t0)->is_newer, epoch == 2);
        EXPECT_FALSE(choice_of_sentinels(view, t0)->is_of_majority);
        names(view, sentinel_2, at_b, epoch);
        EXPECT_FALSE(choice_of_sentinels(view, t0)) << epoch;
        view.sentinels[sentinel_2] = {};
        EXPECT_FALSE(choice_of_sentinels(view, t0)) << "it was not asked yet";
    }
}

TEST(Choice, IsMeasuredByTheLastTermAlsoWhenItsRecordIsLost) {
    View view = calm();
    view.last_written = view.record.written;
    view.last_written->config_epoch = 2;
    view.record = core::FoundRecord{};
    view.record.known = true;
    view.sentinels[sentinel_2].opinion = view.sentinels[sentinel_3].opinion = Opinion{};
    ASSERT_TRUE(choice_of_sentinels(view, t0));
    EXPECT_EQ(choice_of_sentinels(view, t0)->master, at_a);
    EXPECT_TRUE(named_nodes(view).contains(at_a));
    names(view, sentinel_1, at_b, 2);
    EXPECT_FALSE(choice_of_sentinels(view, t0)) << "another one needs a newer reason";
    EXPECT_TRUE(named_nodes(view).contains(at_a)) << "it has to be asked what became of it";
    names(view, sentinel_1, at_b, 3);
    EXPECT_TRUE(choice_of_sentinels(view, t0));
}

TEST(OutOfSight, IsWhoDoesNotAnswerAndWasNotSeenToDie) {
    View view = calm();
    for (const auto answer : {Probe::Answer::dead, Probe::Answer::loading, Probe::Answer::replica,
                              Probe::Answer::master}) {
        answers(view, at_a, answer);
        EXPECT_FALSE(is_out_of_sight(view, at_a, t0));
    }
    for (const auto answer : {Probe::Answer::silent, Probe::Answer::refused}) {
        answers(view, at_a, answer);
        EXPECT_TRUE(is_out_of_sight(view, at_a, t0));
    }
    view.said_to_be_down.insert(at_a);
    EXPECT_FALSE(is_out_of_sight(view, at_a, t0));
}

TEST(Choice, DoesNotRestOnAnswersThatAreOutdatedOrOld) {
    View view = failed_over();
    EXPECT_TRUE(choice_of_sentinels(view, t0));
    EXPECT_FALSE(choice_of_sentinels(view, t0 + 4s));
    view.outdated_at = t0 + 1ms;
    EXPECT_FALSE(choice_of_sentinels(view, t0 + 1ms));
}

TEST(Calm, IsWhenAllWhoAnswerNameTheRecordedMaster) {
    EXPECT_TRUE(is_calm(calm(), t0));
    View silent = calm();
    silent.sentinels[sentinel_3].opinion = Opinion{};
    EXPECT_TRUE(is_calm(silent, t0));
    View other = calm();
    names(other, sentinel_3, at_b, 1);
    EXPECT_FALSE(is_calm(other, t0));
    View restarted = calm();
    restarted.probes[at_a].run_id = "another process";
    EXPECT_FALSE(is_calm(restarted, t0));
    View failing = calm();
    failing.sentinels[sentinel_1].opinion.failover_in_progress = true;
    EXPECT_FALSE(is_calm(failing, t0));
    EXPECT_TRUE(is_alarmed(failing, t0));
    // Looks are so frequent only until it should have ended.
    failing.sentinels[sentinel_1].opinion.time_to_fail_over = 23s;
    failing.sentinels[sentinel_1].opinion.fail_over = core::FailOver{at_a, 0, t0 - 23s};
    EXPECT_FALSE(is_alarmed(failing, t0));
    EXPECT_FALSE(is_calm(failing, t0));
}

TEST(Disagreements, AreSaidInWords) {
    EXPECT_TRUE(disagreements(calm(), t0).empty());
    View view = calm();
    names(view, sentinel_3, at_b, 1);
    answers(view, at_b, Probe::Answer::master);
    EXPECT_EQ(disagreements(view, t0),
              (std::vector<std::string>{
                  "sentinel 10.0.1.3:26379 names 10.0.0.2:6379, the record 10.0.0.1:6379",
                  "10.0.0.2:6379 says that it is master, too",
                  "10.0.0.2:6379 is master, and its entry in ZooKeeper says replica"}));
}

TEST(Disagreements, AreBetweenANodeAndItsEntryWhenOneOfThemSaysMaster) {
    View view = calm();
    answers(view, at_a, Probe::Answer::replica);
    view.probes[at_a].following = at_b;
    const auto all = disagreements(view, t0);
    EXPECT_EQ(all.back(), "10.0.0.1:6379 is a replica, and its entry in ZooKeeper says master");
    view = calm();
    for (const auto role : {core::Role::parked, core::Role::replica, core::Role::loading}) {
        view.members["b"].role = role;
        EXPECT_TRUE(disagreements(view, t0).empty()) << core::name_of(role);
    }
}

TEST(AnsweredRole, IsWhatTheNodeSaidLately) {
    View view = calm();
    EXPECT_EQ(answered_role(view, at_a, t0), core::Role::master);
    EXPECT_EQ(answered_role(view, at_b, t0), core::Role::parked);
    view.probes[at_b].following = at_a;
    EXPECT_EQ(answered_role(view, at_b, t0), core::Role::replica);
    view.probes[at_b].answer = Probe::Answer::loading;
    EXPECT_EQ(answered_role(view, at_b, t0), core::Role::loading);
    EXPECT_EQ(answered_role(view, at_b, t0 + 1min), std::nullopt) << "long ago";
    for (const auto answer : {Probe::Answer::none, Probe::Answer::silent, Probe::Answer::dead,
                              Probe::Answer::refused}) {
        view.probes[at_b].answer = answer;
        EXPECT_EQ(answered_role(view, at_b, t0), std::nullopt);
    }
}

TEST(Choice, IsNotAnElectedOneBecauseAMajorityHasVotedInALaterEpoch) {
    View view = calm();
    answers(view, at_a, Probe::Answer::dead);
    answers(view, at_b, Probe::Answer::master);
    names(view, sentinel_1, at_b, 2, 0);  // by hand: nobody has voted
    names(view, sentinel_2, at_a, 1, 3);  // for one of them, who may promote somebody else
    names(view, sentinel_3, at_a, 1, 3);
    const auto choice = choice_of_sentinels(view, t0);
    EXPECT_TRUE(!choice || choice->master != at_b);
}

// S1 has promoted b by hand, in the epoch in which the others have elected s2. Sentinel never lets
// two with the votes of a majority come to one epoch, but who is told to needs no votes.
TEST(Choice, IsNotAnElectedOneBecauseAMajorityHasVotedForSomebodyElseInTheSameEpoch) {
    View view = calm();
    answers(view, at_a, Probe::Answer::dead);
    answers(view, at_b, Probe::Answer::master);
    names(view, sentinel_1, at_b, 2, 2, sentinel_1);
    names(view, sentinel_2, at_a, 1, 2, sentinel_2);
    names(view, sentinel_3, at_a, 1, 2, sentinel_2);
    const auto choice = choice_of_sentinels(view, t0);
    EXPECT_TRUE(!choice || choice->master != at_b);
    view.sentinels[sentinel_3].opinion.voted_for = core::spoken(sentinel_1);
    ASSERT_TRUE(choice_of_sentinels(view, t0));
    EXPECT_EQ(choice_of_sentinels(view, t0)->master, at_b) << "two of three have voted for s1";
}

TEST(Choice, OfTheElectedCountsAsVotersAlsoThoseThatHaveFollowedAndForgottenForWhomTheyVoted) {
    View view = calm();
    answers(view, at_a, Probe::Answer::dead);
    answers(view, at_b, Probe::Answer::master);
    names(view, sentinel_1, at_b, 2, 2, sentinel_1);
    names(view, sentinel_2, at_b, 2, 2);
    view.sentinels[sentinel_2].opinion.voted_for = "*";
    names(view, sentinel_3, at_a, 1, 2, sentinel_1);
    for (const Endpoint& other : {Endpoint{"10.0.1.4", 26379}, Endpoint{"10.0.1.5", 26379}})
        names(view, other, at_a, 1);
    ASSERT_TRUE(choice_of_sentinels(view, t0)) << "three of five";
    EXPECT_EQ(choice_of_sentinels(view, t0)->master, at_b);
    view.sentinels[sentinel_3].opinion.voted_for = core::spoken(sentinel_3);
    const auto choice = choice_of_sentinels(view, t0);
    EXPECT_TRUE(!choice || choice->master != at_b) << "two of five";
}

TEST(Behind, IsASentinelWhoseReasonIsOlderAndNotOneThatIsAhead) {
    View view = calm();
    names(view, sentinel_3, at_b, 2);
    EXPECT_FALSE(is_behind(view, sentinel_3, t0)) << "it has heard of a newer fail-over first";
    names(view, sentinel_3, at_b, 0);
    EXPECT_TRUE(is_behind(view, sentinel_3, t0));
    EXPECT_FALSE(is_behind(view, sentinel_1, t0));
}

}  // namespace
}  // namespace redis_zk::watcher
