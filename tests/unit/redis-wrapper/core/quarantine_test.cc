// Loss accounting: what a former master has and its cluster has not is counted and kept before it
// is replaced.
#include "redis-wrapper/core/quarantine.h"

#include <gtest/gtest.h>

#include "redis-wrapper/core/decide.h"
#include "redis-wrapper/core/observe.h"
#include "tests/unit/redis-wrapper/core/views.h"

namespace redis_zk::redis_wrapper {
namespace {

// b was the master of term 7 and is parked; a is the verified master of term 8.
View former_master(OwnWrites own_writes, std::optional<Lineage> term_8_began_with) {
    View view = parked_beside_a_master();
    recorded(view, 8, "a", at_a);
    view.members["a"].lineage = Lineage{8, 150};
    view.redis.own_writes = own_writes;
    view.succession = {8, true, {"a", term_8_began_with}};
    return view;
}

void expect_quarantine(const View& view, std::optional<std::int64_t> bytes) {
    const Actions actions = decide(view, t0);
    const auto* found = find<QuarantineData>(actions);
    ASSERT_NE(found, nullptr) << spoken_actions(actions);
    EXPECT_EQ(found->loss, (core::Loss{8, {7, 99}, bytes}));
    EXPECT_FALSE(has<Follow>(actions)) << spoken_actions(actions);
}

TEST(Quarantine, CountsAndKeepsWhatTheNextTermBeganWithout) {
    expect_quarantine(former_master(OwnWrites::counted, Lineage{7, 90}), 9);
}

TEST(Quarantine, KeepsNothingOfWhatTheSuccessorHas) {
    const View view = former_master(OwnWrites::counted, Lineage{7, 99});
    EXPECT_EQ(find<Follow>(decide(view, t0))->master, at_a);
}

// Also when the last claim has some bytes more, of PINGs, than the successor has begun with.
TEST(Quarantine, KeepsNothingThatWasHandedOver) {
    const View view = former_master(OwnWrites::handed_over, Lineage{7, 90});
    EXPECT_EQ(find<Follow>(decide(view, t0))->master, at_a);
}

// The successor crashed, and came back or was replaced, with less than it had been given.
TEST(Quarantine, KeepsWhatALaterTermMayLack) {
    for (const auto& [own, began_with] : {std::pair{OwnWrites::handed_over, Lineage{7, 99}},
                                          {OwnWrites::counted, Lineage{7, 99}}}) {
        View view = former_master(own, began_with);
        view.record.written->term = 9;
        const Actions actions = decide(view, t0);
        ASSERT_TRUE(has<QuarantineData>(actions)) << spoken_actions(actions);
        EXPECT_EQ(find<QuarantineData>(actions)->loss, (core::Loss{9, {7, 99}, {}}))
            << "perhaps in the last one, and not in that which began with all";
        view.quarantine = Quarantine{{7, 99}, true};
        view.succession = {9, false, {}};
        EXPECT_TRUE(has<Follow>(decide(view, t0))) << "its report delays nothing";
    }
}

TEST(Quarantine, KeepsNothingOfANodeThatHasTakenNoWrites) {
    const View view = former_master(OwnWrites::none, Lineage{7, 90});
    EXPECT_TRUE(has<Follow>(decide(view, t0)));
}

// Recorded by somebody else while this node, which led that term, could not read the record.
TEST(Quarantine, CountsNothingByTheEntryOfATermThatTheNodeHasLedItself) {
    View view = former_master(OwnWrites::uncounted, Lineage{7, 90});
    view.succession.beginning.node = "b";
    expect_quarantine(view, std::nullopt);
}

// The file beside the data is up to a second older than they are.
TEST(Quarantine, KeepsWhatMayHaveBeenTakenInTheLastMomentsOfAFormerLife) {
    expect_quarantine(former_master(OwnWrites::uncounted, Lineage{7, 99}), 0);
    expect_quarantine(former_master(OwnWrites::uncounted, Lineage{7, 120}), 0);
}

TEST(Quarantine, KeepsWhatNobodyCanCompare) {
    expect_quarantine(former_master(OwnWrites::counted, std::nullopt), std::nullopt);
    expect_quarantine(former_master(OwnWrites::counted, Lineage{6, 400}), std::nullopt);
}

TEST(Quarantine, ReadsTheHistoryFirst) {
    View view = former_master(OwnWrites::counted, Lineage{7, 99});
    EXPECT_EQ(term_without_us(view), 8u);
    for (const Succession& unread :
         {Succession{}, Succession{8, false, {}}, Succession{5, true, {}}}) {
        view.succession = unread;
        EXPECT_EQ(spoken_actions(decide(view, t0)),
                  "wait: reading in the history with which data term 8 began");
    }
}

TEST(Quarantine, DoesNotWaitForATermThatNobodyHasBegun) {
    View view = former_master(OwnWrites::counted, std::nullopt);
    view.redis.lineage = Lineage{8, 150};
    view.succession = {};
    EXPECT_EQ(find<QuarantineData>(decide(view, t0))->loss, (core::Loss{9, {8, 150}, {}}));
}

TEST(Quarantine, WaitsForTheRecordThatEndsItsOwnTerm) {
    View view = former_master(OwnWrites::counted, std::nullopt);
    recorded(view, 7, "b", at_b);
    sentinels_name(view, at_a);
    EXPECT_EQ(spoken_actions(decide(view, t0)),
              "wait: the record shall name another master before this node follows it");
}

TEST(Quarantine, IsMadeOnceAndBeforeThisNodeFollows) {
    View view = former_master(OwnWrites::counted, Lineage{7, 90});
    observe_performed(view, *find<QuarantineData>(decide(view, t0)), t0);
    EXPECT_EQ(spoken_actions(decide(view, t0)),
              "wait: the data of this node are being saved for the quarantine");
    observe_quarantine(view);
    EXPECT_TRUE(has<Follow>(decide(view, t0)));
    view.redis.lineage = Lineage{7, 100};
    EXPECT_TRUE(has<QuarantineData>(decide(view, t0))) << "these are other data";
}

TEST(Quarantine, IsOnlyCountedWhenTheOperatorWantsNoCopies) {
    View view = former_master(OwnWrites::counted, Lineage{7, 90});
    view.self.keeps_quarantine = false;
    const Actions actions = decide(view, t0);
    EXPECT_EQ(spoken_actions(actions),
              "keep no copy of the data of this node, although term 8 began without 9 bytes, at "
              "least, of what was written here");
    observe_performed(view, *find<QuarantineData>(actions), t0);
    EXPECT_TRUE(has<Follow>(decide(view, t0)));
}

TEST(Quarantine, IsMadeByAClosedMasterThatMeetsItsSuccessor) {
    View view = former_master(OwnWrites::counted, Lineage{7, 90});
    view.redis.role = Role::master;
    EXPECT_TRUE(has<Park>(decide(view, t0))) << "its clients go to the other one meanwhile";
    view.quarantine = Quarantine{{7, 99}, true};
    EXPECT_TRUE(has<Follow>(decide(view, t0)));
}

TEST(Quarantine, NeedsNoZooKeeper) {
    View view = former_master(OwnWrites::counted, Lineage{7, 99});
    view.zookeeper_connected = false;
    view.succession = {};
    view.redis.role = Role::replica;
    view.redis.following = at_a;
    view.redis.copies_nobody = true;
    recorded(view, 7, "b", at_b);
    sentinels_name(view, at_a);
    for (auto& [sentinel, opinion] : view.sentinels.opinions) opinion.config_epoch = 5;
    view.probes[at_a].closed = false;
    expect_quarantine(view, std::nullopt);
    view.quarantine = Quarantine{{7, 99}, true};
    EXPECT_TRUE(has<Follow>(decide(view, t0)));
}

RedisLook look_of_master(bool open) {
    RedisLook look;
    look.is_master = true;
    look.open = open;
    look.append_only = true;
    look.run_id = "run of b";
    look.replication_id = "id";
    look.offset = 120;
    look.keys = 1;
    return look;
}

TEST(OwnWrites, AreTakenByAnOpenMasterAndRemembered) {
    core::LineageTracker tracker;
    View view = recorded_master();
    observe_redis(view, tracker, look_of_master(false), t0);
    EXPECT_EQ(view.redis.own_writes, OwnWrites::none);
    EXPECT_EQ(claim_of(view, tracker).own_writes, OwnWrites::none);
    observe_redis(view, tracker, look_of_master(true), t0);
    EXPECT_EQ(view.redis.own_writes, OwnWrites::counted);
    observe_redis(view, tracker, look_of_master(false), t0);
    EXPECT_EQ(view.redis.own_writes, OwnWrites::counted) << "it is closed, and has them";
    EXPECT_EQ(claim_of(view, tracker).own_writes, OwnWrites::uncounted) << "to be read later";
}

TEST(OwnWrites, OfAFormerLifeAreMoreThanItsClaimTells) {
    for (const bool append_only : {true, false}) {
        core::LineageTracker tracker{core::Claim{"b", "c1", Lineage{7, 99}, "id", 40, {}}};
        View view = restarted_master();
        view.redis.role = Role::loading;
        view.self.own_writes = OwnWrites::uncounted;
        RedisLook look = look_of_master(false);
        look.is_master = false;
        look.following = nowhere;
        look.append_only = append_only;
        observe_redis(view, tracker, look, t0);
        EXPECT_EQ(view.redis.own_writes, OwnWrites::uncounted);
    }
}

// It may take some before the answer comes, and be gone before the next look.
TEST(OwnWrites, BeginWithTheCommandThatOpens) {
    View view = recorded_master();
    view.redis.open = false;
    observe_performed(view, Open{"the record names this node"}, t0);
    EXPECT_EQ(view.redis.own_writes, OwnWrites::counted);
}

TEST(OwnWrites, ThatAreTakenAnewAreInNoQuarantine) {
    View view = recorded_master();
    view.quarantine = Quarantine{{7, 99}, true};
    observe_performed(view, Open{"the record names this node"}, t0);
    EXPECT_FALSE(view.quarantine);
}

TEST(OwnWrites, OfNoRecordedTermCannotBeCompared) {
    View view = promoted_by_sentinels();
    observe_performed(view, Open{"the majority of the sentinels names this node"}, t0);
    EXPECT_EQ(view.redis.own_writes, OwnWrites::uncounted);
    core::LineageTracker tracker;
    observe_redis(view, tracker, look_of_master(true), t0);
    EXPECT_EQ(view.redis.own_writes, OwnWrites::uncounted);
}

TEST(OwnWrites, AreThoseOfTheMasterWhenThisNodeHasCopiedIt) {
    core::LineageTracker tracker;
    View view = parked_beside_a_master();
    view.redis.own_writes = OwnWrites::counted;
    RedisLook look = look_of_master(false);
    look.is_master = false;
    look.following = at_a;
    observe_redis(view, tracker, look, t0);
    EXPECT_EQ(view.redis.own_writes, OwnWrites::counted) << "it knocks";
    look.link_up = true;
    observe_redis(view, tracker, look, t0);
    EXPECT_EQ(view.redis.own_writes, OwnWrites::none);
}

TEST(OwnWrites, AreTheSuccessorsAfterAHandOver) {
    core::LineageTracker tracker;
    View view = recorded_master();
    view.redis.own_writes = OwnWrites::counted;
    observe_hand_over_request(view, t0);
    observe_performed(view, EndHandOver{false, "no time"}, t0);
    EXPECT_EQ(view.redis.own_writes, OwnWrites::counted);
    observe_hand_over_request(view, t0);
    observe_performed(view, EndHandOver{true, "a is master"}, t0);
    EXPECT_EQ(view.redis.own_writes, OwnWrites::handed_over);
    EXPECT_EQ(claim_of(view, tracker).own_writes, OwnWrites::handed_over);
}

// It was opened while ZooKeeper was away, and has taken writes before anybody could write down with
// which data its term began.
TEST(Publication, SaysWithWhichDataTheTermBeganAndNotWhatWasWrittenSince) {
    View view = promoted_by_sentinels();
    view.redis.promoted_with = Lineage{7, 99};
    view.redis.lineage = Lineage{7, 140};
    const auto actions = decide(view, t0);
    const auto* publish = find<Publish>(actions);
    ASSERT_NE(publish, nullptr) << spoken_actions(actions);
    EXPECT_EQ(publish->change.lineage, (Lineage{7, 99}));
}

TEST(Publication, OfAMasterThatWasRecordedBeforeSaysWhatItHasNow) {
    View view = promoted_by_sentinels();
    view.redis.promoted_with = Lineage{6, 99};
    view.redis.lineage = Lineage{7, 140};
    const auto actions = decide(view, t0);
    EXPECT_EQ(find<Publish>(actions)->change.lineage, (Lineage{7, 140}));
}

}  // namespace
}  // namespace redis_zk::redis_wrapper
