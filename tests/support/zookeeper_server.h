// A real ZooKeeper server for tests: its own data in a temporary folder, a port of its own on
// loopback, gone with the test program however that ends.
//
// Ticks are short (200 ms), so that a session may be as short as 400 ms and tests of expiry do not
// take long. Nothing is synced to the disk.
#pragma once

#include <cstdint>
#include <string>

#include <sys/types.h>

namespace redis_zk::test {

class ZookeeperServer {
  public:
    ZookeeperServer();   // returns when the server answers; throws if it does not
    ~ZookeeperServer();  // kills it and removes its data
    ZookeeperServer(const ZookeeperServer&) = delete;
    ZookeeperServer& operator=(const ZookeeperServer&) = delete;

    std::uint16_t port() const { return port_; }

    // Frozen: it keeps its connections and answers nothing. Sessions do not expire meanwhile.
    void pause();
    void resume();

    // A crash, and the same server with the same data again.
    void kill();
    void start();

  private:
    bool try_to_start();
    void write_configuration();
    bool wait_until_it_answers();

    std::string folder_;
    std::uint16_t port_ = 0;
    pid_t process_ = -1;
};

}  // namespace redis_zk::test
