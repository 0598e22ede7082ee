// A watcher of a story: the real policy, and a shell that reaches the stage.
#pragma once

#include <functional>
#include <string>

#include "tests/scenarios/watchers/stage.h"
#include "watcher/core/observe.h"

namespace redis_zk::watcher_scenarios {

class Watcher {
  public:
    Watcher(Stage& stage, std::string name) : stage_{stage}, name_{std::move(name)} {}

    void start();
    void kill();
    void freeze(milliseconds time);
    void connect(bool is_connected);
    void zookeeper_changed();
    // A sentinel publishes.
    void published(const Endpoint& sentinel, const std::string& event,
                   const std::vector<std::string>& words);

    std::string listens_to() const;

  private:
    void later(milliseconds time, std::function<void()> what);
    void turn_soon();
    void turn();
    void tick();
    void fill();
    void perform(const watcher::Action& action);
    void speak(const watcher::Action& action);
    void ask_node(const Endpoint& node);
    void ask_sentinel(const Endpoint& sentinel);
    void listen(const Endpoint& sentinel);
    void ping(std::uint64_t number);
    void publish(const core::Record& record);

    Stage& stage_;
    std::string name_;
    watcher::View view_;
    bool is_running_ = false;
    bool is_connected_ = false;
    bool is_turn_planned_ = false;
    std::uint64_t life_ = 0;
    std::uint64_t ticks_ = 0;
    std::uint64_t subscription_ = 0;
    TimePoint frozen_until_{};
    std::string said_;
};

}  // namespace redis_zk::watcher_scenarios
