// A process of the simulation with its connection to ZooKeeper: lives that begin and end, what it
// does later unless its life has ended, and sessions with delays, lost answers and expiries.
#pragma once

#include <functional>
#include <string>

#include "tests/simulation/world.h"

namespace redis_zk::simulation {

class Process {
  public:
    Process(World& world, std::string name) : world_{world}, name_{std::move(name)} {}
    virtual ~Process() = default;
    Process(const Process&) = delete;
    Process& operator=(const Process&) = delete;

    const std::string& name() const { return name_; }
    bool is_running() const { return alive_; }
    bool is_connected() const { return connected_; }
    std::uint64_t life() const { return life_; }  // how often it was started

    // Faults of its connection to ZooKeeper.
    void cut_from_zookeeper(milliseconds duration);
    void expire_session() { lose_zookeeper(true); }
    void break_connection() { lose_zookeeper(false); }
    // The wrapper stands still; its child does not.
    void freeze(milliseconds duration);
    bool is_frozen() const { return alive_ && world_.clock.now() < frozen_until_; }
    void zookeeper_changed();

  protected:
    // A new life without a session, and the way to one.
    void begin_life();
    void connect_soon();
    // Killed: ZooKeeper notices the loss of the connection only when the session times out.
    void die();
    // Ended by itself: the session is closed.
    void end_life();

    // Calls back after a delay, unless this life has ended by then; a process that is frozen then
    // does it afterwards.
    void later(milliseconds delay, std::function<void()> what);
    // The same for the network, which is never frozen.
    void later_on_the_way(milliseconds delay, std::function<void()> what);

    void lose_zookeeper(bool session_too);
    // A request reaches ZooKeeper after a delay, and in the order in which it was made. Its answer
    // may be lost: then it was carried out, and we learn of it only by looking.
    void tell_zookeeper(std::function<void()> request);

    virtual void connected(bool is_new) = 0;
    virtual void disconnected() = 0;
    // Something has changed there.
    virtual void read_zookeeper() = 0;

    World& world_;
    SessionNumber session_ = 0;
    std::uint64_t life_ = 0;
    std::uint64_t connection_ = 0;  // answers of an older connection are not heard

  private:
    void connect_to_zookeeper();

    std::string name_;
    bool alive_ = false;
    bool connected_ = false;
    TimePoint frozen_until_{};
    TimePoint cut_until_{};
    TimePoint last_request_at_{};
};

// Rounded up: whoever waits for a time must not come before it.
milliseconds until(TimePoint then, TimePoint now);

}  // namespace redis_zk::simulation
