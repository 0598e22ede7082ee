// decide() runs in every turn of the loop, so at every fact that arrives: it must cost nothing next
// to the system calls around it, also in a large cluster.
#include "redis-wrapper/core/decide.h"

#include <benchmark/benchmark.h>

#include "tests/unit/redis-wrapper/core/views.h"

namespace redis_zk::redis_wrapper {

namespace {

// `view`, and so many more replicas with the data of term 7 that the cluster has `count` members.
View with_members(View view, std::int64_t count) {
    for (std::int64_t i = std::ssize(view.members); i < count; ++i) {
        const Endpoint address{"10.1.0." + std::to_string(i), 6379};
        Member& member = registered(view, "member " + std::to_string(i), address, Lineage{7, 99});
        if (view.redis.role != Role::master) continue;
        member.role = Role::replica;
        member.following = view.self.address;
        member.link_up = true;
        view.roster.nodes.push_back(member.id);
    }
    std::ranges::sort(view.roster.nodes);
    return view;
}

void decide_in(benchmark::State& state, const View& situation) {
    const View view = with_members(situation, state.range(0));
    for (auto _ : state) benchmark::DoNotOptimize(decide(view, t0));
}

void replica_that_is_in_sync(benchmark::State& state) { decide_in(state, replica_in_sync()); }
void master_that_is_recorded(benchmark::State& state) { decide_in(state, recorded_master()); }
void election_after_the_death_of_the_master(benchmark::State& state) {
    decide_in(state, after_the_death_of_the_master());
}

BENCHMARK(replica_that_is_in_sync)->Arg(3)->Arg(50);
BENCHMARK(master_that_is_recorded)->Arg(3)->Arg(50);
BENCHMARK(election_after_the_death_of_the_master)->Arg(3)->Arg(50);

}  // namespace

}  // namespace redis_zk::redis_wrapper
