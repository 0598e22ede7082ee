#include "common/zk/layout.h"

#include <gtest/gtest.h>

namespace redis_zk::zk {
namespace {

TEST(Layout, KeepsTheContractWithClients) {
    const Layout layout{"", "/redis"};

    EXPECT_EQ(layout.master(), "/redis/master");
    EXPECT_EQ(layout.sentinel("5f3c"), "/redis/sentinels/5f3c");
}

TEST(Layout, PutsEverythingOfAClusterBelowItsRoot) {
    const Layout layout{"", "/redis"};

    EXPECT_EQ(layout.root(), "/redis");
    EXPECT_EQ(layout.term(), "/redis/term");
    EXPECT_EQ(layout.roster(), "/redis/roster");
    EXPECT_EQ(layout.sentinels(), "/redis/sentinels");
    EXPECT_EQ(layout.sentinel_ids(), "/redis/sentinel-ids");
    EXPECT_EQ(layout.sentinel_id("ab12"), "/redis/sentinel-ids/ab12");
    EXPECT_EQ(layout.sentinel_id_owner("ab12"), "/redis/sentinel-ids/ab12/owner");
    EXPECT_EQ(layout.members(), "/redis/members");
    EXPECT_EQ(layout.member("5f3c"), "/redis/members/5f3c");
    EXPECT_EQ(layout.lock(), "/redis/lock");
    EXPECT_EQ(layout.ghost_lock(), "/redis/ghost-lock");
    EXPECT_EQ(layout.history(), "/redis/history");
    EXPECT_EQ(layout.history_entry(7), "/redis/history/7");
}

TEST(Layout, PutsTheChrootInFrontOfEverything) {
    const Layout layout{"/prod", "/redis"};

    EXPECT_EQ(layout.master(), "/prod/redis/master");
    EXPECT_EQ(layout.dictator_master("cache"), "/prod/services/redis/cache/master");
    EXPECT_EQ(layout.dictator_election("cache"), "/prod/elections/redis/cache");
}

TEST(Layout, AllowsTheTopAsRootAndAsChroot) {
    EXPECT_EQ(Layout("", "/").master(), "/master");
    EXPECT_EQ(Layout("/", "/redis").master(), "/redis/master");
    EXPECT_EQ(Layout("/prod", "/").master(), "/prod/master");
    EXPECT_EQ(Layout("/", "/").root(), "/");
}

}  // namespace
}  // namespace redis_zk::zk
