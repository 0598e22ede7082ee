// The table of the options: each with its three names, its default and a sentence for --help.
#include "watcher/config.h"

namespace redis_zk::watcher {

namespace {

using app::Kind;
using app::Option;

std::vector<Option> redis_options() {
    return {
        server::master_name_option(),
        {.name = "redis-username",
         .description = "The ACL user as whom the watcher speaks to redis-servers.",
         .spoken_default = "the default user"},
        server::redis_password_option(),
    };
}

std::vector<Option> hook_options() {
    return {
        {.name = "on-event",
         .description = "event=command: runs the command for each such event of a sentinel, as in "
                        "+switch-master=/path/to/hook. Several are separated by commas, or given "
                        "one by one.",
         .is_list = true},
        {.name = "hook-timeout",
         .kind = Kind::duration,
         .initial = "10s",
         .description = "How long such a command may run before it is killed.",
         .minimum = 1,
         .maximum = 3'600'000},
        {.name = "hook-queue",
         .kind = Kind::integer,
         .initial = "100",
         .description = "How many events may wait for one command; of more the oldest are dropped.",
         .minimum = 1,
         .maximum = 100'000},
    };
}

}  // namespace

app::Options options() {
    return app::Options{{.name = "watcher",
                         .purpose = "Keeps the record of the master in ZooKeeper true, as the "
                                    "sentinels fail over."},
                        server::joined({server::zookeeper_options(),
                                        server::listening_options("the HTTP API", "8080"),
                                        redis_options(),
                                        server::sentinel_credentials_options(),
                                        hook_options(),
                                        server::log_options(),
                                        {server::check_option()}})};
}

}  // namespace redis_zk::watcher
