// A real redis-server or redis-sentinel, in a directory of its own, on a port from the kernel and
// on a unix socket. It dies with the test process, and its directory goes with the object.
#pragma once

#include <string>
#include <vector>

#include <sys/types.h>

#include "common/core/endpoint.h"

namespace redis_zk::test {

class RedisServer {
  public:
    // Lines of redis.conf that come after ours. Returns when the server answers.
    explicit RedisServer(std::vector<std::string> configuration = {});
    // The same as a sentinel that watches `master` under the name "mymaster", alone.
    static RedisServer sentinel_of(const core::Endpoint& master);
    ~RedisServer();
    RedisServer(const RedisServer&) = delete;

    const core::Endpoint& endpoint() const { return endpoint_; }
    std::string socket_path() const { return directory_ + "/redis.sock"; }

    void freeze();  // SIGSTOP: accepts connections, says nothing
    void kill();    // SIGKILL; returns when it is gone

  private:
    RedisServer(std::vector<std::string> configuration, bool is_sentinel);
    bool start(const std::vector<std::string>& configuration, bool is_sentinel);
    bool answers() const;

    std::string directory_;
    core::Endpoint endpoint_;
    pid_t process_ = -1;
};

}  // namespace redis_zk::test
