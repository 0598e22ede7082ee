#include "common/core/opinion.h"

#include <gtest/gtest.h>

namespace redis_zk::core {
namespace {

using namespace std::chrono_literals;

const TimePoint t0 = TimePoint{} + std::chrono::hours{1};
const Endpoint at_a{"10.0.0.1", 6379};
const Endpoint at_b{"10.0.0.2", 6379};
const std::vector<Endpoint> three{{"10.0.1.1", 26379}, {"10.0.1.2", 26379}, {"10.0.1.3", 26379}};

Opinion naming(const Endpoint& master) {
    Opinion opinion;
    opinion.answered = true;
    opinion.master = master;
    return opinion;
}

// Three are registered, were asked at t0, and name a.
Sentinels agreed() {
    Sentinels sentinels;
    observe_registered(sentinels, three);
    observe_question(sentinels, t0, 1s);
    observe_opinions(sentinels,
                     {{three[0], naming(at_a)}, {three[1], naming(at_a)}, {three[2], naming(at_a)}},
                     t0 + 10ms);
    return sentinels;
}

TEST(Majority, IsMoreThanHalfOfTheRegisteredAndNotOfThoseThatAnswer) {
    Sentinels sentinels = agreed();
    EXPECT_EQ(majority_of(sentinels), at_a);
    sentinels.opinions[three[0]].answered = false;
    EXPECT_EQ(majority_of(sentinels), at_a);
    sentinels.opinions[three[1]].master.reset();
    EXPECT_EQ(majority_of(sentinels), std::nullopt);
}

TEST(Majority, IsNobodyWhenTwoHalvesDisagree) {
    Sentinels sentinels = agreed();
    observe_registered(sentinels, {three[0], three[1]});
    EXPECT_EQ(majority_of(sentinels), at_a);
    sentinels.opinions[three[1]].master = at_b;
    EXPECT_EQ(majority_of(sentinels), std::nullopt);
}

TEST(Majority, IsNobodyWithoutSentinels) { EXPECT_EQ(majority_of({}), std::nullopt); }

TEST(MajorityHeard, NeedsTheAnswersOfMoreThanHalfWhateverTheyName) {
    Sentinels sentinels = agreed();
    sentinels.opinions[three[0]] = naming(at_b);
    sentinels.opinions[three[1]].answered = false;
    EXPECT_EQ(majority_of(sentinels), std::nullopt);
    EXPECT_TRUE(is_majority_heard(sentinels));
    sentinels.opinions[three[0]].answered = false;
    EXPECT_FALSE(is_majority_heard(sentinels));
}

TEST(MajorityHeard, NeedsNoAnswerWhereThereIsNobodyToAsk) { EXPECT_TRUE(is_majority_heard({})); }

TEST(MajorityHeard, NeedsAnswersThatAreNotOutdated) {
    Sentinels sentinels = agreed();
    sentinels.outdated_at = t0 + 1ms;
    EXPECT_FALSE(is_majority_heard(sentinels));
    EXPECT_EQ(majority_of(sentinels), std::nullopt);
}

TEST(FailingOver, IsSaidByAnyThatAnswered) {
    Sentinels sentinels = agreed();
    EXPECT_FALSE(is_failing_over(sentinels, t0));
    sentinels.opinions[three[2]].failover_in_progress = true;
    EXPECT_TRUE(is_failing_over(sentinels, t0));
    sentinels.opinions[three[2]].answered = false;
    EXPECT_FALSE(is_failing_over(sentinels, t0));
}

Opinion failing_over(std::uint64_t config_epoch = 1, const Endpoint& watched = at_a) {
    Opinion opinion = naming(at_b);
    opinion.watched = watched;
    opinion.config_epoch = config_epoch;
    opinion.failover_in_progress = true;
    opinion.time_to_fail_over = time_to_fail_over(3s, 10s);
    return opinion;
}

// What one sentinel is known to do after these answers at these times.
class Known {
  public:
    Known& says(const Opinion& answer, milliseconds after) {
        observe_opinion(opinion_, answer, t0 + after);
        return *this;
    }
    bool is_failing_over_after(milliseconds time) { return is_failing_over(opinion_, t0 + time); }

