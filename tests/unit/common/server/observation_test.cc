#include "common/server/observation.h"

#include <gmock/gmock.h>

#include "common/server/trial_start.h"

namespace redis_zk::server {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;

TEST(TrialStart, GivesUpOnAServerThatNeverAnswers) {
    const auto ended = run_to_end({"sleep", {"60"}, {}, {}}, 50ms);
    ASSERT_FALSE(ended);
    EXPECT_THAT(ended.error().message, HasSubstr("did not end within 50 ms"));
}

TEST(Observation, ExitsWithTwoOnlyForMistakes) {
    testing::internal::CaptureStdout();
    EXPECT_EQ(report({{Verdict::good, "a"}, {Verdict::doubtful, "b"}}), 0);
    EXPECT_EQ(report({{Verdict::wrong, "c"}, {Verdict::good, "d"}}), 2);
    EXPECT_EQ(testing::internal::GetCapturedStdout(), "ok: a\nwarning: b\nmistake: c\nok: d\n");
}

TEST(Observation, LooksAtTheAddressThePortsAndTheRunTimeDirectoryOfAServer) {
    Config config;
    config.listen = {"127.0.0.1", 0};
    config.announce = {"10.0.0.7", 31002};
    config.http = core::Endpoint{"127.0.0.1", 0};
    config.run_dir = "/no/such/directory";
    const auto findings = place_observations("redis port", config);
    ASSERT_EQ(findings.size(), 4U);
    EXPECT_EQ(spoken(findings[0]), "ok: address: listens on 127.0.0.1:0, announces 10.0.0.7:31002");
    EXPECT_EQ(spoken(findings[1]), "ok: redis port: 127.0.0.1:0 is free");
    EXPECT_EQ(spoken(findings[2]), "ok: http port: 127.0.0.1:0 is free");
    EXPECT_EQ(spoken(findings[3]), "ok: directory: /no/such/directory can be made");
    config.http.reset();
    EXPECT_EQ(place_observations("redis port", config).size(), 3U);
}

TEST(Observation, TakesAWarningForADoubt) {
    std::vector<Observation> findings{{Verdict::good, "a"}};
    add_doubts(findings, {"b", "c"});
    ASSERT_EQ(findings.size(), 3U);
    EXPECT_EQ(spoken(findings[1]), "warning: b");
    EXPECT_EQ(spoken(findings[2]), "warning: c");
}

TEST(VersionIn, KnowsRedisAndValkeyAndRefusesWhatIsTooOld) {
    EXPECT_EQ(*version_in("Redis server v=7.0.15 sha=00000000:0 malloc=x"), "7.0.15");
    EXPECT_EQ(*version_in("Valkey server v=8.0.1 sha=0"), "8.0.1");
    EXPECT_TRUE(version_in("Redis server v=6.2.0 sha=0"));
    EXPECT_FALSE(version_in("Redis server v=6.0.16 sha=0"));
    EXPECT_FALSE(version_in("Redis server v=5.0.3 sha=0"));
    EXPECT_FALSE(version_in("hello"));
    EXPECT_FALSE(version_in(""));
}

}  // namespace
}  // namespace redis_zk::server
