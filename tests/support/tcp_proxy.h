// A bad network on loopback: what connects to it is connected to a server, until the test holds
// traffic back in one direction, cuts the connections or refuses new ones. Runs on the test's loop.
#pragma once

#include <cstddef>
#include <cstdint>
#include <list>
#include <memory>

#include "common/event/loop.h"

struct bufferevent;
struct evconnlistener;

namespace redis_zk::test {

class TcpProxy {
  public:
    // Listens on an address of 127.0.0.0/8, on a port that the kernel chooses, or on the port of a
    // proxy on another of these addresses.
    TcpProxy(event::Loop& loop, std::uint16_t server_port, const char* address = "127.0.0.1",
             std::uint16_t port = 0);
    ~TcpProxy();
    TcpProxy(const TcpProxy&) = delete;
    TcpProxy& operator=(const TcpProxy&) = delete;

    std::uint16_t port() const { return port_; }

    // What is held back is kept, and passed on when it is let go, unless one side has hung up.
    void hold_requests(bool hold);
    void hold_answers(bool hold);

    // Both sides see a reset; what was held back is lost.
    void cut();

    // New connections are closed as soon as they are made.
    void refuse(bool refuse) { refuses_ = refuse; }

    std::size_t connections_made() const { return connections_made_; }
    std::size_t bytes_to_server() const { return bytes_to_server_; }
    std::size_t answers_held() const;  // in bytes

  private:
    struct Connection;
    struct Library;
    void accepted(int descriptor);
    void ended(Connection& connection);

    event::Loop& loop_;
    std::uint16_t server_port_;
    std::uint16_t port_ = 0;
    bool holds_requests_ = false;
    bool holds_answers_ = false;
    bool refuses_ = false;
    std::size_t connections_made_ = 0;
    std::size_t bytes_to_server_ = 0;
    evconnlistener* listener_;
    std::list<std::unique_ptr<Connection>> connections_;
};

}  // namespace redis_zk::test
