#include "common/app/network.h"

#include <arpa/inet.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

namespace redis_zk::app {
namespace {

using testing::Contains;
using testing::HasSubstr;
using testing::IsEmpty;

// A server on a port of the kernel's choice.
class Listener {
  public:
    Listener() : socket_{socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)} {
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        socklen_t length = sizeof address;
        auto* generic = reinterpret_cast<sockaddr*>(&address);
        if (bind(socket_, generic, length) != 0 || listen(socket_, 1) != 0 ||
            getsockname(socket_, generic, &length) != 0)
            std::abort();
        port_ = ntohs(address.sin_port);
    }
    ~Listener() { close(socket_); }
    Listener(const Listener&) = delete;
    Listener& operator=(const Listener&) = delete;

    std::uint16_t port() const { return port_; }

  private:
    int socket_;
    std::uint16_t port_ = 0;
};

TEST(Network, KnowsTheLoopbackInterface) {
    EXPECT_THAT(addresses_of("lo"), Contains("127.0.0.1"));
    EXPECT_THAT(spoken_interfaces(), HasSubstr("lo (127.0.0.1"));
}

TEST(Network, HasNoAddressOnAnInterfaceThatDoesNotExist) {
    EXPECT_THAT(addresses_of("eth99"), IsEmpty());
    EXPECT_THAT(addresses_of(""), IsEmpty());
}

TEST(Network, TellsAnAddressFromAName) {
    for (const char* text : {"127.0.0.1", "10.0.0.7", "::1", "fd00::7", "0.0.0.0"})
        EXPECT_TRUE(is_address(text)) << text;
    for (const char* text : {"", "localhost", "10.0.0", "10.0.0.256", "127.1", "1", "[::1]", "::g"})
        EXPECT_FALSE(is_address(text)) << text;
}

TEST(Network, SpellsAnAddressAsTheKernelDoes) {
    for (const char* text : {"::1", "0:0:0:0:0:0:0:1", "0000::0001"})
        EXPECT_EQ(usual_spelling(text), "::1");
    EXPECT_EQ(usual_spelling("FD00:0::7"), "fd00::7");
    EXPECT_EQ(usual_spelling("10.0.0.7"), "10.0.0.7");
    EXPECT_EQ(usual_spelling("redis1"), "redis1");
}

TEST(Network, KnowsWhichAddressesNobodyElseCanReach) {
    EXPECT_TRUE(is_loopback("127.0.0.1"));
    EXPECT_TRUE(is_loopback("127.3.2.1"));
    EXPECT_TRUE(is_loopback("::1"));
    EXPECT_FALSE(is_loopback("10.0.0.7"));
    EXPECT_FALSE(is_loopback("fd00::7"));
    EXPECT_TRUE(is_any_address("0.0.0.0"));
    EXPECT_TRUE(is_any_address("::"));
    EXPECT_FALSE(is_any_address("127.0.0.1"));
    EXPECT_FALSE(is_any_address("localhost"));
}

TEST(Network, KnowsWhichAddressesAreOnThisHost) {
    EXPECT_TRUE(is_on_this_host("127.0.0.1"));
    EXPECT_TRUE(is_on_this_host("127.0.0.77"));
    EXPECT_FALSE(is_on_this_host("192.0.2.1"));  // RFC 5737: is nobody's
    EXPECT_FALSE(is_on_this_host("localhost"));
}

TEST(Network, SaysThatAPortIsInUseAsLongAsItIs) {
    std::uint16_t port = 0;
    {
        const Listener listener;
        port = listener.port();
        const auto answer = can_listen({"127.0.0.1", port});
        ASSERT_FALSE(answer);
        EXPECT_EQ(answer.error().message,
                  "port " + std::to_string(port) + " of 127.0.0.1 is in use");
    }
    EXPECT_TRUE(can_listen({"127.0.0.1", port}));
}

TEST(Network, SaysThatAnAddressIsNotOnThisHost) {
    EXPECT_EQ(can_listen({"192.0.2.1", 6379}).error().message, "192.0.2.1 is not on this host");
    EXPECT_EQ(can_listen({"localhost", 6379}).error().message, "\"localhost\" is no address");
}

}  // namespace
}  // namespace redis_zk::app
