#include "common/zk/fault.h"

#include <gtest/gtest.h>

namespace redis_zk::zk {
namespace {

using core::Fault;

// The numbers are those of the C client, which is not included outside of zk/.
TEST(Fault, SaysAskAgainWhenItMayHaveHappened) {
    for (const int lost_or_timed_out : {-4, -7, -118, -127})
        EXPECT_EQ(fault_of(lost_or_timed_out), Fault::ask_again) << lost_or_timed_out;
}

TEST(Fault, SaysConnectionLostWhenOnlyANewSessionHelps) {
    for (const int expired_or_closed : {-112, -9, -116, -115})
        EXPECT_EQ(fault_of(expired_or_closed), Fault::connection_lost) << expired_or_closed;
}

TEST(Fault, BelievesEverythingElse) {
    for (const int refusal : {code::no_node, code::no_auth, code::bad_version, code::node_exists,
                              code::not_empty, -8, -108, -114})
        EXPECT_EQ(fault_of(refusal), Fault::refused) << refusal;
}

TEST(Fault, IsSpokenWithWhatWasTried) {
    const auto error = error_of(code::no_node, "set /redis/term");

    EXPECT_EQ(error.code, code::no_node);
    EXPECT_EQ(error.message, "cannot set /redis/term: no node");
}

}  // namespace
}  // namespace redis_zk::zk
