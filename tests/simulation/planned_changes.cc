#include "tests/simulation/planned_changes.h"

#include "tests/simulation/node.h"

namespace redis_zk::simulation {

void PlannedChanges::one() {
    if (kinds_.one_in(3)) let_one_lag();
    switch (kinds_.below(4)) {
        case 0: return ask_for_another_master();
        case 1:
            if (Node* node = master()) stop_and_start(*node);
            return;
        case 2: return stop_one_after_the_other();
        default: return stop_all();
    }
}

void PlannedChanges::let_one_lag() {
    Node& node = *world_.nodes()[kinds_.below(world_.nodes().size())];
    world_.say("fault", node.name() + " lags behind its master");
    node.lag(milliseconds{kinds_.between(100, 5000)});
}

Node* PlannedChanges::master() {
    const auto& named = world_.zookeeper.record().named;
    return named ? world_.node_at(*named) : nullptr;
}

void PlannedChanges::ask_for_another_master() {
    Node* node = master();
    if (node == nullptr || !node->is_running()) return;
    world_.say("fault", node->name() + " is asked for another master");
    node->hand_over();
}

// It may be started again while it is still stopping, as a scheduler does it in vain.
void PlannedChanges::stop_and_start(Node& node) {
    if (!node.is_running()) return;
    world_.say("fault", node.name() + " is asked to stop");
    node.stop();
    world_.run(milliseconds{kinds_.between(0, 20000)});
    node.start();
}

void PlannedChanges::stop_one_after_the_other() {
    for (const auto& node : world_.nodes()) stop_and_start(*node);
}

void PlannedChanges::stop_all() {
    world_.say("fault", "all are asked to stop");
    for (const auto& node : world_.nodes())
        if (node->is_running()) node->stop();
    world_.run(milliseconds{kinds_.between(0, 20000)});
    for (const auto& node : world_.nodes()) node->start();
}

}  // namespace redis_zk::simulation
