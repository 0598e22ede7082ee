#include "watcher/pages.h"

#include <gmock/gmock.h>

#include "tests/unit/watcher/views.h"

namespace redis_zk::watcher {
namespace {

using nlohmann::json;
using testing::HasSubstr;
using testing::IsEmpty;

const std::string since = "2026-11-21T10:00:00Z";

json status_of(const View& view) {
    return json_of(status_page(view, now, {"", "1f", milliseconds{6000}, since}));
}

TEST(SentinelPage, NamesOneOfThoseThatAnsweredAtRandomWithoutANewline) {
    View view = healthy_view();
    EXPECT_EQ(sentinel_page(view, 0).body, "10.0.0.8 31001");
    EXPECT_EQ(sentinel_page(view, 1).body, "10.0.0.9 31002");
    EXPECT_EQ(sentinel_page(view, 2).body, "10.0.0.8 31001");
    EXPECT_EQ(sentinel_page(view, 0).status, 200);
    EXPECT_THAT(sentinel_page(view, 0).content_type, HasSubstr("text/plain"));
    view.sentinels[sentinel_a].opinion = {};
    for (std::uint64_t chance = 0; chance < 10; ++chance)
        EXPECT_EQ(sentinel_page(view, chance).body, "10.0.0.9 31002");
}

TEST(SentinelPage, NamesAnyThatIsRegisteredWhenNoneHasAnswered) {
    View view = healthy_view();
    for (auto& [address, known] : view.sentinels) known = {};
    EXPECT_EQ(sentinel_page(view, 1).body, "10.0.0.9 31002");
}

TEST(SentinelsPage, ListsAllAsClientsParseIt) {
    View view = healthy_view();
    EXPECT_EQ(sentinels_page(view).body, "10.0.0.8:31001,10.0.0.9:31002");
    view.sentinels = {{{"fd00::7", 31007}, {}}};
    EXPECT_EQ(sentinels_page(view).body, "[fd00::7]:31007");
}

TEST(SentinelsPage, Is503WithAReasonWhenThereIsNone) {
    View view;
    for (const auto& response :
         {sentinel_page(view, 5), sentinels_page(view), sentinels_json_page(view, now)}) {
        EXPECT_EQ(response.status, 503);
        EXPECT_THAT(response.body, HasSubstr("not read from ZooKeeper yet"));
    }
    view.sentinels_known = true;
    EXPECT_EQ(sentinel_page(view, 5).status, 503);
    EXPECT_THAT(sentinels_page(view).body, HasSubstr("no sentinel is registered"));
}

TEST(SentinelsJsonPage, TellsWhatEachBelieves) {
    View view = healthy_view();
    view.sentinels[sentinel_a].opinion.master = node_b;
    view.sentinels[sentinel_b].opinion = {};
    const json sentinels = json_of(sentinels_json_page(view, now))["sentinels"];
    ASSERT_EQ(sentinels.size(), 2U);
    EXPECT_EQ(sentinels[0]["address"], "10.0.0.8:31001");
    EXPECT_EQ(sentinels[0]["port"], 31001);
    EXPECT_EQ(sentinels[0]["master"], "10.0.0.2:2");
    EXPECT_EQ(sentinels[0]["config_epoch"], 3);
    EXPECT_EQ(sentinels[0]["has_quorum"], true);
    EXPECT_EQ(sentinels[0]["age_ms"], 1500);
    EXPECT_EQ(sentinels[0]["listened_to"], false);
    EXPECT_EQ(sentinels[1]["answered"], false);
    EXPECT_EQ(sentinels[1]["has_quorum"], false);
    EXPECT_EQ(sentinels[1]["master"], nullptr);
    EXPECT_EQ(sentinels[1]["listened_to"], true);
}

TEST(MasterJsonPage, TellsTheRecordAndSinceWhen) {
    const json master = json_of(master_json_page(healthy_view(), now, since));
    EXPECT_EQ(master["host"], "10.0.0.1");
    EXPECT_EQ(master["port"], 1);
    EXPECT_EQ(master["term"], 7);
    EXPECT_EQ(master["since"], "2026-11-21T10:00:00Z");
    EXPECT_EQ(master["by"], "watcher 5f3c");
    EXPECT_EQ(master["verified"], true);
}

TEST(MasterJsonPage, Is503WithAReasonWhenTheRecordNamesNobody) {
    View view;
    EXPECT_EQ(master_json_page(view, now, {}).status, 503);
    EXPECT_THAT(master_json_page(view, now, {}).body, HasSubstr("not read"));
    view.record.known = true;
    EXPECT_THAT(master_json_page(view, now, {}).body, HasSubstr("names nobody"));
}

TEST(StatusPage, TellsTheMasterTheNodesAndTheSentinels) {
    const json status = status_of(healthy_view());
    EXPECT_EQ(status["name"], "watcher");
    EXPECT_EQ(status["master"], "10.0.0.1:1");
    EXPECT_EQ(status["master_verified"], true);
    EXPECT_EQ(status["term"], 7);
    EXPECT_EQ(status["since"], "2026-11-21T10:00:00Z");
    EXPECT_EQ(status["ready"], true);
    EXPECT_EQ(status["nodes"].size(), 2U);
    EXPECT_EQ(status["sentinels"].size(), 2U);
    EXPECT_EQ(status["listening"]["sentinel"], "10.0.0.9:31002");
    EXPECT_EQ(status["listening"]["state"], "listening");
    EXPECT_EQ(status["zookeeper"]["timeout_ms"], 6000);
    EXPECT_THAT(status["disagreements"], IsEmpty());
}

TEST(StatusPage, TellsHowFarANodeIsBehindAndHowOldThatIs) {
    View view = healthy_view();
    json nodes = status_of(view)["nodes"];
    EXPECT_EQ(nodes[0]["role"], "master");
    EXPECT_EQ(nodes[0]["lag_bytes"], nullptr);
    EXPECT_EQ(nodes[1]["role"], "replica");
    EXPECT_EQ(nodes[1]["lag_bytes"], 100);
    EXPECT_EQ(nodes[1]["lag_age_ms"], 2000);
    view.probes[node_a].replicas[node_b] = 5001;  // it acknowledged more between two numbers
    EXPECT_EQ(status_of(view)["nodes"][1]["lag_bytes"], 0);
    view.probes[node_a].replicas.clear();
    nodes = status_of(view)["nodes"];
    EXPECT_EQ(nodes[1]["lag_bytes"], nullptr);
    EXPECT_EQ(nodes[1]["lag_age_ms"], nullptr);
}

TEST(StatusPage, ShowsANodeThatIsNotRegisteredButWasAsked) {
    View view = healthy_view();
    view.members.erase("a");
    const json node = status_of(view)["nodes"][0];
    EXPECT_EQ(node["address"], "10.0.0.1:1");
    EXPECT_EQ(node["answer"], "master");
    EXPECT_EQ(node["role"], "master");
    view.probes.clear();
    EXPECT_EQ(status_of(view)["nodes"].size(), 1U);
}

TEST(StatusPage, TellsTheRoleThatANodeAnsweredLatelyRatherThanThatOfItsEntry) {
    View view = healthy_view();
    view.probes[node_b] = view.probes[node_a];
    EXPECT_EQ(status_of(view)["nodes"][1]["role"], "master");
    EXPECT_THAT(status_of(view)["disagreements"].dump(),
                HasSubstr("10.0.0.2:2 is master, and its entry in ZooKeeper says replica"));
    view.probes[node_b].answered_at = now - std::chrono::minutes{1};
    EXPECT_EQ(status_of(view)["nodes"][1]["role"], "replica") << "long ago";
    EXPECT_THAT(status_of(view)["disagreements"], IsEmpty());
    view.probes[node_b].answered_at = now;
    view.probes[node_b].answer = Probe::Answer::dead;
    EXPECT_EQ(status_of(view)["nodes"][1]["role"], "replica") << "the dead tell nothing";
}

TEST(StatusPage, SaysDisagreementsInWords) {
    View view = healthy_view();
    view.sentinels[sentinel_a].opinion.master = node_b;
    EXPECT_THAT(status_of(view)["disagreements"].dump(),
                HasSubstr("sentinel 10.0.0.8:31001 names 10.0.0.2:2"));
}

TEST(StatusPage, SurvivesWhatIsNoText) {
    View view = healthy_view();
    view.record.written->reason = "\xff\x01\"</script>";
    view.members["a"].id = "\xc3";
    EXPECT_NO_THROW(status_of(view));
    EXPECT_NO_THROW(json_of(master_json_page(view, now, {})));
}

TEST(EventsPage, ShowsTheNewestFirst) {
    using namespace std::chrono_literals;
    const std::chrono::system_clock::time_point start{};
    const json events =
        json_of(events_page({{"+sdown", {"master", "mymaster"}, sentinel_a, start},
                             {"+x", {"\xff\"<"}, sentinel_b, start + 5ms}}))["events"];
    ASSERT_EQ(events.size(), 2U);
    EXPECT_EQ(events[0]["event"], "+x");
    EXPECT_EQ(events[0]["at"], "1970-01-01T00:00:00.005Z");
    EXPECT_EQ(events[1]["words"], (json{"master", "mymaster"}));
    EXPECT_EQ(events[1]["sentinel"], "10.0.0.8:31001");
}

TEST(HistoryPage, ShowsTheNewestTermFirstAndSkipsGarbage) {
    auto history = history_of_two();
    history["10"] = {R"({"term":10})", {}};
    history["9"] = {"garbage", {}};
    history["x"] = {"{}", {}};
    history["11"] = {"[]", {}};
    const json shown = json_of(history_page(history))["history"];
    ASSERT_EQ(shown.size(), 3U);
    EXPECT_EQ(shown[0]["term"], 10);
    EXPECT_EQ(shown[1]["term"], 7);
    EXPECT_EQ(shown[2]["term"], 6);
}

TEST(Health, EndsWithTheReasonWhyTheRecordCouldNotBeKeptTrue) {
    View view = healthy_view();
    EXPECT_EQ(why_not_healthy(view), "");
    view.listening.state = Listening::State::connecting;
    EXPECT_EQ(why_not_healthy(view), "no sentinel is listened to");
    view.sentinels.clear();
    EXPECT_EQ(why_not_healthy(view), "no sentinel is registered");
    view.record.unreadable = true;
    EXPECT_EQ(why_not_healthy(view), "the record cannot be read");
    view.zookeeper_connected = false;
    EXPECT_EQ(why_not_healthy(view), "ZooKeeper cannot be reached");
}

TEST(Readiness, WaitsUntilEverythingWasLookedAt) {
    View view = healthy_view();
    EXPECT_EQ(why_not_ready(view), "");
    view.sentinels[sentinel_b] = {};
    EXPECT_EQ(why_not_ready(view), "sentinel 10.0.0.9:31002 was not asked yet");
    view.members_known = false;
    EXPECT_EQ(why_not_ready(view), "the members were not read yet");
    view.record.known = false;
    EXPECT_EQ(why_not_ready(view), "the record was not read yet");
    view.zookeeper_connected = false;
    EXPECT_EQ(why_not_ready(view), why_not_healthy(view));
}

}  // namespace
}  // namespace redis_zk::watcher
