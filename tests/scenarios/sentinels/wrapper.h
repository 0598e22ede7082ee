// A sentinel-wrapper of a story: the real policy, and a shell that knows only the stage.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "sentinel-wrapper/core/action.h"
#include "sentinel-wrapper/core/view.h"
#include "tests/scenarios/sentinels/stage.h"

namespace redis_zk::sentinel_scenarios {

class Wrapper {
  public:
    Wrapper(Stage& stage, std::string name, Endpoint address);
    ~Wrapper();

    void start();
    void stop();  // SIGTERM
    void kill();  // SIGKILL; its session lives on for a while
    void sentinel_ends();
    void cut_from_zookeeper(milliseconds time);
    void connect(bool is_connected);  // the same session goes on
    void lose_identity();             // while it was cut off, somebody else took it
    void turn_soon();

    bool is_running() const { return is_running_; }
    const sentinel_wrapper::View& view() const { return view_; }
    Endpoint address;
    bool ignores_sigterm = false;
    bool cannot_look_up_names = false;  // so it tells its sentinel of no master
    std::unique_ptr<FakeSentinel> child;

  private:
    void turn();
    void tick();
    void fill();
    void speak(const sentinel_wrapper::Action& action);
    void perform(const sentinel_wrapper::Action& action);
    void ask(const sentinel_wrapper::Action& action);
    void command(const sentinel_wrapper::Action& action);
    void tell_zookeeper(const sentinel_wrapper::Action& action);
    void claim_identity();
    void look();
    void sentinel_stopped();
    void exit(const std::string& how);
    void expire();
    // Calls back after a delay, unless the process has ended by then.
    void later(milliseconds delay, std::function<void()> what);

    Stage& stage_;
    std::string name_;
    bool is_running_ = false;
    int life_ = 0;
    bool is_connected_ = false;
    bool is_turn_planned_ = false;
    bool is_ticking_ = false;
    sentinel_wrapper::View view_;
    sentinel_wrapper::Identity identity_;
    std::string waiting_;
};

}  // namespace redis_zk::sentinel_scenarios
