// The table of the options: each with its three names, its default and a sentence for --help.
#include "common/zk/layout.h"
#include "redis-wrapper/config.h"

namespace redis_zk::redis_wrapper {

namespace {

using app::Kind;
using app::Option;

std::vector<Option> zookeeper_options() {
    return {
        {.name = "zk-hosts",
         .initial = "localhost:2181",
         .description = "The ZooKeeper servers, separated by commas; may end in a chroot."},
        {.name = "zk-root",
         .initial = zk::default_root,
         .description = "Where the cluster lives in ZooKeeper. Another cluster, another root."},
        {.name = "zk-session-timeout",
         .kind = Kind::duration,
         .initial = "6s",
         .description = "After this long without a sign of life ZooKeeper forgets this node.",
         .minimum = 1000,
         .maximum = 600'000},
        {.name = "zk-timeout",
         .kind = Kind::duration,
         .initial = "0",
         .description = "Give up when ZooKeeper cannot be reached for this long at the start; 0 "
                        "waits for ever."},
        {.name = "zk-auth",
         .kind = Kind::secret,
         .description = "digest:user:password, with which to authenticate to ZooKeeper."},
    };
}

std::vector<Option> address_options() {
    return {
        {.name = "net-iface",
         .initial = "eth0",
         .description = "The network interface on whose first address to listen."},
        {.name = "bind-ip",
         .description = "The address on which to listen, IPv4 or IPv6; overrides the interface.",
         .spoken_default = "of the interface"},
        {.name = "port0",
         .kind = Kind::port,
         .initial = "6379",
         .description = "The port of redis-server, as others reach it."},
        {.name = "listen-port",
         .kind = Kind::port,
         .description = "The port on which to listen, where it differs from PORT0: the "
                        "container's, in bridge mode.",
         .spoken_default = "PORT0"},
        {.name = "announce-ip",
         .description = "The address to announce, where others reach this node by another one.",
         .spoken_default = "HOST in bridge mode, else where it listens"},
        {.name = "announce-port",
         .kind = Kind::port,
         .description = "The port to announce.",
         .spoken_default = "PORT0"},
        {.name = "http-port",
         .kind = Kind::port,
         .description = "The port of the HTTP API, on the listening address; off for none.",
         .words = {"off"},
         .or_environment = {"PORT1"},
         .spoken_default = "off"},
        {.name = "http-token",
         .kind = Kind::secret,
         .description = "Whoever knows it may change something over HTTP. Without it nobody may."},
    };
}

std::vector<Option> redis_options() {
    return {
        {.name = "redis-server",
         .description = "The server to start: a path, or a name in PATH.",
         .spoken_default = "redis-server, else valkey-server"},
        {.name = "redis-conf",
         .kind = Kind::file,
         .description = "A redis.conf of yours. The generated configuration includes it."},
        {.name = "redis-username",
         .description = "The ACL user as whom this node speaks to redis-servers; your redis.conf "
                        "has to define it.",
         .spoken_default = "the default user"},
        {.name = "redis-password",
         .kind = Kind::secret,
         .description = "The password of the cluster, the same for all nodes, clients and "
                        "sentinels."},
        {.name = "data-dir",
         .kind = Kind::path,
         .description = "Where the data are kept. No two nodes may share one.",
         .spoken_default = "dir of REDIS_CONF, else RUN_DIR/data"},
        {.name = "run-dir",
         .kind = Kind::path,
         .description = "A private directory for the generated configuration and the socket.",
         .or_environment = {"MESOS_SANDBOX"},
         .spoken_default = "XDG_RUNTIME_DIR/redis-zk-<port>, else a fresh one below TMPDIR"},
    };
}

std::vector<Option> other_options() {
    return {
        {.name = "cold-start-wait",
         .kind = Kind::duration,
         .initial = "30s",
         .description = "When all nodes were down: how long to wait for one that may have fresher "
                        "data."},
        {.name = "stop-timeout",
         .kind = Kind::duration,
         .initial = "10s",
         .description = "How long redis-server may take to stop before it is killed."},
        {.name = "accept-data-loss",
         .kind = Kind::on_off,
         .description = "The operator's permission that a node whose data do not continue the "
                        "cluster's may become master."},
        {.name = "master-name",
         .initial = "mymaster",
         .description = "The name under which the sentinels know the master."},
        {.name = "log-level",
         .kind = Kind::choice,
         .initial = "info",
         .description = "The least important messages to log.",
         .words = {"debug", "info", "warning", "error"}},
        {.name = "log-format",
         .kind = Kind::choice,
         .initial = "text",
         .description = "How to write the log to standard error.",
         .words = {"text", "json"}},
        {.name = "check",
         .kind = Kind::on_off,
         .description = "Check everything, say what was found, one line each, and exit with 0 or "
                        "2."},
    };
}

}  // namespace

app::Options options() {
    std::vector<Option> table;
    for (const auto& part :
         {zookeeper_options(), address_options(), redis_options(), other_options()})
        table.insert(table.end(), part.begin(), part.end());
    return app::Options{{.name = "redis-wrapper",
                         .purpose = "Starts a redis-server that finds its master in ZooKeeper, or "
                                    "becomes it.",
                         .rest = "redis-server"},
                        std::move(table)};
}

}  // namespace redis_zk::redis_wrapper
