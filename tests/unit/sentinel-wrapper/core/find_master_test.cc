#include "sentinel-wrapper/core/find_master.h"

#include <gtest/gtest.h>

#include "tests/unit/sentinel-wrapper/core/views.h"

namespace redis_zk::sentinel_wrapper {
namespace {

TEST(FindMaster, AsksTheSentinelsFirstAndTheRecordThen) {
    View view = informed();
    EXPECT_EQ(find_master(view, t0).why, "the record names it");
    is_master(view, at_b);
    opinion(view, sentinel_2, at_b);
    EXPECT_EQ(find_master(view, t0).master, at_b);
    EXPECT_TRUE(find_master(view, t0).named_by_sentinels);
    is_dead(view, at_b);
    EXPECT_EQ(find_master(view, t0).master, at_a);
    EXPECT_TRUE(find_master(view, t0).named_by_record);
}

TEST(FindMaster, DoesNotCallAMasterNamedThatWasOnlyFoundOnTheWay) {
    View view = informed();
    is_replica(view, at_a, at_b);
    is_master(view, at_b);
    const Finding finding = find_master(view, t0);
    EXPECT_EQ(finding.master, at_b);
    EXPECT_FALSE(finding.named_by_record);
    EXPECT_EQ(finding.why, "the node that is named as master follows it");
}

TEST(FindMaster, BelievesTheDocumentOfTheTermAndNotAnEditedNameBesideIt) {
    View view = informed();
    is_master(view, at_b);
    view.record.named = at_b;
    Finding finding = find_master(view, t0);
    EXPECT_EQ(finding.master, at_a);
    EXPECT_FALSE(finding.named_by_record);
    EXPECT_EQ(finding.why, "the term names it, the name beside it does not");
    is_dead(view, at_a);
    finding = find_master(view, t0);
    EXPECT_EQ(finding.master, at_b) << "a hint to a node that was verified";
    EXPECT_FALSE(finding.named_by_record);
    EXPECT_EQ(finding.why, "the name beside the term names it, the term does not");
}

TEST(FindMaster, SaysThatTheTermAloneNamesAMasterBesideWhichThereIsNoName) {
    View view = informed();
    view.record.named.reset();
    const Finding finding = find_master(view, t0);
    EXPECT_EQ(finding.master, at_a);
    EXPECT_EQ(finding.why, "the term names it, the name beside it does not");
}

TEST(FindMaster, GivesNoReasonWithoutAMaster) {
    View view = informed();
    is_dead(view, at_a);
    EXPECT_EQ(find_master(view, t0).why, "");
}

TEST(FindMaster, BelievesANameWithoutADocumentButNotBesideAnUnreadableOne) {
    View view = informed();
    view.record.written.reset();
    EXPECT_TRUE(find_master(view, t0).named_by_record);  // as redis-zk writes it
    view.record.unreadable = true;
    const Finding finding = find_master(view, t0);
    EXPECT_EQ(finding.master, std::nullopt);
    EXPECT_EQ(finding.tried, "the record is unreadable");
}

TEST(FindMaster, AsksWhomTheSentinelCountsOnWellBeforeItCouldTurnAStrangerIntoAReplica) {
    const View view = monitoring();
    EXPECT_TRUE(find_master(view, t0 + 2999ms).questions.empty());
    EXPECT_EQ(find_master(view, t0 + 3s).questions, (std::vector{at_a, at_b, at_c}));
}

TEST(FindMaster, AsksOftenWhileSomethingIsWrong) {
    View view = monitoring();
    view.sentinel.monitored->down = true;
    EXPECT_TRUE(find_master(view, t0 + 299ms).questions.empty());
    EXPECT_EQ(find_master(view, t0 + 300ms).questions, (std::vector{at_a, at_b, at_c}));
}

TEST(FindMaster, LooksAgainSoonAtWhoHasNotProvenThatItIsOurs) {
    View view = monitoring();
    view.strangers[at_c] = t0;
    EXPECT_EQ(find_master(view, t0 + 300ms).questions, std::vector{at_c});
}

TEST(FindMaster, AsksTheSentinelsAgainWhenTheRecordHasANewTerm) {
    View view = monitoring();
    EXPECT_FALSE(find_master(view, t0).ask_sentinels);
    view.registered_sentinels.outdated_at = t0;
    EXPECT_TRUE(find_master(view, t0).ask_sentinels);
    EXPECT_TRUE(find_master(view, t0).still_looking);
    view.registered_sentinels.asked_until = t0 + 1s;
    EXPECT_FALSE(find_master(view, t0).ask_sentinels);
}

TEST(IsStranger, TakesTwoAnswersASecondApart) {
    View view = monitoring();
    answers(view, at_c, Probe::Answer::master).same_cluster = false;
    view.strangers[at_c] = t0 - 999ms;
    EXPECT_FALSE(is_stranger(view, at_c, t0));
    view.strangers[at_c] = t0 - 1s;
    EXPECT_TRUE(is_stranger(view, at_c, t0));
}

TEST(IsStranger, CannotBeTheSilentOrDead) {
    View view = monitoring();
    becomes_stranger(view, at_c, Probe::Answer::silent);
    EXPECT_FALSE(is_stranger(view, at_c, t0));
}

}  // namespace
}  // namespace redis_zk::sentinel_wrapper
