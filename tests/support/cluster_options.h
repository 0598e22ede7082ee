// What every executable is told about its cluster, and every parent of a server besides: the tests
// of each configuration look whether theirs knows it.
#pragma once

#include <string>
#include <vector>

#include <gmock/gmock.h>

#include "common/server/config.h"

namespace redis_zk::test {

inline void expect_defaults_of_the_cluster(const server::ClusterConfig& config) {
    using namespace std::chrono_literals;
    EXPECT_EQ(config.hosts.servers, (std::vector<core::Endpoint>{{"localhost", 2181}}));
    EXPECT_EQ(config.root, "/redis");
    EXPECT_EQ(config.session_timeout, 6s);
    EXPECT_EQ(config.zk_timeout, 0ms);
    EXPECT_EQ(config.master_name, "mymaster");
    EXPECT_FALSE(config.check);
}

// In the help of an executable that is the parent of a server.
inline void expect_options_of_a_parent(const std::string& help) {
    for (const char* name : {"ZK_HOSTS",
                             "ZK_ROOT",
                             "ZK_SESSION_TIMEOUT",
                             "ZK_TIMEOUT",
                             "ZK_AUTH[_FILE]",
                             "NET_IFACE",
                             "BIND_IP",
                             "PORT0",
                             "LISTEN_PORT",
                             "ANNOUNCE_IP",
                             "ANNOUNCE_PORT",
                             "HTTP_PORT",
                             "PORT1",
                             "HTTP_TOKEN[_FILE]",
                             "REDIS_USERNAME",
                             "REDIS_PASSWORD[_FILE]",
                             "SENTINEL_PASSWORD[_FILE]",
                             "MASTER_NAME",
                             "RUN_DIR",
                             "MESOS_SANDBOX",
                             "STOP_TIMEOUT",
                             "LOG_LEVEL",
                             "LOG_FORMAT",
                             "--check"})
        EXPECT_THAT(help, testing::HasSubstr(name));
}

}  // namespace redis_zk::test
