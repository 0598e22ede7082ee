// Addresses of 192.0.2.0/24 are documentation's own (RFC 5737): no host has them.
#include <gmock/gmock.h>

#include "common/app/identity.h"
#include "redis-wrapper/config.h"
#include "tests/unit/redis-wrapper/invocation.h"

namespace redis_zk::redis_wrapper {
namespace {

using core::Endpoint;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

TEST(ConfigAddresses, BindIpOverridesTheInterface) {
    const auto config = read({{"NET_IFACE", "nosuch0"}, {"BIND_IP", "127.0.0.2"}}).config;
    EXPECT_EQ(config.listen, (Endpoint{"127.0.0.2", 6379}));
    EXPECT_EQ(config.announce, config.listen);
}

TEST(ConfigAddresses, TakesIpv6) {
    const auto [config, settings] = read({{"BIND_IP", "::1"}, {"PORT0", "7001"}});
    EXPECT_THAT(settings.mistakes, IsEmpty());
    EXPECT_EQ(config.announce, (Endpoint{"::1", 7001}));
}

// As Sentinel and the kernel spell it, with whom it is compared.
TEST(ConfigAddresses, SpellsAnAddressInOneWay) {
    EXPECT_EQ(read({{"BIND_IP", "0:0:0:0:0:0:0:1"}}).config.listen.host, "::1");
    EXPECT_EQ(read({{"ANNOUNCE_IP", "2001:DB8:0::0:9"}}).config.announce.host, "2001:db8::9");
    EXPECT_EQ(read({{"HOST", "2001:db8:0:0:0::9"}, {"PORT0", "31002"}}).config.announce.host,
              "2001:db8::9");
}

TEST(ConfigAddresses, RefusesWhatIsNoAddressOfThisHost) {
    EXPECT_THAT(read({{"BIND_IP", "192.0.2.1"}}).settings.mistakes,
                ElementsAre(HasSubstr("not an address of this host")));
    EXPECT_THAT(read({{"BIND_IP", "redis1"}}).settings.mistakes,
                ElementsAre(HasSubstr("is not an IPv4 or IPv6 address")));
}

TEST(ConfigAddresses, ListsTheInterfacesWhenThereIsNoSuchOne) {
    EXPECT_THAT(read({{"NET_IFACE", "nosuch0"}}).settings.mistakes,
                ElementsAre(testing::AllOf(HasSubstr("\"nosuch0\""), HasSubstr("lo (127.0.0.1"),
                                           HasSubstr("BIND_IP"))));
}

TEST(ConfigAddresses, AnnouncesWhatItIsTold) {
    const auto config = read({{"ANNOUNCE_IP", "192.0.2.9"}, {"ANNOUNCE_PORT", "7"}}).config;
    EXPECT_EQ(config.announce, (Endpoint{"192.0.2.9", 7}));
    EXPECT_EQ(config.listen, (Endpoint{"127.0.0.1", 6379}));
}

TEST(ConfigAddresses, AnnouncesTheOuterHostAndPortInBridgeMode) {
    const auto config =
        read({{"HOST", "192.0.2.9"}, {"PORT0", "31002"}, {"LISTEN_PORT", "6379"}}).config;
    EXPECT_EQ(config.listen, (Endpoint{"127.0.0.1", 6379}));
    EXPECT_EQ(config.announce, (Endpoint{"192.0.2.9", 31002}));
}

TEST(ConfigAddresses, ListensOnPort0InBridgeModeUnlessTheInnerPortIsGiven) {
    EXPECT_EQ(read({{"HOST", "192.0.2.9"}, {"PORT0", "31002"}}).config.listen.port, 31002);
}

TEST(ConfigAddresses, AHostThatIsThisHostIsNoBridge) {
    for (const std::string& host : {std::string{"127.0.0.3"}, std::string{"localhost"},
                                    std::string{"0.0.0.0"}, app::host_name()})
        EXPECT_EQ(read({{"HOST", host}, {"PORT0", "31002"}}).config.announce,
                  (Endpoint{"127.0.0.1", 31002}))
            << host;
}

TEST(ConfigAddresses, AHostThatAShellHasSetIsNoBridge) {
    EXPECT_EQ(read({{"HOST", "192.0.2.9"}}).config.announce.host, "127.0.0.1");
}

TEST(ConfigAddresses, AnExplicitAddressCountsMoreThanTheOuterHost) {
    EXPECT_EQ(read({{"HOST", "192.0.2.9"}, {"PORT0", "31002"}, {"ANNOUNCE_IP", "192.0.2.8"}})
                  .config.announce,
              (Endpoint{"192.0.2.8", 31002}));
}

TEST(ConfigAddresses, RefusesAnOuterHostThatNobodyKnows) {
    EXPECT_THAT(read({{"HOST", "no host.invalid"}, {"PORT0", "31002"}}).settings.mistakes,
                ElementsAre(HasSubstr("ANNOUNCE_IP")));
}

TEST(ConfigAddresses, NeverAnnouncesTheAnyAddress) {
    EXPECT_THAT(read({{"ANNOUNCE_IP", "0.0.0.0"}}).settings.mistakes,
                ElementsAre(HasSubstr("no address that others can reach")));
    const auto config = read({{"BIND_IP", "0.0.0.0"}, {"NET_IFACE", "lo"}}).config;
    EXPECT_EQ(config.listen.host, "0.0.0.0");
    EXPECT_EQ(config.announce.host, "127.0.0.1");
    EXPECT_THAT(read({{"BIND_IP", "::"}, {"NET_IFACE", "nosuch0"}}).settings.mistakes,
                ElementsAre(HasSubstr("no network interface")));
}

TEST(ConfigAddresses, AnnouncesTheListeningPortWhenOnlyThatIsGiven) {
    EXPECT_EQ(read({{"LISTEN_PORT", "7000"}}).config.announce.port, 7000);
}

}  // namespace
}  // namespace redis_zk::redis_wrapper
