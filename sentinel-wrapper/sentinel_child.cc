#include "sentinel-wrapper/sentinel_child.h"

#include <cerrno>
#include <csignal>
#include <utility>

#include "common/app/logging.h"
#include "common/app/network.h"
#include "common/redis/membership.h"
#include "common/server/server_output.h"
#include "sentinel-wrapper/generated_configuration.h"

namespace redis_zk::sentinel_wrapper {

using namespace std::chrono_literals;
using core::Done;
using core::Error;
using core::Result;

namespace {

constexpr core::milliseconds pause_before_connecting = 20ms;
constexpr core::milliseconds pause_before_first_answer = 2ms;
constexpr core::milliseconds time_for_a_command = 5000ms;
constexpr core::milliseconds time_to_resolve = 1000ms;
constexpr core::milliseconds pause_before_admitting = 10s;
// However much it writes, there is one look in this time because of it.
constexpr core::milliseconds time_for_more_lines = 20ms;

Monitored monitored_from(const redis::SentinelMaster& master) {
    return {master.endpoint,
            static_cast<int>(master.quorum),
            master.flags.subjectively_down,
            master.flags.failover_in_progress,
            static_cast<std::uint64_t>(master.config_epoch),
            core::time_to_fail_over(master.down_after, master.failover_timeout)};
}

// Also of one that lives, but not for us: the users are the user's matter.
bool is_no_answer(const Error& error) {
    return redis::is_over(error) || error.message.starts_with("NOAUTH") ||
           error.message.starts_with("NOPERM");
}

}  // namespace

event::Command sentinel_command(const Config& config) {
    return {config.sentinel_server, {config.configuration_path(), "--sentinel"}, {}, {}};
}

SentinelLook look_from(const Result<redis::SentinelMaster>& master,
                       const std::vector<redis::SentinelReplica>& replicas,
                       const std::vector<redis::SentinelPeer>& others, bool has_quorum) {
    SentinelLook look;
    if (!master) return look;
    look.monitored = monitored_from(*master);
    look.has_quorum = has_quorum;
    for (const auto& replica : replicas)
        look.replicas.push_back(
            {replica.endpoint, replica.flags.subjectively_down || replica.flags.disconnected});
    for (const auto& other : others)
        look.others.push_back({other.id, other.endpoint, other.flags.subjectively_down});
    return look;
}

SentinelChild::SentinelChild(event::Loop& loop, event::Reaper& reaper, event::Resolver& resolver,
                             const Config& config, Handlers handlers)
    : loop_{loop},
      resolver_{resolver},
      config_{config},
      handlers_{std::move(handlers)},
      connect_soon_{loop, [this] { connect(); }},
      look_soon_{loop, [this] { look(); }},
      process_{loop,
               reaper,
               sentinel_command(config),
               {[this](const std::string& text) { line(text); },
                [this](const event::ExitStatus& status) { handlers_.on_exit(status); }}} {
    connect_soon_.start(1ms);
}

SentinelChild::~SentinelChild() = default;

std::optional<std::string> SentinelChild::refusal() const {
    return has_answered_ ? std::nullopt : server::refusal_in(last_lines_.lines());
}

void SentinelChild::connect() {
    connection_ = std::make_unique<redis::Connection>(
        loop_,
        redis::Connection::Options{redis::UnixSocket{config_.socket_path()}, credentials(), 1000ms,
                                   time_for_a_command},
        [this](const Error& error) {
            trouble_ = error.message;
            // Who was a user may be none any more.
            if (error.code == EACCES) cluster_.clear();
            // It listens only some milliseconds after it was started: until then ask often.
            connect_soon_.start(has_answered_ ? pause_before_connecting
                                              : pause_before_first_answer);
        });
    looks_.begin_anew();
}

void SentinelChild::look() {
    if (connection_) looks_.look();
}

void SentinelChild::ask() {
    const std::string& name = config_.master_name;
    answers_ = Answers{};
    redis::sentinel_master(*connection_, name,
                           [this](const auto& master) { answers_.master = master; });
    redis::sentinel_replicas(*connection_, name, [this](const auto& replicas) {
        if (replicas) answers_.replicas = *replicas;
    });
    redis::sentinel_sentinels(*connection_, name, [this](const auto& others) {
        if (others) answers_.others = *others;
    });
    redis::sentinel_ckquorum(*connection_, name, [this](const Result<std::string>& quorum) {
        if (!quorum && is_no_answer(quorum.error())) {
            trouble_ = quorum.error().message;
            return looks_.failed();
        }
        looked(look_from(answers_.master, answers_.replicas, answers_.others, bool{quorum}));
    });
}

void SentinelChild::looked(const SentinelLook& look_now) {
    has_answered_ = true;
    is_monitoring_ = look_now.monitored.has_value();
    handlers_.on_look(look_now);
    looks_.answered();
}

void SentinelChild::monitor(const Monitor& order, OnDone on_done) {
    if (app::is_address(order.master.host)) return tell(order, on_done);
    lookup_ = resolver_.resolve(
        order.master.host, time_to_resolve,
        [this, order, on_done = std::move(on_done)](const Result<event::Addresses>& addresses) {
            if (!addresses) return on_done(addresses.error());
            redis::sentinel_resolve_hostnames(*connection_,
                                              [this, order, on_done](const Result<Done>& done) {
                                                  if (!done) return on_done(done);
                                                  tell(order, on_done);
                                              });
        });
}

void SentinelChild::tell(const Monitor& order, const OnDone& on_done) {
    if (order.news && !order.afresh)
        return hear_of(order.master, *order.news, looks_.after(on_done));
    remove_and_monitor(order, looks_.after(on_done));
}

void SentinelChild::hear_of(const Endpoint& master, const News& news, OnDone on_done) {
    redis::sentinel_hear(*connection_,
                         {news.id, news.sentinel, config_.master_name, master,
                          static_cast<std::int64_t>(news.epoch)},
                         std::move(on_done));
}

// Sent in one go: the sentinel connects to nobody before it has heard the password too.
void SentinelChild::remove_and_monitor(const Monitor& order, OnDone on_done) {
    const std::string& name = config_.master_name;
    if (is_monitoring_) redis::sentinel_remove(*connection_, name, {});
    redis::sentinel_monitor(*connection_, name, order.master, order.quorum,
                            [this](const Result<Done>& done) { monitored_ = done; });
    redis::sentinel_set(*connection_, name, settings_of_master(config_),
                        [this, order, on_done = std::move(on_done)](const Result<Done>& done) {
                            const Result<Done>& first_refusal = monitored_ ? done : monitored_;
                            if (!first_refusal || !order.news) return on_done(first_refusal);
                            hear_of(order.master, *order.news, on_done);
                        });
}

void SentinelChild::stop_monitoring(OnDone on_done) {
    redis::sentinel_remove(*connection_, config_.master_name, looks_.after(std::move(on_done)));
}

void SentinelChild::reset(OnDone on_done) {
    redis::sentinel_reset(
        *connection_, config_.master_name,
        [then = looks_.after(std::move(on_done))](const Result<std::int64_t>& it) {
            then(it ? Result<Done>{Done{}} : Result<Done>{it.error()});
        });
}

void SentinelChild::set_quorum(int quorum, OnDone on_done) {
    redis::sentinel_set(*connection_, config_.master_name, {"quorum", std::to_string(quorum)},
                        looks_.after(std::move(on_done)));
}

redis::Credentials SentinelChild::credentials() const {
    if (cluster_.empty()) return config_.sentinel_credentials;
    return redis::sentinel_credentials(cluster_, config_.sentinel_credentials.password);
}

void SentinelChild::belong_to(const std::string& cluster) {
    const bool is_wished = !cluster.empty() && cluster != cluster_;
    const bool is_connected = connection_ && connection_->is_open();
    if (!is_wished || !is_connected || is_admitting_ || loop_.now() < may_admit_at_) return;
    is_admitting_ = true;
    const auto& [username, password] = config_.sentinel_credentials;
    redis::admit_sentinels(*connection_, redis::sentinel_credentials(cluster, password), username,
                           [this, cluster](const Result<Done>& done) { admitted(cluster, done); });
}

void SentinelChild::admitted(const std::string& cluster, const Result<Done>& done) {
    is_admitting_ = false;
    look();
    if (done) {
        cluster_ = cluster;
        complaint_.clear();
        return;
    }
    // Cut meanwhile, as by a sentinel that ends: the next connection is asked at once.
    if (redis::is_over(done.error())) return;
    may_admit_at_ = loop_.now() + pause_before_admitting;
    if (std::exchange(complaint_, done.error().message) != done.error().message)
        app::log_warning("redis-sentinel does not let this one tell its own from others: " +
                         done.error().message);
}

void SentinelChild::shut_down() { process_.kill(SIGTERM); }
void SentinelChild::kill() { process_.kill(SIGKILL); }

void SentinelChild::line(const std::string& text) {
    last_lines_.add(text);
    if (!look_soon_.is_armed()) look_soon_.start(time_for_more_lines);
}

}  // namespace redis_zk::sentinel_wrapper
