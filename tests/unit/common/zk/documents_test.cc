#include "common/zk/documents.h"

#include <gtest/gtest.h>

namespace redis_zk::zk {
namespace {

using State = core::SentinelIdentity::State;

const core::SentinelIdentity released{{"10.0.0.9", 31007}, State::released, "5f3c"};

TEST(SentinelIdentityDocument, IsReadAsItWasWritten) {
    const auto text = sentinel_identity_document(released, "2026-11-21T10:00:00Z", "");

    EXPECT_EQ(text, R"({"address":"10.0.0.9 31007","at":"2026-11-21T10:00:00Z","claimant":"5f3c",)"
                    R"("state":"released"})");
    EXPECT_EQ(*parse_sentinel_identity(text), released);
}

TEST(SentinelIdentityDocument, KeepsTheFieldsThatItDoesNotKnow) {
    const auto text =
        sentinel_identity_document(released, "now", R"({"state":"owned","colour":"red"})");

    EXPECT_NE(text.find(R"("colour":"red")"), std::string::npos);
    EXPECT_EQ(*parse_sentinel_identity(text), released);
}

TEST(SentinelIdentityDocument, IsRefusedAsAWholeWhenAnythingInItIsWrong) {
    for (const auto* text : {
             "",
             "[]",
             "hello",
             R"({"address":"10.0.0.9 31007","state":"released"})",
             R"({"address":"10.0.0.9 31007","state":"dead","claimant":"5f3c"})",
             R"({"address":"10.0.0.9","state":"released","claimant":"5f3c"})",
             R"({"address":"10.0.0.9 31007","state":1,"claimant":"5f3c"})",
             R"({"address":"10.0.0.9 31007","state":"released","claimant":["5f3c"]})",
         })
        EXPECT_FALSE(parse_sentinel_identity(text)) << text;
}

const core::Record record_of_b{8, {"10.0.0.2", 6379}, "c1", "b", "run", {}, "somebody", "why"};

TEST(MemberDocument, SaysThatItsRedisCrashesEarlyOnlyIfItDoes) {
    core::Member member;
    member.id = "5f3c";
    member.address = {"10.0.0.7", 31002};
    const std::string calm = member_document(member, {});
    EXPECT_EQ(calm.find("crashes_early"), std::string::npos) << "as of an older version";
    EXPECT_EQ(parse_member(calm).value(), member);
    member.crashes_early = true;
    EXPECT_EQ(parse_member(member_document(member, {})).value(), member);
}

TEST(HistoryDocument, TellsWhatItsWriterKnewOfTheChange) {
    using namespace std::chrono_literals;
    const core::Change change{core::Lineage{7, 99}, core::Lineage{7, 120}, 4s, 250ms};

    const auto text = history_document(record_of_b, "now", {}, change);

    for (const auto* field : {
             R"("lineage":{"offset":99,"term":7})",
             R"("freshest_known":{"offset":120,"term":7})",
             R"("lost_bytes":21)",
             R"("steps_ms":{"promoted_until_published":250,"without_master":4000})",
         })
        EXPECT_NE(text.find(field), std::string::npos) << field << " in " << text;
    EXPECT_EQ(*parse_record(text), record_of_b) << "it is a record with more fields";
}

TEST(HistoryDocument, LeavesOutWhatItsWriterDidNotKnow) {
    const auto text = history_document(record_of_b, "now", {});

    for (const auto* field : {"lineage", "freshest_known", "lost_bytes", "steps_ms", "before"})
        EXPECT_EQ(text.find(field), std::string::npos) << field << " in " << text;
}

TEST(HistoryDocument, TellsWithWhichDataItsTermBegan) {
    const core::Change change{core::Lineage{7, 99}, {}, {}, {}};
    EXPECT_EQ(beginning_in(history_document(record_of_b, "now", {}, change)),
              (core::Beginning{record_of_b.node, core::Lineage{7, 99}}));
    EXPECT_EQ(beginning_in(history_document(record_of_b, "now", {})), core::Beginning{});
    for (const char* text : {"", "[]", R"({"lineage":7})", R"({"lineage":{"term":-1}})"})
        EXPECT_EQ(beginning_in(text), core::Beginning{}) << text;
}

TEST(HistoryDocument, TakesUpWhatEachNodeHasLost) {
    const core::Change change{core::Lineage{7, 99}, core::Lineage{7, 104}, {}, {}};
    const auto before = history_document(record_of_b, "then", {}, change);
    const auto once = history_document_with(before, {8, {7, 120}, 21}, "a", "x.rdb", "now");
    EXPECT_NE(once.find(R"("lost":{"a":{"at":"now","bytes":21,"kept_as":"x.rdb",)"
                        R"("lineage":{"offset":120,"term":7}}},"lost_bytes":21)"),
              std::string::npos)
        << once;
    const auto twice = history_document_with(once, {8, {7, 99}, {}}, "c", "", "later");
    EXPECT_NE(twice.find(R"("c":{"at":"later","lineage":{"offset":99,"term":7}}},"lost_bytes":21)"),
              std::string::npos)
        << twice;
    EXPECT_EQ(*parse_record(twice), record_of_b) << "nothing else is touched";
    const auto unknown = history_document_with("{}", {8, {7, 99}, {}}, "c", "", "later");
    EXPECT_EQ(unknown.find("lost_bytes"), std::string::npos) << "nobody says that it is nothing";
    EXPECT_NE(history_document_with("garbage", {8, {7, 99}, 5}, "c", "", "now").find("lost"),
              std::string::npos);
}

TEST(Documents, SayWhenTheyWereWrittenIfTheyDo) {
    const std::string at = "2026-11-21T10:00:00Z";
    EXPECT_EQ(time_in(record_document(core::Record{}, at, "")), at);
    for (const char* text : {"", "[]", "{}", R"({"at":7})", "\xff"})
        EXPECT_FALSE(time_in(text)) << text;
}

}  // namespace
}  // namespace redis_zk::zk
