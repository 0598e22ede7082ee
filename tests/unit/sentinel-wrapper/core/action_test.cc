#include "sentinel-wrapper/core/action.h"

#include <gtest/gtest.h>

namespace redis_zk::sentinel_wrapper {
namespace {

const core::Endpoint master{"10.0.0.7", 31002};

TEST(Action, IsSpokenWithItsReason) {
    EXPECT_EQ(describe(Monitor{master, 2, "the record names it"}),
              "monitor 10.0.0.7:31002 with quorum 2, because the record names it");
    EXPECT_EQ(describe(Start{"0123456789", master, 3, "why"}),
              "start the sentinel 01234567 on 10.0.0.7:31002 with quorum 3, because why");
    EXPECT_EQ(describe(Wait{"why", "how long"}), "wait: why (how long)");
    EXPECT_EQ(describe(Wait{"why", ""}), "wait: why");
    EXPECT_EQ(describe(GiveUp{"why"}), "give up, because why");
    EXPECT_EQ(describe(JudgeSuspect{"0123456789", master, true}),
              "leave the id 01234567, because its sentinel at 10.0.0.7:31002 still answers");
    EXPECT_EQ(describe(JudgeSuspect{"0123456789", master, false}),
              "take the id 01234567, because its sentinel at 10.0.0.7:31002 does not answer any "
              "more");
}

TEST(Action, QuestionsAreQuiet) {
    EXPECT_EQ(describe(AskNode{master}), "");
    EXPECT_EQ(describe(AskSentinels{}), "");
    EXPECT_EQ(describe(AskPeer{master}), "");
}

}  // namespace
}  // namespace redis_zk::sentinel_wrapper
