// What the history is told by a watcher. People read it, and so does a former master that comes
// back: it learns from it which of its writes are lost.
#include "watcher/core/publication.h"

#include <gtest/gtest.h>

#include "tests/unit/watcher/core/views.h"
#include "watcher/core/observe.h"

namespace redis_zk::watcher {
namespace {

using core::Lineage;

// b has gone on from the history of term 7 at offset 95; a had written down that it was at 99.
View gone_on() {
    View view = failed_over();
    view.record.written->replication_id = "history of term 7";
    view.probes[at_b].former_replication_id = "history of term 7";
    view.probes[at_b].former_offset = 95;
    view.members["b"].lineage = Lineage{7, 90};
    return view;
}

core::Change change_in(const View& view, TimePoint now = t0) {
    return publication(view, Choice{at_b, 2, "they name it"}, now).change;
}

TEST(Publication, TellsWithWhichDataTheTermBeginsAndWhatIsGone) {
    const core::Change change = change_in(gone_on());
    EXPECT_EQ(change.lineage, (Lineage{7, 95}));
    EXPECT_EQ(change.freshest_known, (Lineage{7, 99}));
    EXPECT_EQ(change.lost_bytes(), 4);
}

TEST(Publication, CountsTheRosterOfTheNodesThatWereInSync) {
    View view = gone_on();
    view.members.erase("a");
    EXPECT_FALSE(change_in(view).freshest_known);
    view.roster = {7, 97, {"a", "b"}};
    EXPECT_EQ(change_in(view).freshest_known, (Lineage{7, 97}));
}

TEST(Publication, TellsNoBeginningOfWhichItKnowsNoHistory) {
    View other = gone_on();
    other.probes[at_b].former_replication_id = "history of term 6";
    EXPECT_FALSE(change_in(other).lineage);
    View untold = gone_on();
    untold.probes[at_b].former_offset.reset();
    EXPECT_FALSE(change_in(untold).lineage);
    View nameless = gone_on();
    nameless.record.written->replication_id.clear();
    nameless.probes[at_b].former_replication_id.clear();
    EXPECT_FALSE(change_in(nameless).lineage);
}

TEST(Publication, KnowsTheHistoryThatTheRecordedProcessHasGotSince) {
    View view = calm();
    Probe answer = view.probes[at_a];
    answer.replication_id = "since its first replica came";
    observe_probe(view, at_a, answer, t0);
    observe_time(view, t0);
    answers(view, at_b, Probe::Answer::master);
    view.probes[at_b].former_replication_id = "since its first replica came";
    view.probes[at_b].former_offset = 95;
    EXPECT_EQ(change_in(view).lineage, (Lineage{7, 95}));
    View later = view;
    later.record.written->term = 8;
    EXPECT_FALSE(change_in(later).lineage) << "it was that of another term";
    View other = calm();
    answer.run_id = "of another process";
    observe_probe(other, at_a, answer, t0);
    observe_time(other, t0);
    EXPECT_TRUE(other.recorded_history.replication_id.empty());
    View late = calm();
    late.outdated_at = t0 + 1ms;
    observe_time(late, t0 + 2ms);
    EXPECT_TRUE(late.recorded_history.replication_id.empty()) << "it answered in another term";
}

TEST(Publication, CountsNobodyWhoFollowsTheNewMasterAlready) {
    View view = gone_on();
    view.members["c"] = view.members["a"];
    view.members["c"].address = {"10.0.0.3", 6379};
    view.members["c"].following = at_b;
    view.members["c"].lineage = Lineage{7, 5000};
    EXPECT_EQ(change_in(view).freshest_known, (Lineage{7, 99})) << "its offset is of another term";
}

TEST(Publication, TellsNoTimesWhereADeletedRecordIsRestored) {
    View view = calm();
    view.record.named.reset();
    const core::Change change = publication(view, Choice{at_a, 1, "it is"}, t0 + 1h).change;
    EXPECT_FALSE(change.promoted_until_published || change.without_master);
}

TEST(Publication, KnowsTheHistoryOfARecordThatWasDeleted) {
    View view = gone_on();
    view.last_written = view.record.written;
    view.record.written.reset();
    EXPECT_EQ(change_in(view).lineage, (Lineage{7, 95}));
}

TEST(Publication, TellsHowLongNobodyWasMasterAndHowLongTheRecordTook) {
    View view = gone_on();
    view.heard_at[at_a] = t0 - 3s;
    const core::Change change = change_in(view, t0 + 40ms);
    EXPECT_EQ(change.without_master, 3s);
    EXPECT_EQ(change.promoted_until_published, 40ms);
}

TEST(Publication, TellsNothingOfTheTimeWithoutMasterIfTheFormerOneWasHeardSince) {
    View view = gone_on();
    view.heard_at[at_a] = t0 + 1ms;
    EXPECT_FALSE(change_in(view, t0 + 40ms).without_master) << "a planned change";
    view.heard_at.clear();
    EXPECT_FALSE(change_in(view, t0 + 40ms).without_master) << "nobody has asked it";
}

TEST(Publication, TakesTheTimeOfTheLastAnswerFromWhoeverHeardIt) {
    View view = calm();
    Opinion opinion = view.sentinels[sentinel_1].opinion;
    opinion.asked_at = t0 + 4s;
    opinion.unanswered_for = 1500ms;
    observe_opinion(view, sentinel_1, opinion, t0 + 4s);
    EXPECT_EQ(view.heard_at[at_a], t0 + 2500ms) << "a PING waits since then";
    opinion.unanswered_for = 3s;
    opinion.asked_at = t0 + 5s;
    observe_opinion(view, sentinel_2, opinion, t0 + 5s);
    EXPECT_EQ(view.heard_at[at_a], t0 + 2500ms) << "another one heard it later";
    Probe answer = view.probes[at_a];
    answer.asked_at = t0 + 3s;
    observe_probe(view, at_a, answer, t0 + 5s);
    EXPECT_EQ(view.heard_at[at_a], t0 + 3s) << "the watcher itself did";
}

TEST(Publication, TakesThePongOfANodeThatIsNoMasterAnyMoreForNone) {
    View view = calm();
    view.heard_at[at_a] = t0;
    answers(view, at_a, Probe::Answer::replica);
    observe_probe(view, at_a, view.probes[at_a], t0 + 1s);
    Opinion opinion = view.sentinels[sentinel_1].opinion;
    opinion.asked_at = t0 + 2s;
    observe_opinion(view, sentinel_1, opinion, t0 + 2s);
    EXPECT_EQ(view.heard_at[at_a], t0) << "it came back, parked";
}

TEST(Publication, ForgetsWhenItHeardAMasterIfItStoodStill) {
    View view = calm();
    view.heard_at[at_a] = t0;
    view.next_turn_at = t0;
    ASSERT_TRUE(observe_jump(view, t0 + 30s, 2s));
    EXPECT_TRUE(view.heard_at.empty());
}

}  // namespace
}  // namespace redis_zk::watcher
