// "Why not?": what /status says in words.
#include "redis-wrapper/core/outlook.h"

#include <gtest/gtest.h>

#include "tests/unit/redis-wrapper/core/views.h"

namespace redis_zk::redis_wrapper {
namespace {

// b; a and c are its replicas, and c has a little more.
View master_with_replicas() {
    View view = recorded_master();
    view.redis.offset = 500;
    for (const auto& [id, address] : {std::pair{"a", at_a}, {"c", at_c}})
        registered(view, id, address, Lineage{7, 99}, Role::replica);
    view.redis.replica_offsets = {{at_a, 480}, {at_c, 490}};
    sentinels_name(view, at_b);
    for (auto& [sentinel, opinion] : view.sentinels.opinions) opinion.down_after = 2500ms;
    return view;
}

TEST(IfTheMasterDied, TheSentinelsWouldChooseAsTheyRank) {
    View view = master_with_replicas();
    AfterDeath outlook = if_the_master_died(view, t0);
    EXPECT_EQ(outlook.successor, at_c) << "it has more";
    EXPECT_EQ(outlook.loss, 10);
    EXPECT_EQ(outlook.how,
              "the sentinels would make 10.0.0.3:6379 master after DOWN_AFTER, 2.5 s, and at once "
              "if only its redis died");
    view.members["a"].priority = 50;
    EXPECT_EQ(if_the_master_died(view, t0).successor, at_a) << "its user prefers it";
    EXPECT_EQ(if_the_master_died(view, t0).loss, 20);
    view.members["a"].priority = 0;
    EXPECT_EQ(if_the_master_died(view, t0).successor, at_c);
    view.redis.replica_offsets[at_a] = 510;
    view.members["a"].priority = 100;
    EXPECT_EQ(if_the_master_died(view, t0).loss, 0) << "it was heard later";
}

TEST(IfTheMasterDied, NobodyCouldTakeOverWithoutAReplicaInSync) {
    View view = master_with_replicas();
    view.redis.replica_offsets.clear();
    const AfterDeath outlook = if_the_master_died(view, t0);
    EXPECT_EQ(outlook.successor, std::nullopt);
    EXPECT_EQ(outlook.loss, std::nullopt);
    EXPECT_EQ(outlook.how, "nobody could take over: no replica in sync may be promoted");
}

TEST(IfTheMasterDied, TheNodesElectWhereNoSentinelCouldAct) {
    View view = master_with_replicas();
    view.self.cold_start_wait = 30s;
    sentinels_name(view, at_b, false);
    EXPECT_EQ(if_the_master_died(view, t0).how,
              "no sentinel that names this master could fail over: the nodes would elect the one "
              "with the freshest data, after COLD_START_WAIT, 30 s");
    view.sentinels.opinions.clear();
    EXPECT_EQ(if_the_master_died(view, t0).how,
              "no sentinel is registered: the nodes would elect the one with the freshest data, "
              "after COLD_START_WAIT, 30 s");
    EXPECT_EQ(if_the_master_died(view, t0).successor, at_c);
}

TEST(IfTheMasterDied, OnlyTheMasterKnows) {
    EXPECT_EQ(if_the_master_died(replica_in_sync(), t0).how,
              "the master knows what its replicas have: ask its wrapper");
}

TEST(WhyThisRole, IsSaidWithTheReasonOfTheRecord) {
    EXPECT_EQ(why_this_role(recorded_master()), "it is master of term 7, because why");
    View view = replica_in_sync();
    EXPECT_EQ(why_this_role(view),
              "10.0.0.1:6379 is master of term 7, because why; this node could take over");
    EXPECT_EQ(why_this_role(first_node()), "the record names no master of any term");
    View promoted = recorded_master();
    promoted.record.written->run_id = "another process";
    EXPECT_EQ(why_this_role(promoted), "it is a master that the record does not name");
}

TEST(WhyThisRole, SaysWhatKeepsAReplicaFromBeingMaster) {
    const std::string master = "10.0.0.1:6379 is master of term 7, because why; ";
    View view = replica_in_sync();
    view.redis.offered = false;
    EXPECT_EQ(why_this_role(view), master + "this node is not offered to the sentinels yet");
    view.redis.link_up = false;
    EXPECT_EQ(why_this_role(view), master + "this node is not in sync");
    view.redis.lineage.reset();
    EXPECT_EQ(why_this_role(view), master + "this node has no data of the cluster");
    view.self.priority = 0;
    EXPECT_EQ(why_this_role(view), master + "replica-priority 0 keeps this node from being it");
}

}  // namespace
}  // namespace redis_zk::redis_wrapper
