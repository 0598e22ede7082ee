// A redis-sentinel as far as nodes, wrappers and other sentinels can tell: learns replicas from its
// master's INFO, tells the others of itself directly and through every node that it knows, never
// forgets anybody, counts all whom it has ever seen when a majority is needed, believes the larger
// epoch.
//
// The facts are those of sentinel.c 7.0, as measured in tests/integration/test_sentinel_facts.py
// and test_stranger_facts.py. It ranks without lineage, and only what it has seen counts.
#pragma once

#include <map>
#include <optional>
#include <string>

#include "sentinel-wrapper/core/action.h"
#include "sentinel-wrapper/core/observe.h"
#include "tests/simulation/sentinel_network.h"

namespace redis_zk::simulation {

class FakeSentinel {
  public:
    FakeSentinel(SentinelNetwork& network, std::string id, Endpoint address);
    ~FakeSentinel() { network_.leave(*this); }
    FakeSentinel(const FakeSentinel&) = delete;
    FakeSentinel& operator=(const FakeSentinel&) = delete;

    // The commands of SENTINEL.
    void monitor(const Endpoint& master, int quorum, const sentinel_wrapper::Epochs& epochs = {});
    void obey(const sentinel_wrapper::Monitor& order);
    void remove();
    void reset();
    void set_quorum(int quorum) { quorum_ = quorum; }
    bool request_failover();  // one is under way now

    sentinel_wrapper::SentinelLook look() const;
    core::Opinion opinion() const;
    // None: no fail-over runs.
    std::optional<TimePoint> failing_over_since() const {
        return step_ == Step::none ? std::nullopt : std::optional{step_since_};
    }
    // In a fail-over that it leads, or led until a second ago: who was told so may act on it still.
    bool has_promoted_lately(const Endpoint& node) const;
    // When its master answered it last.
    std::optional<TimePoint> master_well_at() const {
        return master_ ? std::optional{instances_.at(*master_).well_at} : std::nullopt;
    }
    bool knows(const Endpoint& node) const { return instances_.contains(node); }
    // Where it believes the sentinel with this id to be.
    std::optional<Endpoint> place_of(const std::string& id) const;
    const std::string& id() const { return id_; }
    const Endpoint& address() const { return address_; }

    // Its timer, which runs about every 100 ms: what it sees, what it does about it, what it tells.
    void tick();
    // The parts of it, for a story that decides itself when there is a fail-over.
    void look_at_everybody();
    void say_hello();
    void begin_failover() { step_ = Step::promotion; }
    void end_failover(const Endpoint& promoted);

    bool hangs = false;
    TimePoint woke_at{};
    TimePoint missed_at{};  // when it was asked in vain for its id, since a link was cut
    bool is_mute = false;   // says no hello
    // Without a wrapper: it and those with one do not let each other's hello in, except through the
    // nodes (common/redis/membership.h).
    bool is_plain = false;
    // Takes an epoch and not the master with it, whose name it cannot look up.
    bool ignores_news = false;
    // Leaves a master that it replaced while it lives to its wrapper.
    bool forgets_the_old_master = false;

  private:
    // The master or a replica.
    struct Instance {
        TimePoint well_at{};
        bool is_connected = true;
        TimePoint asked_at{};  // for the last INFO
        std::optional<NodeInfo> info;
        TimePoint role_since{};
        TimePoint following_since{};
        TimePoint told_at{};  // to follow the promoted one; never: not yet
    };
    struct Other {
        Endpoint address;
        TimePoint well_at{};
        TimePoint asked_at{};                  // whether it takes the master for dead too
        std::optional<TimePoint> agreed_at{};  // since when it counts, though it may have revived
    };
    enum class Step { none, election, promotion, reconfiguration };

    // What a sentinel says of itself, its epochs and its master.
    struct Hello {
        std::string id;
        Endpoint address;
        std::uint64_t round = 0;
        std::uint64_t epoch = 0;
        Endpoint master;
    };
    void hear(const Hello& hello);
    void switch_to(const Endpoint& master);
    Endpoint current_master() const;
    bool is_let_in_by(const FakeSentinel& other) const;
    FakeSentinel* reach(const Endpoint& sentinel) const;

    // What it sees.
    void ask_for_info(const Endpoint& node, Instance& instance);
    void note(Instance& instance, const NodeInfo& info);
    bool is_down(const Instance& instance) const;
    bool is_usable(const Instance& replica) const {
        return replica.is_connected && !is_down(replica);
    }
    bool is_down(const Other& other) const;
    bool is_master_down() const;
    bool is_master_sane() const;
    std::size_t usable_sentinels() const;
    bool has_quorum() const;
    int needed_votes() const;
    bool knows_a_living_replica() const;

    // What it does about it.
    void act();
    void correct_replicas();
    void ask_the_others();
    bool do_others_agree() const;
    void begin_election(bool is_forced);
    void hold_election();
    std::string vote(std::uint64_t round, const std::string& candidate);
    std::optional<Endpoint> best_replica() const;
    void promote();
    void wait_for_promotion();
    void reconfigure();
    void give_up();

    SentinelNetwork& network_;
    std::string id_;
    Endpoint address_;
    std::optional<Endpoint> master_;
    int quorum_ = 0;
    std::uint64_t epoch_ = 0;  // of the configuration
    std::map<Endpoint, Instance> instances_;
    std::map<std::string, Other> others_;  // by id

    std::uint64_t round_ = 0;  // of votes; survives REMOVE
    std::string voted_for_;
    std::uint64_t voted_in_ = 0;
    Step step_ = Step::none;
    TimePoint step_since_{};
    TimePoint led_at_{};  // when it has promoted somebody and was not done yet
    bool is_forced_ = false;
    bool is_elected_ = false;
    std::uint64_t own_round_ = 0;
    TimePoint tried_at_{};
    Endpoint promoted_;

    TimePoint ticked_at_{};
    TimePoint tilt_until_{};
    TimePoint hello_at_{};
};

}  // namespace redis_zk::simulation