  private:
    Opinion opinion_;
};

TEST(FailingOver, IsBelievedForDownAfterAndTwiceFailoverTimeoutSinceItWasSeen) {
    Known known;
    known.says(failing_over(), 0s).says(failing_over(), 20s);
    EXPECT_TRUE(known.is_failing_over_after(23s - 1ms));
    EXPECT_FALSE(known.is_failing_over_after(23s));
}

TEST(FailingOver, IsCountedAnewWhenItHasEndedOrHasAnotherMasterOrEpoch) {
    for (const Opinion& other : {naming(at_a), failing_over(2), failing_over(1, at_b)}) {
        Known known;
        known.says(failing_over(), 0s).says(other, 10s).says(failing_over(), 20s);
        EXPECT_TRUE(known.is_failing_over_after(43s - 1ms));
        EXPECT_FALSE(known.is_failing_over_after(43s));
    }
}

// Answers are lost, above all while hosts fail. Who is dead has forgotten it.
TEST(FailingOver, IsRememberedWhileItsSentinelIsSilentAndForgottenWhenThatIsDead) {
    Known silent;
    silent.says(failing_over(), 0s).says(Opinion{}, 10s).says(failing_over(), 20s);
    EXPECT_FALSE(silent.is_failing_over_after(23s));
    Opinion nobody;
    nobody.dead = true;
    Known restarted;
    restarted.says(failing_over(), 0s).says(nobody, 10s).says(failing_over(), 20s);
    EXPECT_TRUE(restarted.is_failing_over_after(23s));
}

TEST(FailingOver, IsCountedAnewByWhoStoodStill) {
    Sentinels sentinels = agreed();
    observe_opinions(sentinels, {{three[0], failing_over()}}, t0);
    EXPECT_FALSE(is_failing_over(sentinels, t0 + 23s));
    observe_standstill(sentinels, t0 + 1min);
    EXPECT_TRUE(are_outdated(sentinels));
    observe_opinions(sentinels, {{three[0], failing_over()}}, t0 + 1min);
    EXPECT_TRUE(is_failing_over(sentinels, t0 + 83s - 1ms));
    EXPECT_FALSE(is_failing_over(sentinels, t0 + 83s));
}

// Of the leader of a fail-over, which was asked at t0 + 1s.
Sentinels promoting(const Endpoint& node) {
    Sentinels sentinels = agreed();
    Opinion leader = failing_over();
    leader.promoted = node;
    leader.asked_at = t0 + 1s;
    observe_opinions(sentinels, {{three[1], leader}}, t0 + 1s);
    return sentinels;
}

TEST(HasPromoted, IsSaidByTheLeaderOfAFailOverOfItsChoice) {
    const Sentinels sentinels = promoting(at_b);
    EXPECT_TRUE(has_promoted(sentinels, at_b, t0 + 1s, t0 + 2s));
    EXPECT_FALSE(has_promoted(sentinels, at_a, t0 + 1s, t0 + 2s));
    EXPECT_FALSE(has_promoted(sentinels, at_b, t0 + 1001ms, t0 + 2s)) << "it was asked before that";
    EXPECT_FALSE(has_promoted(agreed(), at_b, t0, t0 + 2s));
    EXPECT_FALSE(has_promoted(Sentinels{}, at_b, t0, t0 + 2s));
}

TEST(HasPromoted, IsNotSaidOfAFailOverThatIsOverOrShouldBe) {
    Sentinels sentinels = promoting(at_b);
    EXPECT_TRUE(has_promoted(sentinels, at_b, t0, t0 + 24s - 1ms));
    EXPECT_FALSE(has_promoted(sentinels, at_b, t0, t0 + 24s));
    sentinels.opinions[three[1]].failover_in_progress = false;
    EXPECT_FALSE(has_promoted(sentinels, at_b, t0, t0 + 2s));
}

// An old master would believe that the sentinels still name it, and publish itself once more.
TEST(Opinions, CountForNothingWhenTheRecordHasChangedSinceTheQuestion) {
    Sentinels sentinels = agreed();
    observe_term(sentinels, 7, t0 + 20ms);
    EXPECT_FALSE(are_outdated(sentinels)) << "it is the first term that was seen";
    observe_question(sentinels, t0 + 30ms, 1s);
    observe_term(sentinels, 8, t0 + 40ms);
    EXPECT_TRUE(are_outdated(sentinels));
    observe_opinions(sentinels, {{three[0], naming(at_a)}}, t0 + 50ms);
    EXPECT_TRUE(are_outdated(sentinels)) << "it was asked before the change";
    observe_term(sentinels, 8, t0 + 60ms);
    observe_question(sentinels, t0 + 60ms, 1s);
    observe_opinions(sentinels, {{three[0], naming(at_a)}}, t0 + 70ms);
    EXPECT_FALSE(are_outdated(sentinels));
}

TEST(Opinions, AreHeardOnlyFromTheRegistered) {
    Sentinels sentinels;
    observe_registered(sentinels, {three[0]});
    EXPECT_TRUE(sentinels.known);
    observe_opinions(sentinels, {{three[0], naming(at_a)}, {three[1], naming(at_b)}}, t0);
    EXPECT_EQ(sentinels.opinions.size(), 1u);
    EXPECT_EQ(majority_of(sentinels), at_a);
}

TEST(Opinions, AreKeptFromThoseThatStayAndMissingFromThoseThatAreNew) {
    Sentinels sentinels = agreed();
    observe_registered(sentinels, {three[1], three[2]});
    EXPECT_EQ(sentinels.opinions.size(), 2u);
    EXPECT_TRUE(sentinels.opinions[three[1]].answered);
    EXPECT_EQ(sentinels.asked_at, t0 + 10ms);
    observe_registered(sentinels, three);
    EXPECT_FALSE(sentinels.opinions[three[0]].answered);
    EXPECT_EQ(sentinels.asked_at, TimePoint{}) << "the new one has to be asked";
}

TEST(Opinions, TellWhenTheyWereAskedForAndWhenTheyCame) {
    Sentinels sentinels = agreed();
    EXPECT_EQ(sentinels.as_of, t0);
    EXPECT_EQ(sentinels.asked_at, t0 + 10ms);
    observe_question(sentinels, t0 + 1s, 500ms);
    EXPECT_EQ(sentinels.asked_until, t0 + 1500ms);
    EXPECT_EQ(sentinels.as_of, t0) << "of the last answer, not of the question under way";
    observe_opinions(sentinels, {}, t0 + 2s);
    EXPECT_EQ(sentinels.asked_until, std::nullopt);
    EXPECT_EQ(sentinels.as_of, t0 + 1s);
}

TEST(Opinions, KeepWhenTheyWereInTouchLast) {
    Opinion known;
    known.contact_at = t0;
    known.contact_asked_at = t0 + 1s;
    known.down_after = 3s;
    observe_opinion(known, Opinion{}, t0 + 2s);
    EXPECT_EQ(known.contact_at, t0);
    EXPECT_EQ(known.contact_asked_at, t0 + 1s);
    EXPECT_EQ(known.down_after, 3s) << "which a silent one has not forgotten";
}

TEST(Opinions, ReachAMasterWhenMoreThanHalfSaySo) {
    Sentinels sentinels = agreed();
    for (auto& [sentinel, opinion] : sentinels.opinions) {
        opinion.watched = opinion.master = at_a;
        opinion.master_is_up = true;
    }
    EXPECT_TRUE(does_majority_reach(sentinels, at_a));
    EXPECT_FALSE(does_majority_reach(sentinels, at_b));
    sentinels.opinions[three[0]].master_is_up = false;
    EXPECT_TRUE(does_majority_reach(sentinels, at_a));
    sentinels.opinions[three[1]].watched = at_b;
    EXPECT_FALSE(does_majority_reach(sentinels, at_a)) << "it fails over";
    sentinels.opinions[three[1]].watched = at_a;
    sentinels.opinions[three[1]].answered = false;
    EXPECT_FALSE(does_majority_reach(sentinels, at_a));
}

}  // namespace
}  // namespace redis_zk::core
