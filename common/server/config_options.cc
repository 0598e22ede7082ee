// The options that several executables have: each with its three names, its default and a
// sentence for --help.
#include "common/server/config.h"
#include "common/zk/layout.h"

namespace redis_zk::server {

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

std::vector<Option> listening_options(const std::string& server, const std::string& port) {
    return {
        {.name = "net-iface",
         .initial = "eth0",
         .description = "The network interface on whose first address to listen."},
        {.name = "bind-ip",
         .description = "The address on which to listen, IPv4 or IPv6; overrides the interface.",
         .spoken_default = "of the interface"},
        {.name = "port0",
         .kind = Kind::port,
         .initial = port,
         .description = "The port of " + server + ", as others reach it."},
        {.name = "listen-port",
         .kind = Kind::port,
         .description = "The port on which to listen, where it differs from PORT0: the "
                        "container's, in bridge mode.",
         .spoken_default = "PORT0"},
    };
}

std::vector<Option> address_options(const std::string& server, const std::string& port) {
    const std::vector<Option> others{
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
         .description = "Asked from whoever wants to change something over HTTP, which nobody can "
                        "while there is none."},
    };
    return joined({listening_options(server, port), others});
}

Option run_dir_option() {
    return {.name = "run-dir",
            .kind = Kind::path,
            .description = "A private directory for the generated configuration and the socket.",
            .or_environment = {"MESOS_SANDBOX"},
            .spoken_default = "XDG_RUNTIME_DIR/redis-zk-<port>, else a fresh one below TMPDIR"};
}

Option stop_timeout_option(const std::string& server) {
    return {.name = "stop-timeout",
            .kind = Kind::duration,
            .initial = "10s",
            .description = "How long " + server + " may take to stop before it is killed."};
}

Option master_name_option() {
    return {.name = "master-name",
            .initial = "mymaster",
            .description = "The name under which the sentinels know the master."};
}

Option redis_password_option() {
    return {.name = "redis-password",
            .kind = Kind::secret,
            .description =
                "The password of the cluster, the same for all nodes, clients and "
                "sentinels."};
}

std::vector<Option> sentinel_credentials_options() {
    return {{.name = "sentinel-username",
             .description = "The ACL user as whom to speak to sentinels; their sentinel.conf has "
                            "to define it.",
             .spoken_default = "the default user"},
            {.name = "sentinel-password",
             .kind = Kind::secret,
             .description = "The password of the sentinels, the same for all of them."}};
}

std::vector<Option> log_options() {
    return {
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
    };
}

Option check_option() {
    return {.name = "check",
            .kind = Kind::on_off,
            .description =
                "Check everything, say what was found, one line each, and exit with 0 or "
                "2."};
}

std::vector<Option> joined(std::initializer_list<std::vector<Option>> parts) {
    std::vector<Option> table;
    for (const auto& part : parts) table.insert(table.end(), part.begin(), part.end());
    return table;
}

}  // namespace redis_zk::server
