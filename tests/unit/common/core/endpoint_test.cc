#include "common/core/endpoint.h"

#include <gtest/gtest.h>

namespace redis_zk::core {
namespace {

TEST(Endpoint, IsReadAsHostSpacePort) {
    EXPECT_EQ(parse_endpoint("10.0.0.7 31002"), (Endpoint{"10.0.0.7", 31002}));
    EXPECT_EQ(parse_endpoint("redis-7.example.org 6379"), (Endpoint{"redis-7.example.org", 6379}));
}

TEST(Endpoint, MayBeAnIpv6AddressWithAZone) {
    EXPECT_EQ(parse_endpoint("fe80::1%eth0 6379"), (Endpoint{"fe80::1%eth0", 6379}));
}

TEST(Endpoint, IsWrittenAsItIsRead) {
    for (const Endpoint& endpoint : {Endpoint{"10.0.0.7", 1}, Endpoint{"fd00::7", 65535}})
        EXPECT_EQ(parse_endpoint(to_text(endpoint)), endpoint);
}

TEST(Endpoint, IsSpokenWithBracketsAroundAnIpv6Address) {
    EXPECT_EQ(spoken(Endpoint{"10.0.0.7", 31002}), "10.0.0.7:31002");
    EXPECT_EQ(spoken(Endpoint{"fd00::7", 31002}), "[fd00::7]:31002");
}

class NotAnEndpoint : public testing::TestWithParam<std::string> {};

TEST_P(NotAnEndpoint, IsNothing) { EXPECT_EQ(parse_endpoint(GetParam()), std::nullopt); }

INSTANTIATE_TEST_SUITE_P(Endpoint, NotAnEndpoint,
                         testing::Values("", " ", "10.0.0.7", "10.0.0.7 ", " 6379", "10.0.0.7:6379",
                                         "10.0.0.7  6379", "10.0.0.7 6379 ", "10.0.0.7 6379\n",
                                         "10.0.0.7 0", "10.0.0.7 65536", "10.0.0.7 06379",
                                         "10.0.0.7 +6379", "10.0.0.7 -1", "10.0.0.7 6379x",
                                         "10.0.0.7 99999999999999999999", "10.0.0.7\t6379",
                                         "ho\x01st 6379", "h\xc3\xb6st 6379", "{\"a\":1} 6379",
                                         std::string(254, 'a') + " 6379",
                                         std::string{"10.0.0.7\0 6379", 14}));

TEST(Port, IsADecimalNumberFrom1To65535) {
    EXPECT_EQ(parse_port("1"), 1);
    EXPECT_EQ(parse_port("65535"), 65535);
    for (const char* text : {"", "0", "65536", "007", " 7", "7 ", "0x7", "-7", "7.0"})
        EXPECT_EQ(parse_port(text), std::nullopt) << text;
}

}  // namespace
}  // namespace redis_zk::core
