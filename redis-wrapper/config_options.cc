// The table of the options: each with its three names, its default and a sentence for --help.
#include "redis-wrapper/config.h"

namespace redis_zk::redis_wrapper {

namespace {

using app::Kind;
using app::Option;

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
        server::redis_password_option(),
        {.name = "data-dir",
         .kind = Kind::path,
         .description = "Where the data are kept. No two nodes may share one.",
         .spoken_default = "dir of REDIS_CONF, else RUN_DIR/data"},
    };
}

std::vector<Option> other_options() {
    return {
        {.name = "cold-start-wait",
         .kind = Kind::duration,
         .initial = "30s",
         .description = "When all nodes were down: how long to wait for one that may have fresher "
                        "data."},
        {.name = "handover-timeout",
         .kind = Kind::duration,
         .initial = "3s",
         .description =
             "A master that is asked to stop lets its clients wait and hands over to a "
             "replica that has everything: for at most so long, and unless it is given for "
             "no longer than half of STOP_TIMEOUT. 0s: it just stops."},
        {.name = "quarantine",
         .kind = Kind::integer,
         .initial = "3",
         .description = "How many copies to keep of data that a former master has to give up, with "
                        "writes in them that its successor had not got; in DATA_DIR/quarantine. 0: "
                        "none."},
        {.name = "quarantine-max-mb",
         .kind = Kind::integer,
         .initial = "10240",
         .description = "How large they may be together, in MiB. The oldest goes first.",
         .maximum = 1'000'000'000},
        server::stop_timeout_option("redis-server"),
        {.name = "accept-data-loss",
         .kind = Kind::on_off,
         .description = "The operator's permission that a node whose data do not continue the "
                        "cluster's may become master."},
    };
}

}  // namespace

const app::Options& options() {
    static const app::Options all{
        {.name = "redis-wrapper",
         .purpose = "Starts a redis-server that finds its master in ZooKeeper, or "
                    "becomes it.",
         .rest = "redis-server"},
        server::joined({server::zookeeper_options(),
                        server::address_options("redis-server", "6379"),
                        redis_options(),
                        {server::run_dir_option()},
                        other_options(),
                        {server::master_name_option()},
                        server::sentinel_credentials_options(),
                        server::log_options(),
                        {server::check_option()}})};
    return all;
}

}  // namespace redis_zk::redis_wrapper
