// Each look at the own Redis, once a second when nothing happens, parses all of INFO.
#include "common/core/info.h"

#include <string>

#include <benchmark/benchmark.h>

#include "redis-wrapper/redis_child.h"

namespace redis_zk::redis_wrapper {

namespace {

// As long as Redis 7.0.15 answers (about 200 lines, 5 kB), and with so many replicas more.
std::string info_of_a_master(std::int64_t replicas) {
    std::string text =
        "# Server\r\nrun_id:5f3c9b3d1c0a4d5e8f70a1b2c3d4e5f60718293a\r\n"
        "# Persistence\r\nloading:0\r\nasync_loading:0\r\naof_enabled:1\r\n"
        "aof_rewrite_in_progress:0\r\naof_rewrite_scheduled:0\r\n"
        "aof_last_bgrewrite_status:ok\r\naof_last_write_status:ok\r\n";
    for (int i = 0; i < 180; ++i) text += "used_memory_of_" + std::to_string(i) + ":123456789\r\n";
    text += "# Replication\r\nrole:master\r\nconnected_slaves:" + std::to_string(replicas) + "\r\n";
    for (std::int64_t i = 0; i < replicas; ++i)
        text += "slave" + std::to_string(i) + ":ip=10.1.0." + std::to_string(i) +
                ",port=31002,state=online,offset=123456789,lag=0\r\n";
    return text +
           "master_replid:aaf1ee75c5c989ac4932af23dc76a772404eea22\r\n"
           "master_repl_offset:123456789\r\n# Keyspace\r\ndb0:keys=42,expires=0,avg_ttl=0\r\n";
}

void parse_info(benchmark::State& state) {
    const std::string text = info_of_a_master(state.range(0));
    for (auto _ : state) benchmark::DoNotOptimize(core::parse_info(text));
    state.SetBytesProcessed(state.iterations() * std::ssize(text));
}

void look_from_info(benchmark::State& state) {
    const std::string text = info_of_a_master(state.range(0));
    const redis::FlatMap settings{{"min-replicas-to-write", "1"}};
    for (auto _ : state) benchmark::DoNotOptimize(look_from(text, settings));
}

BENCHMARK(parse_info)->Arg(2)->Arg(49);
BENCHMARK(look_from_info)->Arg(2)->Arg(49);

}  // namespace

}  // namespace redis_zk::redis_wrapper
