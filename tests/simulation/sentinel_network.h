// What a fake redis-sentinel can reach, and do to it. Stories and the simulation have nodes of
// different kinds; their sentinels are the same.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "common/core/endpoint.h"
#include "common/core/time.h"

namespace redis_zk::simulation {

using core::Endpoint;
using core::milliseconds;
using core::TimePoint;

class FakeSentinel;

// INFO, as far as Sentinel reads it.
struct NodeInfo {
    bool is_master = false;
    std::optional<Endpoint> following;
    bool link_up = false;
    int priority = 100;
    std::int64_t offset = 0;
    std::string run_id;
    std::vector<Endpoint> replicas;  // connected
};

class SentinelNetwork {
  public:
    SentinelNetwork() = default;
    virtual ~SentinelNetwork() = default;
    SentinelNetwork(const SentinelNetwork&) = delete;
    SentinelNetwork& operator=(const SentinelNetwork&) = delete;

    // Each is here while it runs, in the order in which they were started.
    const std::vector<FakeSentinel*>& running_sentinels() const { return running_; }
    void join(FakeSentinel& sentinel) { running_.push_back(&sentinel); }
    void leave(FakeSentinel& sentinel) { std::erase(running_, &sentinel); }

    virtual TimePoint now() const = 0;
    // Both ways. In a story everybody reaches everybody.
    virtual bool reaches(const Endpoint&, const Endpoint&) const { return true; }
    // Connections to it stay up.
    virtual bool is_listening(const Endpoint& node) const = 0;
    // PONG, or LOADING, which is as good.
    virtual bool is_well(const Endpoint& node) const = 0;
    // Nothing from one that loads or does not answer.
    virtual std::optional<NodeInfo> info(const Endpoint& node) const = 0;

    // By how much a sentinel delays its next attempt, lest all begin at once: up to a second.
    virtual milliseconds desynchronisation() = 0;
    virtual void say_switched(const Endpoint& master) = 0;
    // To whoever has subscribed at this sentinel.
    virtual void publish_event(const Endpoint& sentinel, const std::string& event) = 0;
    virtual void promote(const Endpoint& replica, const Endpoint& master) = 0;
    virtual void point(const Endpoint& node, const Endpoint& master) = 0;

  private:
    std::vector<FakeSentinel*> running_;
};

}  // namespace redis_zk::simulation
