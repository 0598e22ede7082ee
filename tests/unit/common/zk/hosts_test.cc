#include "common/zk/hosts.h"

#include <gtest/gtest.h>

namespace redis_zk::zk {
namespace {

using core::Endpoint;

std::string mistakes_in(std::string_view text) {
    const auto hosts = parse_hosts(text);
    return hosts ? "" : hosts.error().message;
}

TEST(Hosts, HaveAPortOrTheDefaultOne) {
    const auto hosts = parse_hosts("zk1:2182,zk-2.example.org");

    ASSERT_TRUE(hosts);
    EXPECT_EQ(hosts->servers, (std::vector<Endpoint>{{"zk1", 2182}, {"zk-2.example.org", 2181}}));
    EXPECT_EQ(hosts->chroot, "");
}

TEST(Hosts, MayEndInAChroot) {
    const auto hosts = parse_hosts("zk1:2181,zk2/prod/eu");

    ASSERT_TRUE(hosts);
    EXPECT_EQ(hosts->servers, (std::vector<Endpoint>{{"zk1", 2181}, {"zk2", 2181}}));
    EXPECT_EQ(hosts->chroot, "/prod/eu");
}

TEST(Hosts, TreatASlashAloneAsNoChroot) {
    ASSERT_TRUE(parse_hosts("zk1/"));
    EXPECT_EQ(parse_hosts("zk1/")->chroot, "");
}

TEST(Hosts, TakeIpv6AddressesInBrackets) {
    const auto hosts = parse_hosts("[fd00::7]:2182,[::1]/a");

    ASSERT_TRUE(hosts);
    EXPECT_EQ(hosts->servers, (std::vector<Endpoint>{{"fd00::7", 2182}, {"::1", 2181}}));
    EXPECT_EQ(hosts->chroot, "/a");
}

TEST(Hosts, AllowSpacesAroundTheCommas) {
    ASSERT_TRUE(parse_hosts(" zk1 , zk2 "));
    EXPECT_EQ(parse_hosts(" zk1 , zk2 ")->servers.size(), 2u);
}

TEST(Hosts, HaveOneSentenceForEachMistake) {
    EXPECT_EQ(mistakes_in(""), "no ZooKeeper server is given");
    EXPECT_EQ(mistakes_in("/prod"), "no ZooKeeper server is given");
    EXPECT_EQ(mistakes_in("zk1,"), "a server is empty (a comma too many)");
    EXPECT_EQ(mistakes_in("zk1,,zk2"), "a server is empty (a comma too many)");
    EXPECT_EQ(mistakes_in(":2181"), "server \":2181\" has no host");
    EXPECT_EQ(mistakes_in("zk1:0"), "the port of server \"zk1:0\" is not a number from 1 to 65535");
    EXPECT_EQ(mistakes_in("zk1:"), "the port of server \"zk1:\" is not a number from 1 to 65535");
    EXPECT_EQ(mistakes_in("zk 1"),
              "the host of server \"zk 1\" contains a character that no host name has");
    EXPECT_EQ(mistakes_in("::1"),
              "server \"::1\" looks like an IPv6 address, which has to stand in brackets");
    EXPECT_EQ(mistakes_in("[::1"), "the bracket of server \"[::1\" is never closed");
    EXPECT_EQ(mistakes_in("[zk1]"), "server \"[zk1]\" has no IPv6 address in its brackets");
    EXPECT_EQ(mistakes_in("[::1]2181"),
              "server \"[::1]2181\" has something other than a port after its bracket");
    EXPECT_EQ(mistakes_in("zk1/prod/"), "the chroot \"/prod/\" ends in a slash");
}

TEST(Hosts, ReportAllMistakesAtOnce) {
    EXPECT_EQ(mistakes_in("zk1:x,:1/a//b"),
              "the port of server \"zk1:x\" is not a number from 1 to 65535; "
              "server \":1\" has no host; "
              "the chroot \"/a//b\" has an empty part between two slashes");
}

TEST(Hosts, AreSpokenWithBrackets) {
    EXPECT_EQ(spoken({{"zk1", 2181}, {"::1", 2182}}), "zk1:2181, [::1]:2182");
}

}  // namespace
}  // namespace redis_zk::zk
