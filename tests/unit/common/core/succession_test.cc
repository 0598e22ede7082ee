#include "common/core/succession.h"

#include <gtest/gtest.h>

namespace redis_zk::core {
namespace {

using namespace std::chrono_literals;

const TimePoint t0 = TimePoint{} + std::chrono::hours{1};

Probe silent_since(TimePoint then) {
    Probe probe;
    probe.answer = Probe::Answer::silent;
    probe.silent_since = then;
    return probe;
}

TEST(Succession, AMasterOfOursTakesWritesUnlessItIsClosed) {
    Probe probe;
    probe.answer = Probe::Answer::master;
    EXPECT_FALSE(may_take_writes(probe, {}, {}, t0)) << "a stranger's";
    probe.same_cluster = true;
    EXPECT_TRUE(may_take_writes(probe, {}, {}, t0)) << "it does not tell whether it is closed";
    probe.closed = false;
    EXPECT_TRUE(may_take_writes(probe, {}, {}, t0));
    probe.closed = true;
    EXPECT_FALSE(may_take_writes(probe, {}, {}, t0));
}

TEST(Succession, TheDeadAndTheReplicasTakeNone) {
    Probe probe;
    probe.run_id = "it";
    for (const auto answer :
         {Probe::Answer::dead, Probe::Answer::replica, Probe::Answer::loading}) {
        probe.answer = answer;
        EXPECT_FALSE(may_take_writes(probe, {}, {t0, true, t0}, t0));
    }
}

TEST(Succession, TheSilenceOfOneThatWasAliveAfterwardsProvesNothingForFifteenSeconds) {
    Probe probe = silent_since(t0 + 1s);
    EXPECT_FALSE(may_take_writes(probe, {}, {t0}, t0 + 1s));
    EXPECT_TRUE(may_take_writes(probe, {}, {t0, true}, t0 + 1s));
    probe.took_writes_at = t0;
    EXPECT_TRUE(may_take_writes(probe, {}, {t0}, t0 + 15999ms));
    EXPECT_FALSE(may_take_writes(probe, {}, {t0}, t0 + 16s));
}

TEST(Succession, OneThatDoesNotTellItsRoleMayTakeWritesForFifteenSeconds) {
    Probe probe;
    probe.answer = Probe::Answer::refused;
    EXPECT_FALSE(may_take_writes(probe, {}, {t0}, t0 + 1s)) << "it was dead before";
    probe.took_writes_at = t0;
    EXPECT_TRUE(may_take_writes(probe, {}, {t0}, t0 + 14999ms));
    EXPECT_FALSE(may_take_writes(probe, {}, {t0}, t0 + 15s));
}

TEST(Succession, WhereThePromotionWasNotSeenTheTimeBeginsWhenItIsNoticed) {
    const Probe probe = silent_since(t0);
    EXPECT_TRUE(may_take_writes(probe, {}, {t0, true, t0 + 20s}, t0 + 30s));
    EXPECT_FALSE(may_take_writes(probe, {}, {t0, true, t0 + 20s}, t0 + 35s));
}

TEST(Succession, TheNextTermIsLargerThanAnyThatAnybodyHasHeardOf) {
    FoundRecord record;
    EXPECT_EQ(next_term(record, {}, {}), 1U);
    record.written = Record{};
    record.written->term = 3;
    EXPECT_EQ(next_term(record, {}, {}), 4U);
    EXPECT_EQ(next_term(record, {5, 0, {}}, {}), 6U);
    Member member;
    member.lineage = Lineage{7, 0};
    EXPECT_EQ(next_term(record, {5, 0, {}}, {member}), 8U);
}

}  // namespace
}  // namespace redis_zk::core
