// One watcher of the simulation, with the real policy.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "tests/simulation/process.h"
#include "watcher/core/observe.h"

namespace redis_zk::simulation {

class Watcher : public Process {
  public:
    Watcher(World& world, std::string name);

    void start();
    void kill();

    // Neither questions nor events of this sentinel, nor answers of this node, get through.
    void cut_from(const Endpoint& other, milliseconds duration);
    // A sentinel publishes: heard when it is the one that is listened to.
    void published(const Endpoint& sentinel, const std::string& event);

    const watcher::View& view() const { return view_; }
    const std::string& doing() const { return doing_; }

  private:
    using Copy = std::function<void()>;

    void turn();
    void turn_soon();
    void tick();
    void speak(const watcher::Action& action);
    void perform(const watcher::Action& action);
    void ask_node(const Endpoint& target);
    void ask_sentinel(const Endpoint& target);
    void listen(const Endpoint& sentinel);
    void ping(std::uint64_t number);
    void publish(const watcher::Publish& publication);
    bool reaches(const Endpoint& other) const;
    bool does_sentinel_answer(const Endpoint& sentinel) const;

    void connected(bool is_new) override;
    void disconnected() override;
    void read_zookeeper() override;
    void read_parts(std::vector<std::function<Copy()>> parts);
    Copy read_name();
    Copy read_term();
    Copy read_the_rest();

    watcher::View view_;
    std::map<Endpoint, TimePoint> cuts_;
    std::uint64_t subscription_ = 0;
    std::string doing_;
    std::string said_;
    bool turn_planned_ = false;
    bool reading_ = false;
    bool read_again_ = false;
    bool is_publication_answered_ = false;
    // What has been read since it was distrusted; not before all of it was.
    bool is_reading_current_ = false;
};

}  // namespace redis_zk::simulation
