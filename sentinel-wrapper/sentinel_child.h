// The redis-sentinel whose parent we are: the process, our private connection to it, and a look at
// it from time to time. Knows how a command is given to Sentinel, not when.
//
//  - The connection goes over a unix socket that only we can open: no firewall comes between us. It
//    is made anew whenever it breaks.
//  - Any line that it writes is a hint that something has happened (+switch-master, +sdown, a new
//    sentinel): we look at once, and do not read the line.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "common/event/child_process.h"
#include "common/event/loop.h"
#include "common/event/reaper.h"
#include "common/event/resolver.h"
#include "common/event/timer.h"
#include "common/redis/connection.h"
#include "common/redis/sentinel.h"
#include "common/server/last_lines.h"
#include "common/server/looks.h"
#include "sentinel-wrapper/config.h"
#include "sentinel-wrapper/core/observe.h"

namespace redis_zk::sentinel_wrapper {

// How the server is started: any server of the family is a sentinel with --sentinel.
event::Command sentinel_command(const Config& config);

// What its answers say, as the policy wants to know it. An error instead of the master: it knows no
// master of our name. Pure.
SentinelLook look_from(const core::Result<redis::SentinelMaster>& master,
                       const std::vector<redis::SentinelReplica>& replicas,
                       const std::vector<redis::SentinelPeer>& others, bool has_quorum);

class SentinelChild {
  public:
    struct Handlers {
        std::function<void(const SentinelLook&)> on_look;
        std::function<void(const event::ExitStatus&)> on_exit;
    };
    using OnDone = server::Looks::OnDone;

    // Starts it. The generated configuration has been written; `config` has to live longer.
    SentinelChild(event::Loop& loop, event::Reaper& reaper, event::Resolver& resolver,
                  const Config& config, Handlers handlers);
    ~SentinelChild();
    SentinelChild(const SentinelChild&) = delete;
    SentinelChild& operator=(const SentinelChild&) = delete;

    // Asks for everything now; on_look comes with the answer. One question at a time.
    void look();

    // Each calls back when a look after the command has come, or it failed. A master whose name
    // cannot be looked up is not told to it: redis-sentinel would take the epoch of the news and
    // keep its master, or monitor nobody any more.
    void monitor(const Monitor& order, OnDone on_done);
    void stop_monitoring(OnDone on_done);
    void reset(OnDone on_done);
    void set_quorum(int quorum, OnDone on_done);

    // Nobody but the sentinels of this cluster may introduce himself from now on; see
    // common/redis/membership.h. Empty: it is not known yet. To be said again and again: a refusal
    // is complained of, and tried again some time later.
    void belong_to(const std::string& cluster);
    // From then until the next look, unless it is refused: all clients are about to be cut.
    bool is_admitting() const { return is_admitting_; }

    void shut_down();
    void kill();

    bool has_answered() const { return has_answered_; }
    // Why it ended without ever having answered, in its own words, if it said so.
    std::optional<std::string> refusal() const;
    const std::vector<std::string>& last_lines() const { return last_lines_.lines(); }
    // Why it could not be asked the last time; empty: it never was so.
    const std::string& trouble() const { return trouble_; }

  private:
    // To the parts of one look.
    struct Answers {
        core::Result<redis::SentinelMaster> master = core::Error{core::Fault::refused, "not asked"};
        std::vector<redis::SentinelReplica> replicas;
        std::vector<redis::SentinelPeer> others;
    };

    void connect();
    void tell(const Monitor& order, const OnDone& on_done);
    void ask();
    void looked(const SentinelLook& look);
    void remove_and_monitor(const Monitor& order, OnDone on_done);
    void hear_of(const Endpoint& master, const News& news, OnDone on_done);
    void admitted(const std::string& cluster, const core::Result<core::Done>& done);
    redis::Credentials credentials() const;
    void line(const std::string& text);

    event::Loop& loop_;
    event::Resolver& resolver_;
    const Config& config_;
    Handlers handlers_;
    bool has_answered_ = false;
    server::Looks looks_{[this] { ask(); }};
    bool is_monitoring_ = false;
    std::string cluster_;  // to which only its sentinels are admitted; empty: everybody is
    bool is_admitting_ = false;
    core::TimePoint may_admit_at_{};
    std::string complaint_;
    std::string trouble_;
    event::Lookup lookup_;
    Answers answers_;
    core::Result<core::Done> monitored_ = core::Done{};  // the last SENTINEL MONITOR
    server::LastLines last_lines_{"redis-sentinel"};
    std::unique_ptr<redis::Connection> connection_;
    event::Timer connect_soon_;
    event::Timer look_soon_;
    event::ChildProcess process_;
};

}  // namespace redis_zk::sentinel_wrapper
