#include "common/server/status.h"

#include <gmock/gmock.h>

namespace redis_zk::server {
namespace {

using testing::HasSubstr;

TEST(MetricsAnswer, IsTheExpositionInItsOwnContentType) {
    app::Metrics metrics;
    metrics.gauge("redis_zk_term", "Term of the record").set(7);
    const auto answer = metrics_answer(metrics);
    EXPECT_EQ(answer.status, 200);
    EXPECT_EQ(answer.content_type, app::Metrics::content_type);
    EXPECT_THAT(answer.body, HasSubstr("redis_zk_term 7\n"));
}

TEST(SessionJson, NamesTheSessionAndItsTimeout) {
    const auto json = session_json(true, "0x100", core::milliseconds{6000});
    EXPECT_EQ(json.dump(), R"({"connected":true,"session":"0x100","timeout_ms":6000})");
}

}  // namespace
}  // namespace redis_zk::server
