#include "tests/simulation/faults.h"

#include "tests/simulation/node.h"
#include "tests/simulation/promises.h"
#include "tests/simulation/sentinels.h"

namespace redis_zk::simulation {

using namespace std::chrono_literals;

namespace {

Settings settings_for(std::uint64_t seed, Policy policy) {
    Random random{seed ^ 0x5eed};
    Settings settings;
    settings.seed = seed;
    settings.policy = policy;
    settings.longest_delay = milliseconds{random.between(2, 300)};
    settings.one_in_lost = random.one_in(3) ? static_cast<unsigned>(random.between(5, 100)) : 0;
    settings.cold_start_wait = milliseconds{random.between(5000, 30000)};
    settings.append_only = !random.one_in(4);
    return settings;
}

std::size_t number_of_nodes(Random& random) {
    if (random.one_in(200)) return 50;
    if (random.one_in(20)) return static_cast<std::size_t>(random.between(8, 15));
    return static_cast<std::size_t>(random.between(1, 5));
}

class Run {
  public:
    Run(std::uint64_t seed, Policy policy) : world_{settings_for(seed, policy)} {}

    Outcome go() {
        const auto count = number_of_nodes(world_.random);
        for (std::size_t i = 0; i < count; ++i) world_.add_node("n" + std::to_string(i + 1));
        start_all();
        keep_writing();
        world_.run(milliseconds{world_.random.between(0, 20000)});
        if (world_.random.one_in(3)) add_sentinels();
        const auto faults = world_.random.between(1, 10);
        for (int i = 0; i < faults && world_.broken_promise().empty(); ++i) {
            one_fault();
            world_.run(milliseconds{world_.random.between(0, 20000)});
        }
        heal();
        if (world_.broken_promise().empty()) check_healed();
        return {world_.steps(), world_.broken_promise(), world_.transcript()};
    }

  private:
    Node& any_node() { return *world_.nodes()[world_.random.below(world_.nodes().size())]; }

    void start_all() {
        const bool at_once = world_.random.one_in(2);
        for (const auto& node : world_.nodes()) {
            node->start();
            if (!at_once) world_.run(milliseconds{world_.random.between(0, 3000)});
        }
    }

    void keep_writing() {
        if (stop_writing_) return;
        world_.write();
        world_.clock.after(milliseconds{world_.random.between(50, 500)},
                           [this] { keep_writing(); });
    }

    void add_sentinels() {
        if (const auto master = world_.zookeeper.record().named)
            world_.sentinels = std::make_unique<Sentinels>(world_, 3, *master);
    }

    Endpoint new_address() {
        ++moves_;
        return {"10.1." + std::to_string(moves_ / 200) + '.' + std::to_string(moves_ % 200 + 1),
                6379};
    }

    void one_fault() {
        Node& node = any_node();
        switch (world_.random.below(9)) {
            case 0: return restart(node, milliseconds{world_.random.between(0, 500)});
            case 1: return restart(node, milliseconds{world_.random.between(3000, 20000)});
            case 2: return node.is_running() ? node.kill() : node.start();
            case 3:
                return world_.say("fault", node.name() + " loses its session"),
                       node.expire_session();
            case 4:
                world_.say("fault", node.name() + " is cut from ZooKeeper");
                return node.cut_from_zookeeper(milliseconds{world_.random.between(100, 15000)});
            case 5: return zookeeper_away();
            case 6: return come_back_empty(node);
            case 7: return kill_all();
            case 8: return come_back_older(node);
            default: return;
        }
    }

    void restart(Node& node, milliseconds pause) {
        if (world_.random.one_in(2))
            node.kill();
        else if (node.is_running())
            node.stop();
        world_.run(pause);
        if (node.is_running()) return;
        if (world_.random.one_in(3)) node.move_to(new_address());
        node.start();
    }

    void zookeeper_away() {
        world_.say("fault", "ZooKeeper is away");
        world_.zookeeper_is_up = false;
        const auto duration = milliseconds{world_.random.between(1000, 15000)};
        for (const auto& node : world_.nodes()) node->cut_from_zookeeper(duration);
        world_.run(duration);
        world_.zookeeper_is_up = true;
    }

    // A single node: when all lose their data nothing is left to promise.
    void come_back_empty(Node& node) {
        node.kill();
        world_.run(milliseconds{world_.random.between(0, 1000)});
        node.wipe_disk();
        node.start();
    }

    void come_back_older(Node& node) {
        const Disk backup = node.disk_now();
        world_.run(milliseconds{world_.random.between(100, 5000)});
        node.kill();
        node.disk = backup;
        node.start();
    }

    void kill_all() {
        world_.say("fault", "all are killed");
        for (const auto& node : world_.nodes()) node->kill();
        world_.run(milliseconds{world_.random.between(0, 15000)});
        if (world_.sentinels && world_.random.one_in(2)) {
            world_.sentinels->stop();
            graveyard_.push_back(std::move(world_.sentinels));
        }
        const bool elsewhere = world_.random.one_in(2);
        for (const auto& node : world_.nodes()) {
            if (elsewhere) node->move_to(new_address());
            node->start();
            world_.run(milliseconds{world_.random.between(0, 4000)});
        }
    }

    void heal() {
        world_.say("fault", "no more faults");
        world_.settings.one_in_lost = 0;
        for (const auto& node : world_.nodes()) node->start();
    }

    void check_healed() {
        world_.run(120s);
        stop_writing_ = true;
        world_.run(20s);
        if (!world_.broken_promise().empty()) return;
        const auto reason = why_not_healed(world_);
        if (!reason.empty()) world_.broken("P4 always-heals: " + reason);
    }

    World world_;
    bool stop_writing_ = false;
    int moves_ = 0;
    std::vector<std::unique_ptr<Sentinels>> graveyard_;  // their last timers still refer to them
};

}  // namespace

Outcome run_with_faults(std::uint64_t seed, Policy policy) { return Run{seed, policy}.go(); }

}  // namespace redis_zk::simulation
