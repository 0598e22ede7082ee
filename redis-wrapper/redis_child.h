// The redis-server whose parent we are: the process, our private connection to it, and a look at it
// from time to time. Knows how a command is given to Redis, not when.
//
//  - The connection goes over a unix socket that only we can open: no firewall and no change of a
//    password comes between us. (Redis counts it among its maxclients.) It is made anew whenever it
//    breaks: Sentinel cuts all client connections of a node that it has demoted, ours among them.
//  - A second connection listens to the membership channel, see questions.h.
//  - What Redis writes every second while it is parked is held back.
//  - Any other line that it writes is a hint that something has happened (a synchronisation has
//    ended, a sentinel has changed its role): we look at once, and do not read the line.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "common/event/child_process.h"
#include "common/event/loop.h"
#include "common/event/reaper.h"
#include "common/event/timer.h"
#include "common/redis/commands.h"
#include "redis-wrapper/core/observe.h"

namespace redis_zk::redis_wrapper {

class RedisChild {
  public:
    struct Options {
        std::string executable;
        std::string configuration;  // path of the generated file
        std::string socket;         // path of the unix socket in it
        redis::Credentials credentials;
        // The user's own values, which open() restores.
        int priority = 100;
        std::int64_t min_replicas_to_write = 0;
        std::int64_t min_replicas_max_lag = 10;
    };
    struct Handlers {
        std::function<void(const RedisLook&)> on_look;
        std::function<void(const event::ExitStatus&)> on_exit;
    };
    using OnDone = std::function<void(core::Result<core::Done>)>;

    RedisChild(event::Loop& loop, event::Reaper& reaper, Options options, Handlers handlers);
    ~RedisChild();
    RedisChild(const RedisChild&) = delete;
    RedisChild& operator=(const RedisChild&) = delete;

    // Asks for INFO now; on_look comes with the answer. One question at a time.
    void look();

    // Each calls back when a look after the command has come, or it failed. "Closed" means: refuses
    // writes even as a master, and Sentinel must not choose it. A change of role always leaves
    // Redis closed.
    void promote(OnDone on_done);
    void follow(const Endpoint& master, OnDone on_done);
    void park(OnDone on_done);
    void open(OnDone on_done);
    void close(OnDone on_done);

    // As the configuration says: saves if there are save points. Redis refuses while it writes its
    // first append-only file, so this may have to be said again.
    void shut_down();
    void kill();

    // Listens to the channel that proves to others that this node belongs to the cluster.
    void prove_membership(const std::string& cluster);

    bool has_answered() const { return has_answered_; }
    // Why it ended without ever having answered, in its own words, if it said so.
    std::optional<std::string> refusal() const;
    const std::vector<std::string>& last_lines() const { return last_lines_; }

  private:
    void connect();
    void lost();
    void listen();
    void looked(const std::string& info, const redis::FlatMap& settings);
    OnDone with_a_look(OnDone on_done);
    void ask_to_stop();
    void line(const std::string& text);
    void set(redis::Settings settings, OnDone on_done);

    event::Loop& loop_;
    Options options_;
    Handlers handlers_;
    bool has_answered_ = false;
    bool looking_ = false;
    bool look_again_ = false;
    std::vector<OnDone> after_the_look_;
    bool is_parked_ = true;
    std::string channel_;
    std::vector<std::string> last_lines_;
    std::unique_ptr<redis::Connection> connection_;
    std::unique_ptr<redis::Connection> listener_;
    event::Timer connect_soon_;
    event::Timer listen_soon_;
    event::Timer ask_to_stop_again_;
    event::Timer look_soon_;
    event::ChildProcess process_;
};

// What INFO (all sections) and CONFIG GET say, as the policy wants to know it. Pure.
RedisLook look_from(const std::string& info, const redis::FlatMap& settings);

// Lines that a parked Redis repeats every second, and that tell nobody anything.
bool is_noise_of_parking(std::string_view line);

}  // namespace redis_zk::redis_wrapper
