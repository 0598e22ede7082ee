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

#include "common/core/repetition.h"
#include "common/event/child_process.h"
#include "common/event/loop.h"
#include "common/event/reaper.h"
#include "common/event/timer.h"
#include "common/redis/commands.h"
#include "common/server/last_lines.h"
#include "common/server/looks.h"
#include "redis-wrapper/core/observe.h"

namespace redis_zk::redis_wrapper {

class RedisChild {
  public:
    struct Options {
        std::string executable;
        std::string configuration;  // path of the generated file
        std::string socket;         // path of the unix socket in it
        redis::Credentials credentials;
        redis::Credentials at_a_plain_master;  // one that belongs to no cluster of ours
        // The user's own values, which open() restores.
        int priority = 100;
        std::int64_t min_replicas_to_write = 0;
        std::int64_t min_replicas_max_lag = 10;
        std::chrono::seconds shutdown_timeout{};  // for which it waits for its replicas at its end
    };
    struct Handlers {
        std::function<void(const RedisLook&)> on_look;
        std::function<void()> on_busy;  // alive, and occupied with somebody's script
        std::function<void(const event::ExitStatus&)> on_exit;
    };
    using OnDone = server::Looks::OnDone;

    RedisChild(event::Loop& loop, event::Reaper& reaper, Options options, Handlers handlers);
    ~RedisChild();
    RedisChild(const RedisChild&) = delete;
    RedisChild& operator=(const RedisChild&) = delete;

    // Asks for INFO now; on_look comes with the answer. One question at a time.
    void look();

    // Each calls back when a look after the command has come, or it failed. "Closed" means: refuses
    // writes even as a master, and Sentinel must not choose it. A change of role always leaves
    // Redis closed. "Offered" means that Sentinel may choose it; it still refuses writes. Unless it
    // was told to follow, Redis copies nobody: neither a sentinel nor a hand that points it to a
    // node with older data can replace those that it has.
    void promote(OnDone on_done);
    void follow(const Endpoint& master, OnDone on_done);
    void park(OnDone on_done);
    void open(OnDone on_done);
    void offer(OnDone on_done);
    void close(OnDone on_done);
    // Its clients wait with their writes for so long; it goes on replicating.
    void pause(core::milliseconds duration, OnDone on_done);
    void unpause();

    // As the configuration says: saves if there are save points. Said again when Redis refuses.
    void shut_down();
    void kill();

    // Proves to others that this node belongs to the cluster, and lets it copy a master of it, once
    // it is told to follow one, and nobody else; see common/redis/membership.h.
    void prove_membership(const std::string& cluster);
    // Lets others of the cluster copy this node; before that none can, whatever an aclfile says.
    void lend_data();

    bool has_answered() const { return has_answered_; }
    // Why it ended without ever having answered, in its own words, if it said so.
    std::optional<std::string> refusal() const;

    // In a sentence; for this it was killed.
    std::optional<std::string> why_too_old() const;
    const std::vector<std::string>& last_lines() const { return last_lines_.lines(); }

  private:
    void connect();
    void ask();
    void ask_for_settings(const std::string& info);
    void ask_for_setting(const std::string& info, const redis::FlatMap& known,
                         std::vector<std::string> names);
    void lost();
    void complain(const core::Error& error);
    void become_member();
    void membership_refused(const core::Error& error);
    void listen();
    void looked(const std::string& info, const redis::FlatMap& settings);
    void insist_on_stopping();
    void line(const std::string& text);
    void set(redis::Settings settings, OnDone on_done);
    redis::Settings login_at_the_master() const;
    void replicate(const Endpoint& master, const redis::Settings& login, OnDone on_done);

    event::Loop& loop_;
    Options options_;
    Handlers handlers_;
    bool has_answered_ = false;  // and may be used
    std::optional<std::string> why_too_old_;
    bool answered_here_ = false;  // on the present connection
    core::Repetition refusals_;
    server::Looks looks_{[this] { ask(); }};
    bool is_parked_ = true;
    std::string cluster_;
    bool may_copy_ = false;
    bool lends_data_ = false;
    std::string complaint_;
    server::LastLines last_lines_{"redis-server"};
    std::unique_ptr<redis::Connection> connection_;
    std::unique_ptr<redis::Connection> listener_;
    event::Timer connect_soon_;
    event::Timer become_member_soon_;
    event::Timer insist_soon_;
    event::Timer look_soon_;
    event::ChildProcess process_;
};

// What INFO (all sections) and CONFIG GET say, as the policy wants to know it. Pure.
RedisLook look_from(const std::string& info, const redis::FlatMap& settings);

// Lines that a parked Redis repeats every second, and that tell nobody anything.
bool is_noise_of_parking(std::string_view line);

}  // namespace redis_zk::redis_wrapper
