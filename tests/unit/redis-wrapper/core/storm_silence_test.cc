// A node that steps back, and its master that does not answer: what others have got is not known.
#include <gtest/gtest.h>

#include "redis-wrapper/core/decide.h"
#include "redis-wrapper/core/find_master.h"
#include "tests/unit/redis-wrapper/core/views.h"

namespace redis_zk::redis_wrapper {
namespace {

// It steps back for c, and asks a how it is.
View withheld() {
    View view = stormy(one_of_two_replicas());
    sentinels_name(view, at_a);
    view.redis.offered = false;
    Probe& followed = view.probes.at(at_a);
    followed.question_at = t0;
    followed.asked_until = t0 + 4500ms;
    return view;
}

View at(View view, TimePoint now) {
    view.turned_at = now;
    return view;
}

// What only this node has got may have been acknowledged. A link that nothing comes over stays up.
TEST(SteppingBack, IsOfferedToTheSentinelsWhileTheMasterIsSilent) {
    EXPECT_TRUE(is_withheld(at(withheld(), t0 + 1000ms)));
    const View view = at(withheld(), t0 + 1001ms);
    EXPECT_FALSE(is_withheld(view));
    const auto actions = decide(view, view.turned_at);
    const auto* offer = find<Offer>(actions);
    ASSERT_TRUE(offer) << spoken_actions(actions);
    EXPECT_EQ(offer->reason,
              "10.0.0.1:6379 does not answer, and whether another node has as much as this one is "
              "not known");
    View another = view;
    sentinels_name(another, at_c);
    EXPECT_FALSE(find<Offer>(decide(another, another.turned_at))) << "they watch another master";
    View calm = view;
    calm.early_crashes = {};
    EXPECT_FALSE(may_be_ahead(calm)) << "as ever";
}

TEST(SteppingBack, IsOfferedWhenTheMasterStaysSilent) {
    View view = withheld();
    answers(view, at_a, Probe::Answer::silent);
    view.probes.at(at_a).silent_since = t0;
    view.probes.at(at_a).asked_until.reset();
    EXPECT_TRUE(is_withheld(at(view, t0 + 1000ms))) << "one answer may be lost";
    EXPECT_TRUE(find<Offer>(decide(at(view, t0 + 1001ms), t0 + 1001ms)));
}

TEST(SteppingBack, IsOfferedTheSoonerTheLessTheSentinelsWait) {
    View view = withheld();
    for (auto& [sentinel, opinion] : view.sentinels.opinions) opinion.down_after = 600ms;
    EXPECT_TRUE(is_withheld(at(view, t0 + 200ms)));
    EXPECT_FALSE(is_withheld(at(view, t0 + 201ms)));
}

// The entry of c says that its link is up, and what it had at some time.
TEST(SteppingBack, IsOfferedWhenTheMasterHasEndedAndNobodySaysWhatItHas) {
    View view = withheld();
    view.redis.link_up = false;
    is_dead(view, at_a);
    view.master_seen_at = view.redis.heard_master_at = t0;
    view.redis.lineage = Lineage{7, 120};
    EXPECT_FALSE(find<Offer>(decide(at(view, t0 + 1000ms), t0 + 1000ms)))
        << "c needs a moment to notice and to say it";
    EXPECT_TRUE(find<Offer>(decide(at(view, t0 + 1001ms), t0 + 1001ms)));
    Member& c = view.members.at("c");
    c.link_up = false;
    EXPECT_TRUE(find<Offer>(decide(at(view, t0 + 1001ms), t0 + 1001ms))) << "it has less";
    c.lineage = Lineage{7, 120};
    EXPECT_FALSE(find<Offer>(decide(at(view, t0 + 1001ms), t0 + 1001ms)));
}

// It was restarted with older data, and its master is gone before it has got anything of it.
TEST(SteppingBack, IsNotOfferedWithoutTheDataOfTheMasterThatHasEnded) {
    View view = at(withheld(), t0 + 10s);
    view.redis.link_up = false;
    is_dead(view, at_a);
    view.master_seen_at = view.redis.heard_master_at = t0;
    view.members.erase("c");
    EXPECT_TRUE(may_be_ahead(view));
    View never_linked = view;
    never_linked.redis.heard_master_at = {};
    EXPECT_FALSE(may_be_ahead(never_linked));
    view.redis.lineage = Lineage{6, 500};
    EXPECT_FALSE(may_be_ahead(view));
    EXPECT_FALSE(find<Offer>(decide(view, view.turned_at)));
}

TEST(SteppingBack, IsNotOfferedBesideAnotherMasterThatIsRecorded) {
    View view = at(withheld(), t0 + 1001ms);
    answers(view, at_a, Probe::Answer::silent);
    view.probes.at(at_a).silent_since = t0;
    EXPECT_TRUE(find<Offer>(decide(view, view.turned_at)));
    recorded(view, 8, "c", at_c);
    is_master(view, at_c);
    view.members.at("c").role = Role::master;
    EXPECT_TRUE(may_be_ahead(view));
    EXPECT_FALSE(find<Offer>(decide(view, view.turned_at)));
}

// From the question on, and not only from when its time is up.
TEST(SteppingBack, CountsTheFirstSilenceFromItsQuestion) {
    View view = withheld();
    answers(view, at_a, Probe::Answer::silent);
    Probe& followed = view.probes.at(at_a);
    followed.asked_until.reset();
    followed.asked_at = t0;
    followed.silent_since = t0 + 1s;
    EXPECT_FALSE(is_withheld(at(view, t0 + 1001ms)));
    followed.asked_at = t0 + 1300ms;  // the second one
    EXPECT_FALSE(is_withheld(at(view, t0 + 2300ms)));
}

TEST(SteppingBack, TakesTheOfferBackWhenTheMasterHasSpokenForAWhile) {
    View view = at(withheld(), t0 + 2s);
    view.redis.offered = true;
    view.redis.offered_since = t0 + 1s;
    view.probes.at(at_a).asked_until.reset();
    view.probes.at(at_a).answered_at = t0 + 2s;
    EXPECT_FALSE(find<Close>(decide(view, t0 + 2s))) << "it would come and go with each answer";
    view.turned_at = view.probes.at(at_a).answered_at = t0 + 6s;
    EXPECT_TRUE(find<Close>(decide(view, t0 + 6s)));
}

// Its silence has to be seen before the sentinels replace it.
TEST(SteppingBack, AsksTheMasterOften) {
    View view = replica_in_sync();
    EXPECT_TRUE(is_settled(view));
    EXPECT_FALSE(is_settled(stormy(view))) << "offered or not";
}

}  // namespace
}  // namespace redis_zk::redis_wrapper
