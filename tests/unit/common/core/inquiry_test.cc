#include "common/core/inquiry.h"

#include <gtest/gtest.h>

namespace redis_zk::core {
namespace {

using namespace std::chrono_literals;
using Answer = Probe::Answer;

const TimePoint t0 = TimePoint{} + std::chrono::hours{1};
const Endpoint at_a{"10.0.0.1", 6379};
const Endpoint at_b{"10.0.0.2", 6379};
const Endpoint at_c{"10.0.0.3", 6379};
constexpr Pace pace{300ms, 1500ms};

Probe said(Answer answer, std::optional<Endpoint> following = {}) {
    Probe probe;
    probe.answer = answer;
    probe.following = std::move(following);
    probe.same_cluster = true;
    probe.answered_at = t0;
    return probe;
}

TEST(Question, IsDueToANodeThatWasNeverAskedAndNotTwiceAtOnce) {
    Probes probes;
    EXPECT_TRUE(is_question_due(probes, at_a, pace, t0));
    probes[at_a].asked_until = t0 + 1s;
    EXPECT_FALSE(is_question_due(probes, at_a, pace, t0));
    EXPECT_TRUE(is_question_due(probes, at_a, pace, t0 + 1s)) << "the answer was lost";
}

TEST(Question, IsDueAgainAtThePace) {
    Probes probes{{at_a, said(Answer::master)}};
    EXPECT_FALSE(is_question_due(probes, at_a, pace, t0 + 299ms));
    EXPECT_TRUE(is_question_due(probes, at_a, pace, t0 + 300ms));
    probes[at_a].asked_until = t0 + 2s;
    EXPECT_FALSE(is_question_due(probes, at_a, pace, t0 + 300ms));
}

TEST(Question, IsDueAtThePaceToWhoeverDoesNotTellItsRole) {
    for (const auto answer : {Answer::refused, Answer::none}) {
        const Probes probes{{at_a, said(answer)}};
        EXPECT_FALSE(is_question_due(probes, at_a, pace, t0 + 299ms));
        EXPECT_TRUE(is_question_due(probes, at_a, pace, t0 + 300ms));
    }
}

TEST(Answer, ToAnEarlierQuestionIsOutdated) {
    Probes probes;
    observe_question(probes[at_a], t0);
    observe_question(probes[at_a], t0 + time_for_a_question);
    Probe answer = said(Answer::master);
    answer.asked_at = t0;
    EXPECT_TRUE(is_outdated(probes, at_a, answer));
    answer.asked_at = t0 + time_for_a_question;
    EXPECT_FALSE(is_outdated(probes, at_a, answer));
    EXPECT_FALSE(is_outdated(probes, at_b, answer)) << "nobody waits for another one";
}

TEST(Answer, FromBeforeAStandStillIsForgottenAndOneThatComesLaterIsOutdated) {
    Probes probes{{at_a, said(Answer::replica)}};
    outdate_answers(probes, t0 + 9s);
    EXPECT_EQ(recent_answer(probes, at_a, pace, t0), Answer::none);
    EXPECT_TRUE(is_question_due(probes, at_a, pace, t0 + 9s));
    Probe late = said(Answer::master);
    late.asked_at = t0;
    EXPECT_TRUE(is_outdated(probes, at_a, late));
}

// Else one who is frozen again and again never takes a silent node for dead.
TEST(Answer, OfSilenceCountsAlsoFromBeforeAStandStill) {
    Probes probes;
    const auto is_silent_at = [&probes](TimePoint now) {
        observe_answer(probes[at_a], said(Answer::silent), now);
        return counts_as_silent_since(probes[at_a], now);
    };
    is_silent_at(t0);
    EXPECT_EQ(is_silent_at(t0 + 4s), t0);
    outdate_answers(probes, t0 + 20s);
    EXPECT_EQ(probes[at_a].silent_since, std::nullopt);
    EXPECT_EQ(is_silent_at(t0 + 21s), t0 + 17s) << "4 s were seen";
    EXPECT_EQ(is_silent_at(t0 + 23s), t0 + 17s);
    outdate_answers(probes, t0 + 30s);
    outdate_answers(probes, t0 + 40s);
    EXPECT_EQ(is_silent_at(t0 + 41s), t0 + 35s) << "6 s were seen";
    outdate_answers(probes, t0 + 50s);
    observe_answer(probes[at_a], said(Answer::loading), t0 + 51s);
    EXPECT_EQ(is_silent_at(t0 + 52s), t0 + 52s) << "it lives";
}

TEST(Answer, OfAMasterThatDoesNotTellWhetherItIsOpenMeansThatItMayTakeWrites) {
    Probe known;
    observe_answer(known, said(Answer::master), t0 + 1s);
    EXPECT_EQ(known.took_writes_at, t0 + 1s);
    observe_answer(known, said(Answer::refused), t0 + 2s);
    EXPECT_EQ(known.took_writes_at, t0 + 1s) << "it may go on";
}

TEST(Answer, IsBelievedForAWhile) {
    const Probes probes{{at_a, said(Answer::dead)}};
    EXPECT_EQ(recent_answer(probes, at_a, pace, t0 + 1500ms), Answer::dead);
    EXPECT_EQ(recent_answer(probes, at_a, pace, t0 + 1501ms), Answer::none);
    EXPECT_EQ(recent_answer(probes, at_b, pace, t0), Answer::none);
}

TEST(Chain, EndsAtAVerifiedMaster) {
    const Probes probes{{at_a, said(Answer::replica, at_b)}, {at_b, said(Answer::master)}};
    Chain chain{probes, pace, t0};
    EXPECT_EQ(chain.follow(at_a), at_b);
    EXPECT_EQ(chain.tried, "10.0.0.1:6379 is a replica");
    EXPECT_FALSE(chain.still_looking);
}

TEST(Chain, AsksAndConcludesNothingMeanwhile) {
    const Probes probes;
    Chain chain{probes, pace, t0};
    EXPECT_EQ(chain.follow(at_a), std::nullopt);
    EXPECT_EQ(chain.questions, std::vector{at_a});
    EXPECT_TRUE(chain.still_looking);
    EXPECT_EQ(chain.tried, "");
}

TEST(Chain, BelievesNobodyWhoDoesNotProveItsCluster) {
    for (const auto answer : {Answer::master, Answer::replica}) {
        Probes probes{{at_a, said(answer, at_b)}, {at_b, said(Answer::master)}};
        probes[at_a].same_cluster = false;
        Chain chain{probes, pace, t0};
        EXPECT_EQ(chain.follow(at_a), std::nullopt);
        EXPECT_EQ(chain.tried, "10.0.0.1:6379 does not prove that it belongs to this cluster");
    }
}

TEST(Chain, TellsWhatItFoundInsteadOfAMaster) {
    const Probes probes{{at_a, said(Answer::dead)}, {at_b, said(Answer::loading)}};
    Chain chain{probes, pace, t0};
    EXPECT_EQ(chain.follow(at_a), std::nullopt);
    EXPECT_EQ(chain.follow(at_b), std::nullopt);
    EXPECT_EQ(chain.tried, "10.0.0.1:6379 is dead, 10.0.0.2:6379 is loading");
}

TEST(Chain, EndsAtWhoeverDoesNotTellItsRole) {
    const Probes probes{{at_a, said(Answer::refused, at_b)}, {at_b, said(Answer::master)}};
    Chain chain{probes, pace, t0};
    EXPECT_EQ(chain.follow(at_a), std::nullopt);
    EXPECT_FALSE(chain.still_looking);
    EXPECT_EQ(chain.tried,
              "10.0.0.1:6379 does not tell its role (password, permissions, or no redis-server)");
}

TEST(Chain, VisitsNobodyTwice) {
    const Probes circle{{at_a, said(Answer::replica, at_b)}, {at_b, said(Answer::replica, at_a)}};
    Chain chain{circle, pace, t0};
    EXPECT_EQ(chain.follow(at_a), std::nullopt);
    EXPECT_EQ(chain.follow(at_b), std::nullopt);
    EXPECT_EQ(chain.tried, "10.0.0.1:6379 is a replica, 10.0.0.2:6379 is a replica");
}

TEST(Chain, GivesUpAfterSixNodes) {
    Probes probes;
    for (std::uint16_t port = 1; port <= 6; ++port)
        probes[{"10.0.0.9", port}] =
            said(Answer::replica, Endpoint{"10.0.0.9", static_cast<std::uint16_t>(port + 1)});
    probes[{"10.0.0.9", 7}] = said(Answer::master);
    Chain from_the_first{probes, pace, t0};
    EXPECT_EQ(from_the_first.follow({"10.0.0.9", 1}), std::nullopt);
    Chain from_the_second{probes, pace, t0};
    EXPECT_EQ(from_the_second.follow({"10.0.0.9", 2}), (Endpoint{"10.0.0.9", 7}));
}

TEST(Chain, KnowsTheOwnNodeWithoutAsking) {
    const Probes probes{{at_c, said(Answer::master)}};
    Chain master{probes, pace, t0, OwnRole{at_a, true, {}}};
    EXPECT_EQ(master.follow(at_a), at_a);
    Chain replica{probes, pace, t0, OwnRole{at_a, false, at_c}};
    EXPECT_EQ(replica.follow(at_a), at_c);
    Chain parked{probes, pace, t0, OwnRole{at_a, false, {}}};
    EXPECT_EQ(parked.follow(at_a), std::nullopt);
    EXPECT_EQ(parked.tried, "10.0.0.1:6379 is this node, parked");
    EXPECT_TRUE(parked.questions.empty());
}

TEST(Chain, TellsWhoHasBeenSilentForTheShortestTime) {
    Probes probes{{at_a, said(Answer::silent)}, {at_b, said(Answer::silent)}};
    probes[at_a].silent_since = t0 - 9s;
    probes[at_b].silent_since = t0 - 4s;
    for (const auto& [first, second] : {std::pair{at_a, at_b}, std::pair{at_b, at_a}}) {
        Chain chain{probes, pace, t0};
        chain.follow(first);
        chain.follow(second);
        EXPECT_EQ(chain.silent, at_b);
        EXPECT_EQ(chain.silent_since, t0 - 4s);
    }
}

}  // namespace
}  // namespace redis_zk::core
