// The table of the options: each with its three names, its default and a sentence for --help.
#include "sentinel-wrapper/config.h"

namespace redis_zk::sentinel_wrapper {

namespace {

using app::Kind;
using app::Option;

std::vector<Option> sentinel_options() {
    return {
        {.name = "sentinel-server",
         .description = "The server to start: a path, or a name in PATH. It gets --sentinel.",
         .spoken_default = "redis-sentinel, valkey-sentinel, redis-server, else valkey-server"},
        {.name = "sentinel-conf",
         .kind = Kind::file,
         .description = "A sentinel.conf of yours. It is read, and never written."},
        server::master_name_option(),
        {.name = "sentinel-quorum",
         .initial = "2",
         .description = "How many sentinels have to agree that the master is down; majority "
                        "follows the number of those that are registered or answer."},
        {.name = "down-after",
         .kind = Kind::duration,
         .initial = "3s",
         .description = "After this long without an answer a master is down."},
        {.name = "failover-timeout",
         .kind = Kind::duration,
         .initial = "10s",
         .description = "How long a fail-over may take before another one is tried.",
         .minimum = 1},
        {.name = "parallel-syncs",
         .kind = Kind::integer,
         .initial = "1",
         .description = "How many replicas may load the data of a new master at once.",
         .minimum = 1,
         .maximum = 10'000},
        {.name = "redis-username",
         .description = "The ACL user as whom this sentinel speaks to redis-servers.",
         .spoken_default = "the default user"},
        server::redis_password_option(),
    };
}

std::vector<Option> time_options() {
    return {
        {.name = "master-timeout",
         .kind = Kind::duration,
         .initial = "30s",
         .description = "How long to wait for a first master before giving up with status 3; 0 "
                        "waits for ever. It counts while ZooKeeper can be read, anew after each "
                        "loss."},
        {.name = "ghost-timeout",
         .kind = Kind::duration,
         .initial = "60s",
         .description = "A sentinel or replica that is absent for so long, and does not answer, is "
                        "gone for good.",
         .minimum = 1000},
        {.name = "drain",
         .kind = Kind::duration,
         .initial = "0",
         .description = "How long the sentinel goes on after it has left the list of sentinels, so "
                        "that clients can notice."},
        server::stop_timeout_option("redis-sentinel"),
    };
}

}  // namespace

app::Options options() {
    return app::Options{{.name = "sentinel-wrapper",
                         .purpose = "Starts a redis-sentinel that finds its master in ZooKeeper, "
                                    "where clients find it.",
                         .rest = "redis-sentinel"},
                        server::joined({server::zookeeper_options(),
                                        server::address_options("redis-sentinel", "26379"),
                                        sentinel_options(),
                                        server::sentinel_credentials_options(),
                                        {server::run_dir_option()},
                                        time_options(),
                                        server::log_options(),
                                        {server::check_option()}})};
}

}  // namespace redis_zk::sentinel_wrapper
