#include "common/server/server_output.h"

#include <gmock/gmock.h>

namespace redis_zk::server {
namespace {

TEST(ServerOutput, HidesTheQuotationOfALineWithAPassword) {
    EXPECT_EQ(without_secret(">>> 'requirepass hunter2 x'"), ">>> 'requirepass ...'");
    EXPECT_EQ(without_secret(">>> 'MasterAuth hunter2 x'"), ">>> 'masterauth ...'");
    EXPECT_EQ(without_secret(">>> 'user app on >hunter2 x'"), ">>> 'user ...'");
    EXPECT_EQ(without_secret(">>> 'sentinel Auth-Pass mymaster hunter2'"),
              ">>> 'sentinel Auth-Pass ...");
    EXPECT_EQ(without_secret("1:X # +set master mymaster 10.0.0.7 7000 auth-pass hunter2"),
              "1:X # +set master mymaster 10.0.0.7 7000 auth-pass ...");
    EXPECT_EQ(without_secret("Error in user declaration '>hunter2': no"),
              "Error in user declaration '...': no");
}

TEST(ServerOutput, LeavesEverythingElse) {
    EXPECT_EQ(without_secret(">>> 'maxmemory lots'"), ">>> 'maxmemory lots'");
    EXPECT_EQ(without_secret("1:M 21 Nov # Ready"), "1:M 21 Nov # Ready");
}

TEST(ServerOutput, MakesOneSentenceOfARefusal) {
    EXPECT_EQ(refusal_in({"", "*** FATAL CONFIG FILE ERROR (Redis 7.0.15) ***",
                          "Reading the configuration file, at line 3", ">>> 'maxmemory lots'",
                          "argument must be a memory value"}),
              ">>> 'maxmemory lots'; argument must be a memory value");
    EXPECT_EQ(refusal_in({"5:C 21 Nov 2026 12:35:56.351 # Fatal error, can't open config file "
                          "'/x': No such file or directory"}),
              "Fatal error, can't open config file '/x': No such file or directory");
}

TEST(ServerOutput, SeesNoRefusalInAnOrdinaryStart) {
    EXPECT_EQ(refusal_in({"5:C 21 Nov 2026 12:35:56.351 # Configuration loaded"}), std::nullopt);
    EXPECT_EQ(refusal_in({}), std::nullopt);
}

}  // namespace
}  // namespace redis_zk::server
