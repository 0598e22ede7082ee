// What a node does while ZooKeeper cannot be asked: nothing by itself, and what the majority of the
// sentinels has decided.
#include <gtest/gtest.h>

#include "redis-wrapper/core/decide.h"
#include "tests/unit/redis-wrapper/core/views.h"

namespace redis_zk::redis_wrapper {
namespace {

const std::string open =
    "open for writes, because the majority of the sentinels names this node; the record follows "
    "when ZooKeeper is back";
const std::string keeps_master = "wait: ZooKeeper is unreachable; redis keeps its role (master)";

std::string decided(const View& view, TimePoint now = t0) {
    return spoken_actions(decide(view, now));
}

View cut_off(View view) {
    view.zookeeper_connected = false;
    return view;
}

TEST(WithoutZooKeeper, ChangesNoRole) {
    for (const View& view :
         {cut_off(first_node()), cut_off(recorded_master()), cut_off(replica_in_sync()),
          cut_off(restarted_master()), cut_off(all_back()), cut_off(promoted_under_the_lock())}) {
        const auto actions = decide(view, t0);
        EXPECT_FALSE(has<Promote>(actions) || has<Follow>(actions) || has<Park>(actions));
        EXPECT_FALSE(has<Publish>(actions) || has<TakeLock>(actions) || has<Open>(actions));
        EXPECT_EQ(spoken_actions(actions),
                  "wait: ZooKeeper is unreachable; redis keeps its role (" +
                      std::string{name_of(view.redis.role)} + ')');
    }
}

TEST(WithoutZooKeeper, OpensTheMasterThatTheMajorityOfTheSentinelsNames) {
    View view = cut_off(promoted_by_sentinels());
    EXPECT_EQ(decided(view), open);
    view.sentinels.opinions[sentinel_1].master = at_a;
    EXPECT_EQ(decided(view), open);
    view.sentinels.opinions[sentinel_2].master = at_a;
    EXPECT_EQ(decided(view), keeps_master);
}

TEST(WithoutZooKeeper, OpensNoMasterThatSomebodyPromotedByHand) {
    View view = cut_off(promoted_by_sentinels());
    view.sentinels.opinions.clear();
    EXPECT_EQ(decided(view), keeps_master);
}

TEST(WithoutZooKeeper, OpensNoMasterBesideTheFormerOne) {
    View view = cut_off(promoted_by_sentinels());
    is_master(view, at_a);
    EXPECT_EQ(decided(view), keeps_master);
    view.probes[at_a].closed = true;
    EXPECT_EQ(decided(view), open);
    view.probes.clear();
    EXPECT_EQ(decided(view), keeps_master) << "it has not answered yet";
}

TEST(WithoutZooKeeper, OpensNoMasterWithoutTheData) {
    View view = cut_off(promoted_by_sentinels());
    view.redis.lineage.reset();
    EXPECT_EQ(decided(view), keeps_master);
}

TEST(WithoutZooKeeper, OpensNoMasterThatHasNotJoinedTheTermOfTheRecord) {
    View view = cut_off(promoted_by_sentinels());
    view.redis.lineage = Lineage{6, 99};
    EXPECT_EQ(decided(view), keeps_master);
}

TEST(WithoutZooKeeper, LetsAFormerMasterCopyTheOneThatTheSentinelsHaveChosenSince) {
    View view = cut_off(replica_in_sync());
    recorded(view, 7, "b", at_b);
    view.record.written->config_epoch = 1;
    view.redis.link_up = view.redis.offered = false;
    view.redis.copies_nobody = true;
    sentinels_name(view, at_a);
    for (auto& [sentinel, opinion] : view.sentinels.opinions) opinion.config_epoch = 2;
    view.probes[at_a].closed = false;
    EXPECT_EQ(decided(view),
              "follow 10.0.0.1:6379, because the sentinels have chosen it since the record");
    const auto keeps = [](View changed) { return !has<Follow>(decide(changed, t0)); };
    View other = view;
    other.probes[at_a].closed = true;
    EXPECT_TRUE(keeps(other)) << "its wrapper has not opened it";
    other = view;
    other.record.written->config_epoch = 2;
    EXPECT_TRUE(keeps(other)) << "they have chosen nothing since";
    other = view;
    other.redis.copies_nobody = false;
    EXPECT_TRUE(keeps(other)) << "nobody has to let it";
    other = view;
    other.redis.following = at_c;
    EXPECT_TRUE(keeps(other)) << "it was pointed elsewhere";
}

TEST(WithoutZooKeeper, OpensNobodyBeforeItKnowsTheRecordAndTheSentinels) {
    View view = cut_off(promoted_by_sentinels());
    view.record.known = false;
    EXPECT_EQ(decided(view), "wait: ZooKeeper has not answered yet");
    view = cut_off(promoted_by_sentinels());
    view.sentinels.known = false;
    EXPECT_FALSE(has<Open>(decide(view, t0)));
}

TEST(WithoutZooKeeper, AsksTheSentinelsAndTheFormerMaster) {
    View view = cut_off(promoted_by_sentinels());
    view.sentinels.asked_at = {};
    view.probes.clear();
    const auto actions = decide(view, t0);
    EXPECT_TRUE(has<AskSentinels>(actions));
    ASSERT_TRUE(has<AskNode>(actions));
    EXPECT_EQ(find<AskNode>(actions)->node, at_a);
}

// In time for the new one, which waits for that.
TEST(WithoutZooKeeper, ClosesAMasterWhenTheSentinelsHaveMadeAnother) {
    View view = cut_off(recorded_master());
    sentinels_name(view, at_c);
    EXPECT_EQ(decided(view), keeps_master) << "the other has not answered yet";
    is_master(view, at_c);
    EXPECT_EQ(decided(view), "fence, because the sentinels have another master");
    view.in_flight.redis_command = t0 + 2s;
    EXPECT_EQ(decided(view), "");
}

TEST(WithoutZooKeeper, ClosesAMasterThatTheSentinelsHaveDemoted) {
    View view = cut_off(replica_in_sync());
    view.redis.open = true;
    EXPECT_EQ(decided(view), "fence, because the sentinels have another master");
}

TEST(WithoutZooKeeper, LeavesAMasterOpenThatNobodyReplaces) {
    View view = cut_off(recorded_master());
    sentinels_name(view, at_b);
    EXPECT_EQ(decided(view), keeps_master);
}

TEST(WithoutZooKeeper, DoesNotCommandARedisThatHangs) {
    View view = cut_off(recorded_master());
    sentinels_name(view, at_c);
    is_master(view, at_c);
    view.redis.hangs = true;
    view.redis.looked_at = t0;
    EXPECT_EQ(decided(view), keeps_master);
}

TEST(WithoutZooKeeper, KillsAMasterThatDoesNotAnswerWhenTheSentinelsHaveAnother) {
    View view = cut_off(recorded_master());
    sentinels_name(view, at_c);
    is_master(view, at_c);
    view.redis.looked_at = t0 - 2s;
    EXPECT_EQ(decided(view),
              "kill redis, because it does not answer, and the sentinels have another master");
    sentinels_name(view, at_b);
    EXPECT_EQ(decided(view), keeps_master);
}

// It would be closed again at once, and opened again at once.
TEST(WithoutZooKeeper, OpensNoMasterThatIsOutOfTouchWithTheSentinels) {
    View view = cut_off(promoted_by_sentinels());
    for (auto& [sentinel, opinion] : view.sentinels.opinions) {
        opinion.down_after = 3s;
        opinion.contact_at = t0;
    }
    EXPECT_TRUE(has<Open>(decide(view, t0)));
    for (auto& [sentinel, opinion] : view.sentinels.opinions) opinion.contact_at = t0 - 3s;
    EXPECT_FALSE(has<Open>(decide(view, t0)));
}

// P1: they may not have heard of whom the nodes have elected since.
TEST(WithoutZooKeeper, DoesNotOpenTheRecordedMasterBecauseTheSentinelsStillNameIt) {
    View view = cut_off(promoted_by_sentinels());
    ASSERT_TRUE(has<Open>(decide(view, t0))) << "they have chosen it, against the record";
    recorded(view, 7, "b", at_b);
    EXPECT_FALSE(has<Open>(decide(view, t0)));
}

}  // namespace
}  // namespace redis_zk::redis_wrapper
