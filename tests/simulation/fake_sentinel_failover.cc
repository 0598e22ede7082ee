// The fail-over of a fake redis-sentinel, step by step as in sentinel.c: an election in which each
// sentinel has one vote in a round, the choice of a replica, its promotion, the others' new master.
#include <algorithm>

#include "tests/simulation/fake_sentinel.h"
#include "tests/simulation/sentinel_times.h"

namespace redis_zk::simulation {

using namespace std::chrono_literals;

void FakeSentinel::act() {
    if (step_ == Step::promotion || step_ == Step::reconfiguration) led_at_ = network_.now();
    switch (step_) {
        case Step::none: break;
        case Step::election: return hold_election();
        case Step::promotion: return wait_for_promotion();
        case Step::reconfiguration: return reconfigure();
    }
    const bool may_try =
        tried_at_ == TimePoint{} || network_.now() - tried_at_ >= 2 * failover_timeout;
    if (is_master_down()) ask_the_others();
    if (is_master_down() && may_try && do_others_agree()) return begin_election(false);
    correct_replicas();
}

// Nodes that are not what they should be, once the master is well: one that calls itself a master,
// and one that follows somebody else.
void FakeSentinel::correct_replicas() {
    if (!is_master_sane()) return;
    const TimePoint now = network_.now();
    for (auto& [node, instance] : instances_) {
        if (node == *master_ || !instance.info || instance.asked_at != now) continue;
        const bool is_master = instance.info->is_master;
        const auto since = is_master ? instance.role_since : instance.following_since;
        const auto patience = is_master ? before_a_master_is_demoted : failover_timeout;
        const bool is_wrong = is_master || instance.info->following != master_;
        if (is_wrong && now - since > patience) network_.point(node, *master_);
    }
}

// Once in a second, and what they have said counts for five (SENTINEL_ASK_PERIOD).
void FakeSentinel::ask_the_others() {
    const TimePoint now = network_.now();
    for (auto& [id, other] : others_) {
        if (other.agreed_at && now - *other.agreed_at > 5s) other.agreed_at.reset();
        if (now - other.asked_at < 1s) continue;
        other.asked_at = now;
        const FakeSentinel* asked = reach(other.address);
        if (asked == nullptr || now < asked->tilt_until_) continue;
        const bool agrees = asked->master_ == master_ && asked->is_master_down();
        other.agreed_at = agrees ? std::optional{now} : std::nullopt;
    }
}

// The quorum; that of all ever seen is asked for later, by votes.
bool FakeSentinel::do_others_agree() const {
    const auto agree = std::ranges::count_if(
        others_, [](const auto& it) { return it.second.agreed_at.has_value(); });
    return 1 + agree >= quorum_;
}

bool FakeSentinel::has_promoted_lately(const Endpoint& node) const {
    return promoted_ == node && network_.now() - led_at_ <= 1s;
}

bool FakeSentinel::request_failover() {
    if (!master_ || hangs) return false;
    if (step_ != Step::none) return true;
    if (!best_replica()) return false;
    begin_election(true);
    return true;
}

void FakeSentinel::begin_election(bool is_forced) {
    own_round_ = ++round_;
    is_forced_ = is_forced;
    is_elected_ = false;
    step_ = Step::election;
    step_since_ = network_.now();
    tried_at_ = network_.now() + network_.desynchronisation();
    network_.publish_event(address_, "+new-epoch");
    network_.publish_event(address_, "+try-failover");
    // It asks for votes at once: whoever gives it his does not begin an election himself.
    hold_election();
}

void FakeSentinel::hold_election() {
    int votes = vote(own_round_, id_) == id_ ? 1 : 0;
    // It goes on with its next tick, whatever it has heard of the master since.
    if (is_elected_ || is_forced_) return promote();
    for (const auto& [id, other] : others_)
        if (FakeSentinel* voter = reach(other.address))
            if (voter->id_ == id && voter->master_ == master_ &&
                voter->vote(own_round_, id_) == id_)
                ++votes;
    if (votes >= needed_votes()) is_elected_ = true;
    if (network_.now() - step_since_ > failover_timeout) give_up();
}

// The first who asks in a round gets the vote.
std::string FakeSentinel::vote(std::uint64_t round, const std::string& candidate) {
    round_ = std::max(round_, round);
    if (voted_in_ < round && round_ <= round) {
        voted_for_ = candidate;
        voted_in_ = round;
        if (candidate != id_) tried_at_ = network_.now() + network_.desynchronisation();
        network_.publish_event(address_, "+vote-for-leader");
    }
    return voted_in_ == round ? voted_for_ : std::string{};
}

// Neither its history nor whether it has ever been in sync matters.
std::optional<Endpoint> FakeSentinel::best_replica() const {
    const milliseconds freshness = is_master_down() ? 5 * short_info_period : 3 * info_period;
    std::optional<Endpoint> best;
    for (const auto& [node, instance] : instances_) {
        if (node == *master_ || !is_usable(instance) || !instance.info) continue;
        if (network_.now() - instance.asked_at > freshness || instance.info->priority == 0)
            continue;
        const auto rank = [](const NodeInfo& info) {
            return std::tuple{info.priority, -info.offset, info.run_id};
        };
        if (!best || rank(*instance.info) < rank(*instances_.at(*best).info)) best = node;
    }
    return best;
}

void FakeSentinel::promote() {
    const auto chosen = best_replica();
    if (!chosen) return give_up();
    network_.publish_event(address_, "+elected-leader");
    promoted_ = *chosen;
    step_ = Step::promotion;
    step_since_ = network_.now();
    network_.promote(promoted_, *master_);
}

void FakeSentinel::wait_for_promotion() {
    const auto promoted = instances_.find(promoted_);
    if (promoted == instances_.end()) return give_up();
    const auto& [node, instance] = *promoted;
    if (instance.info->is_master && instance.asked_at > step_since_) {
        epoch_ = own_round_;
        step_ = Step::reconfiguration;
        step_since_ = network_.now();
        network_.say_switched(promoted_);
        network_.publish_event(address_, "+promoted-slave");
        say_hello();
    } else if (network_.now() - step_since_ > failover_timeout) {
        give_up();
    }
}

// Each is told once, as soon as there is a connection to it.
void FakeSentinel::reconfigure() {
    const TimePoint now = network_.now();
    bool is_done = true;
    for (auto& [node, instance] : instances_) {
        if (node == promoted_ || node == *master_ || is_down(instance)) continue;
        if (instance.info && instance.info->following == promoted_) continue;
        const bool was_told = instance.told_at != TimePoint{};
        if (was_told && now - instance.told_at > time_to_be_reconfigured) continue;
        is_done = false;
        if (was_told || !instance.is_connected) continue;
        instance.told_at = now;
        network_.point(node, promoted_);
        network_.publish_event(address_, "+slave-reconf-sent");
    }
    // Not even by a time-out (tests/integration/test_failover_facts.py).
    if (is_down(instances_.at(promoted_))) return;
    if (is_done || network_.now() - step_since_ > failover_timeout) switch_to(promoted_);
}

void FakeSentinel::give_up() {
    network_.publish_event(address_, "-failover-abort-not-elected");
    step_ = Step::none;
    is_forced_ = false;
}

}  // namespace redis_zk::simulation
