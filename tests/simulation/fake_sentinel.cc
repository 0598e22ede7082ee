// What a fake redis-sentinel sees and says. What it does about it: fake_sentinel_failover.cc.
#include "tests/simulation/fake_sentinel.h"

#include <algorithm>

#include "tests/simulation/sentinel_times.h"

namespace redis_zk::simulation {

using namespace std::chrono_literals;
using core::Opinion;
using sentinel_wrapper::Monitored;
using sentinel_wrapper::SentinelLook;

FakeSentinel::FakeSentinel(SentinelNetwork& network, std::string id, Endpoint address)
    : network_{network}, id_{std::move(id)}, address_{std::move(address)} {
    network_.join(*this);
}

void FakeSentinel::monitor(const Endpoint& master, int quorum,
                           const sentinel_wrapper::Epochs& epochs) {
    remove();
    master_ = master;
    quorum_ = quorum;
    epoch_ = epochs.config;
    voted_in_ = epochs.last_vote;
    round_ = std::max({round_, epoch_, voted_in_});
    instances_[master].well_at = network_.now();
}

// The news are a hello that was never said by whom it names, and are believed like any other.
void FakeSentinel::obey(const sentinel_wrapper::Monitor& order) {
    if (!order.news || order.afresh) monitor(order.master, order.quorum);
    if (!order.news || !master_) return;
    const auto& news = *order.news;
    hear({news.id, news.sentinel, news.epoch, news.epoch, order.master});
}

// With the configuration its epoch is gone, and the memory of the last vote.
void FakeSentinel::remove() {
    master_.reset();
    epoch_ = voted_in_ = 0;
    voted_for_.clear();
    step_ = Step::none;
    tried_at_ = {};
    instances_.clear();
    others_.clear();
}

// The replicas are known again with the next INFO, the others with their next hello.
void FakeSentinel::reset() {
    if (!master_) return;
    Instance master = instances_.at(*master_);
    master.well_at = network_.now();
    instances_.clear();
    instances_[*master_] = std::move(master);
    others_.clear();
    step_ = Step::none;
    tried_at_ = {};
}

FakeSentinel* FakeSentinel::reach(const Endpoint& sentinel) const {
    for (FakeSentinel* other : network_.running_sentinels())
        if (other->address_ == sentinel && !other->hangs && network_.reaches(address_, sentinel))
            return other;
    return nullptr;
}

// After a jump of its clock it looks on for a while and does nothing.
void FakeSentinel::tick() {
    if (hangs) return;
    const TimePoint now = network_.now();
    if (ticked_at_ != TimePoint{} && now - ticked_at_ > longest_pause) tilt_until_ = now + tilt;
    ticked_at_ = now;
    if (!master_) return;
    look_at_everybody();
    if (now >= tilt_until_) act();
    if (now - hello_at_ >= hello_period) say_hello();
}

void FakeSentinel::look_at_everybody() {
    if (!master_) return;
    for (auto& [node, instance] : instances_) {
        const bool is_reached = network_.reaches(address_, node);
        instance.is_connected = is_reached && network_.is_listening(node);
        if (is_reached && network_.is_well(node)) instance.well_at = network_.now();
    }
    for (auto& [id, other] : others_)
        if (reach(other.address) != nullptr) other.well_at = network_.now();
    // The master first: it may tell of more replicas.
    ask_for_info(*master_, instances_.at(*master_));
    for (auto& [node, instance] : instances_)
        if (node != *master_) ask_for_info(node, instance);
}

void FakeSentinel::ask_for_info(const Endpoint& node, Instance& instance) {
    const TimePoint now = network_.now();
    const bool is_watched = node != *master_ && (step_ != Step::none || is_master_down() ||
                                                 !instance.info || !instance.info->link_up);
    const milliseconds period = is_watched ? short_info_period : info_period;
    if (instance.asked_at != TimePoint{} && now - instance.asked_at < period) return;
    if (!network_.reaches(address_, node)) return;
    const auto info = network_.info(node);
    if (!info) return;
    instance.asked_at = now;
    note(instance, *info);
    if (node != *master_ || !info->is_master) return;
    for (const Endpoint& replica : info->replicas)
        if (instances_.try_emplace(replica).second) instances_[replica].well_at = now;
}

void FakeSentinel::note(Instance& instance, const NodeInfo& info) {
    const bool is_first = !instance.info;
    if (is_first || instance.info->is_master != info.is_master)
        instance.role_since = network_.now();
    if (is_first || instance.info->following != info.following)
        instance.following_since = network_.now();
    instance.info = info;
}

bool FakeSentinel::is_down(const Instance& instance) const {
    return network_.now() - instance.well_at > down_after;
}

bool FakeSentinel::is_down(const Other& other) const {
    return network_.now() - other.well_at > down_after;
}

// One that reports to be a replica is taken for down only after a long time.
bool FakeSentinel::is_master_down() const {
    const Instance& master = instances_.at(*master_);
    const bool is_no_master = master.info && !master.info->is_master &&
                              network_.now() - master.role_since > down_after + 2 * info_period;
    return is_down(master) || is_no_master;
}

bool FakeSentinel::is_master_sane() const {
    const Instance& master = instances_.at(*master_);
    return master.info && master.info->is_master && !is_master_down() &&
           network_.now() - master.asked_at < 2 * info_period;
}

// The majority of all that it has ever seen.
int FakeSentinel::needed_votes() const {
    return std::max(quorum_, static_cast<int>(others_.size() + 1) / 2 + 1);
}

std::size_t FakeSentinel::usable_sentinels() const {
    const auto others =
        std::ranges::count_if(others_, [this](const auto& it) { return !is_down(it.second); });
    return static_cast<std::size_t>(others) + 1;
}

bool FakeSentinel::has_quorum() const {
    return static_cast<int>(usable_sentinels()) >= needed_votes();
}

bool FakeSentinel::knows_a_living_replica() const {
    return std::ranges::any_of(instances_, [this](const auto& it) {
        return it.first != *master_ && is_usable(it.second);
    });
}

void FakeSentinel::say_hello() {
    if (!master_ || hangs || is_mute) return;
    hello_at_ = network_.now();
    for (FakeSentinel* other : network_.running_sentinels()) {
        if (other == this || other->hangs || !other->master_) continue;
        const bool is_heard_at_a_node = std::ranges::any_of(instances_, [&](const auto& it) {
            return other->knows(it.first) && network_.is_well(it.first) &&
                   network_.reaches(address_, it.first) &&
                   network_.reaches(other->address_, it.first);
        });
        if (is_heard_at_a_node || is_let_in_by(*other))
            other->hear({id_, address_, round_, epoch_, current_master()});
    }
}

// At its own address, as far as that is known here.
bool FakeSentinel::is_let_in_by(const FakeSentinel& other) const {
    const bool is_known = std::ranges::any_of(
        others_, [&](const auto& it) { return it.second.address == other.address_; });
    return is_known && is_plain == other.is_plain && network_.reaches(address_, other.address_);
}

// A known id at another address has moved; a new id at a known address has replaced the old one. It
// takes what is said under its own id for its own words, wherever they come from.
void FakeSentinel::hear(const Hello& hello) {
    if (hello.id == id_) return;
    const auto known = others_.find(hello.id);
    if (known == others_.end())
        std::erase_if(others_, [&](const auto& it) { return it.second.address == hello.address; });
    if (known == others_.end() || known->second.address != hello.address)
        others_[hello.id] = {hello.address, network_.now()};
    round_ = std::max(round_, hello.round);
    if (hello.epoch <= epoch_) return;
    epoch_ = hello.epoch;
    if (master_ == hello.master || ignores_news) return;
    network_.publish_event(address_, "+config-update-from");
    switch_to(hello.master);
}

std::optional<Endpoint> FakeSentinel::place_of(const std::string& id) const {
    const auto found = others_.find(id);
    return found == others_.end() ? std::nullopt : std::optional{found->second.address};
}

// What was the master is a replica now, as Sentinel sees it.
void FakeSentinel::switch_to(const Endpoint& master) {
    if (forgets_the_old_master) instances_.erase(*master_);
    instances_.try_emplace(master);
    for (auto& [node, instance] : instances_) {
        instance = Instance{};
        instance.well_at = network_.now();
    }
    master_ = master;
    step_ = Step::none;
    tried_at_ = {};
    voted_for_.clear();
    network_.publish_event(address_, "+switch-master");
}

void FakeSentinel::end_failover(const Endpoint& promoted) {
    epoch_ = ++round_;
    switch_to(promoted);
}

// The leader names the promoted one as soon as it has seen that it is a master.
Endpoint FakeSentinel::current_master() const {
    return step_ == Step::reconfiguration ? promoted_ : *master_;
}

SentinelLook FakeSentinel::look() const {
    SentinelLook look;
    if (!master_) return look;
    look.monitored = Monitored{*master_, quorum_,         is_master_down(), step_ != Step::none,
                               epoch_,   longest_failover};
    for (const auto& [node, instance] : instances_)
        if (node != *master_) look.replicas.push_back({node, !is_usable(instance)});
    for (const auto& [id, other] : others_)
        look.others.push_back({id, other.address, is_down(other)});
    look.has_quorum = has_quorum();
    return look;
}

Opinion FakeSentinel::opinion() const {
    Opinion opinion;
    if (hangs) return opinion;
    opinion.answered = true;
    opinion.id = id_;
    if (!master_) return opinion;
    opinion.master = current_master();
    opinion.master_is_up = !is_master_down();
    opinion.unanswered_for =
        std::chrono::duration_cast<milliseconds>(network_.now() - instances_.at(*master_).well_at);
    opinion.config_epoch = epoch_;
    opinion.failover_in_progress = step_ != Step::none;
    if (step_ == Step::promotion || step_ == Step::reconfiguration) opinion.promoted = promoted_;
    for (const auto& [node, instance] : instances_)
        if (node != *master_ && instance.info && instance.info->priority != 0)
            opinion.candidates.push_back({node, is_down(instance)});
    opinion.watched = master_;
    opinion.master_is_up = !is_master_down();
    opinion.last_vote = voted_in_;
    opinion.voted_for = voted_for_;
    opinion.has_quorum = has_quorum();
    opinion.usable_sentinels = usable_sentinels();
    opinion.can_act = opinion.has_quorum && knows_a_living_replica();
    opinion.down_after = down_after;
    opinion.time_to_act = down_after + failover_timeout;
    opinion.time_to_fail_over = longest_failover;
    return opinion;
}

}  // namespace redis_zk::simulation
