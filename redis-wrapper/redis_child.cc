#include "redis-wrapper/redis_child.h"

#include <algorithm>
#include <csignal>
#include <utility>

#include "common/app/logging.h"
#include "common/core/info.h"
#include "common/redis/commands.h"
#include "common/redis/membership.h"
#include "common/server/observation.h"
#include "common/server/server_output.h"

namespace redis_zk::redis_wrapper {

using namespace std::chrono_literals;
using core::Done;
using core::Error;
using core::Result;

namespace {

constexpr core::milliseconds pause_before_connecting = 20ms;
constexpr core::milliseconds pause_before_listening = 100ms;
constexpr core::milliseconds pause_after_a_refusal = 1000ms;
// A loading or swapping Redis may be slow; that it is alive is what its process says.
constexpr core::milliseconds time_for_a_command = 5000ms;
constexpr core::milliseconds pause_before_first_answer = 2ms;
constexpr core::milliseconds pause_before_insisting = 500ms;
// However much Redis writes, there is one look in this time because of it.
constexpr core::milliseconds time_for_more_lines = 5ms;

// Zero would switch the fence off [measured, 7.0.15].
constexpr const char* lag_of_the_fence = "10";

redis::Settings closed_settings() {
    return {{"min-replicas-max-lag", lag_of_the_fence},
            {"min-replicas-to-write", redis::no_writes},
            {"replica-priority", "0"}};
}

redis::Settings as_settings(const redis::Credentials& login) {
    return {{"masteruser", login.username}, {"masterauth", login.password}};
}

redis::Settings with(redis::Settings settings, const redis::Settings& more) {
    settings.insert(settings.end(), more.begin(), more.end());
    return settings;
}

void look_at_replicas(const core::InfoFields& info, RedisLook& look) {
    for (int i = 0;; ++i) {
        const auto value = info.text("slave" + std::to_string(i));
        if (!value) return;
        const auto fields = core::parse_info_value(*value);
        const auto port = fields.integer("port").value_or(0);
        if (fields.text("state") != "online") continue;
        const Endpoint replica{std::string{fields.text("ip").value_or("")},
                               static_cast<std::uint16_t>(port)};
        look.replicas.push_back(replica);
        if (const auto offset = fields.integer("offset")) look.replica_offsets[replica] = *offset;
    }
}

// A master sends something every ten seconds at least (repl-ping-replica-period): after a longer
// silence nobody knows what it has that we have not.
constexpr std::int64_t longest_silence_in_seconds = 15;

std::optional<std::int64_t> lag_in(const core::InfoFields& info) {
    const auto silence = info.integer("master_last_io_seconds_ago");
    const auto applied = info.integer("slave_repl_offset");
    if (!silence || !applied || *silence < 0 || *silence > longest_silence_in_seconds)
        return std::nullopt;
    return info.integer("slave_read_repl_offset").value_or(*applied) - *applied;
}

// All that was written is in the append-only file, or there is none.
bool is_disk_settled(const core::InfoFields& info) {
    if (info.flag("aof_enabled") != true) return true;
    return info.flag("aof_rewrite_in_progress") == false &&
           info.flag("aof_rewrite_scheduled") == false &&
           info.text("aof_last_bgrewrite_status") == "ok" &&
           info.text("aof_last_write_status") == "ok";
}

}  // namespace

RedisLook look_from(const std::string& text, const redis::FlatMap& settings) {
    const core::InfoFields info = core::parse_info(text);
    RedisLook look;
    look.is_master = info.text("role") == "master";
    if (!look.is_master)
        look.following =
            Endpoint{std::string{info.text("master_host").value_or(nowhere.host)},
                     static_cast<std::uint16_t>(info.integer("master_port").value_or(0))};
    const bool loading = info.flag("loading") == true && info.flag("async_loading") != true;
    look.loading_at_start = loading && look.following == nowhere;
    look.refuses_reads_to_load = loading;
    const auto serves_stale = settings.find("replica-serve-stale-data");
    look.serves_stale_data = serves_stale == settings.end() || serves_stale->second != "no";
    look.loading_percent = info.number("loading_loaded_perc").value_or(0);
    look.loading_seconds_left = static_cast<int>(info.integer("loading_eta_seconds").value_or(0));
    look.link_up = info.text("master_link_status") == "up";
    look.sync_in_progress =
        info.flag("master_sync_in_progress") == true || (loading && !look.loading_at_start);
    const auto to_write = settings.find("min-replicas-to-write");
    look.open = to_write != settings.end() && to_write->second != redis::no_writes;
    const auto login = settings.find("masteruser");
    look.copies_nobody =
        login != settings.end() && login->second == redis::credentials_of_nobody().username;
    look.priority = static_cast<int>(info.integer("slave_priority").value_or(0));
    look.run_id = info.text("run_id").value_or("");
    look_at_replicas(info, look);
    look.replicas_that_count = info.integer("min_slaves_good_slaves");
    look.append_only = info.flag("aof_enabled") == true;
    look.disk_settled = is_disk_settled(info);
    look.replication_id = info.text("master_replid").value_or("");
    look.former_replication_id = info.text("master_replid2").value_or("");
    look.offset = info.integer("master_repl_offset").value_or(0);
    look.lag = lag_in(info);
    if (const auto seconds = info.integer("master_last_io_seconds_ago"); seconds && *seconds >= 0)
        look.silence_of_master = std::chrono::seconds{*seconds};
    look.unwritten = info.integer("aof_buffer_length").value_or(0);
    look.keys = core::keys_of_all_databases(info);
    return look;
}

std::optional<std::string> RedisChild::refusal() const {
    return has_answered_ ? std::nullopt : server::refusal_in(last_lines_.lines());
}

std::optional<std::string> RedisChild::why_too_old() const {
    if (!why_too_old_) return std::nullopt;
    return "REDIS_SERVER: " + options_.executable + ' ' + *why_too_old_;
}

bool is_noise_of_parking(std::string_view line) {
    for (const std::string_view noise :
         {"Connecting to MASTER 127.0.0.1:0", "MASTER <-> REPLICA sync started",
          "Connecting to PRIMARY 127.0.0.1:0", "PRIMARY <-> REPLICA sync started",  // Valkey 8
          "Error condition on socket for SYNC: Connection refused"})
        if (line.find(noise) != std::string_view::npos) return true;
    return false;
}

RedisChild::RedisChild(event::Loop& loop, event::Reaper& reaper, Options options, Handlers handlers)
    : loop_{loop},
      options_{std::move(options)},
      handlers_{std::move(handlers)},
      connect_soon_{loop, [this] { connect(); }},
      become_member_soon_{loop, [this] { become_member(); }},
      insist_soon_{loop, [this] { insist_on_stopping(); }},
      look_soon_{loop, [this] { look(); }},
      process_{loop,
               reaper,
               {options_.executable, {options_.configuration}, {}, {}},
               {[this](const std::string& text) { line(text); },
                [this](const event::ExitStatus& status) { handlers_.on_exit(status); }}} {
    connect_soon_.start(1ms);
}

RedisChild::~RedisChild() = default;

void RedisChild::connect() {
    connection_ = std::make_unique<redis::Connection>(
        loop_,
        redis::Connection::Options{redis::UnixSocket{options_.socket}, options_.credentials, 1000ms,
                                   time_for_a_command},
        [this](const Error&) { lost(); });
    // Not in the configuration file: Redis 6.2 does not know it, and does not wait either. Being
    // the first question, it hears why nobody is let in.
    redis::config_set(*connection_,
                      {{"shutdown-timeout", std::to_string(options_.shutdown_timeout.count())}},
                      [this](const Result<core::Done>& done) {
                          if (!done && done.error().message.find("CONFIG") == std::string::npos)
                              complain(done.error());
                      });
    if (!lends_data_)
        redis::forbid_replication(*connection_, [this](const Result<std::int64_t>& done) {
            if (!done) membership_refused(done.error());
        });
    looks_.begin_anew();
    // What was under way ended with the old connection.
    if (!cluster_.empty()) become_member_soon_.start(0ms);
}

void RedisChild::lost() {
    // It listens only some milliseconds after it was started: until then ask often.
    if (!has_answered_) return connect_soon_.start(pause_before_first_answer);
    // Once at once: who cuts us has cut all clients, and when they are back they may be more than
    // maxclients. With 3000 of them on one host and room for 1000, 20 ms later was too late 8 times
    // of 15, and at once never of 20 [measured, 7.0.15].
    connect_soon_.start(std::exchange(answered_here_, false) ? 0ms : pause_before_connecting);
}

// Nobody can command a redis that refuses us, as when its clients use up maxclients.
void RedisChild::complain(const Error& error) {
    const std::string sentence = "redis-server does not let its wrapper in: " + error.message;
    if (error.fault == core::Fault::refused && refusals_.should_say(sentence, loop_.now()))
        app::log_warning(sentence);
}

void RedisChild::look() {
    if (connection_) looks_.look();
}

void RedisChild::ask() {
    connection_->send({"INFO"}, [this](const Result<redis::Reply>& info) {
        if (!info) {
            looks_.failed();
            complain(info.error());
            // A script that runs for long keeps Redis from answering anything else.
            if (info.error().message.starts_with("BUSY ")) handlers_.on_busy();
            return;
        }
        ask_for_settings(info->text);
    });
}

// One after the other: Redis 6.2 tells those of one name, or pattern, at a time.
void RedisChild::ask_for_settings(const std::string& info) {
    ask_for_setting(info, {}, {"replica-serve-stale-data", "min-replicas-to-write", "masteruser"});
}

void RedisChild::ask_for_setting(const std::string& info, const redis::FlatMap& known,
                                 std::vector<std::string> names) {
    if (names.empty()) return looked(info, known);
    const std::string name = std::move(names.back());
    names.pop_back();
    redis::config_get(*connection_, name,
                      [this, info, known, names](Result<redis::FlatMap> answer) {
                          if (!answer) return looks_.failed();
                          redis::FlatMap settings = std::move(answer).value();
                          settings.insert(known.begin(), known.end());
                          ask_for_setting(info, settings, names);
                      });
}

void RedisChild::looked(const std::string& info, const redis::FlatMap& settings) {
    const core::InfoFields fields = core::parse_info(info);
    if (const auto version = fields.text("redis_version"); version && !has_answered_) {
        why_too_old_ = server::why_unsupported(std::string{*version});
        if (why_too_old_) return kill();
    }
    has_answered_ = answered_here_ = true;
    const RedisLook look_now = look_from(info, settings);
    is_parked_ = look_now.following == nowhere;
    handlers_.on_look(look_now);
    looks_.answered();
}

void RedisChild::set(redis::Settings settings, OnDone on_done) {
    redis::config_set(*connection_, std::move(settings), std::move(on_done));
}

void RedisChild::close(OnDone on_done) { set(closed_settings(), looks_.after(std::move(on_done))); }

void RedisChild::pause(core::milliseconds duration, OnDone on_done) {
    redis::client_pause_writes(*connection_, duration, looks_.after(std::move(on_done)));
}

void RedisChild::unpause() { redis::client_unpause(*connection_, {}); }

void RedisChild::open(OnDone on_done) {
    may_copy_ = false;
    // First: what is written from here on, nothing older may replace.
    set(with(as_settings(redis::credentials_of_nobody()),
             {{"min-replicas-max-lag", std::to_string(options_.min_replicas_max_lag)},
              {"min-replicas-to-write", std::to_string(options_.min_replicas_to_write)},
              {"replica-priority", std::to_string(options_.priority)}}),
        looks_.after(std::move(on_done)));
}

void RedisChild::offer(OnDone on_done) {
    set({{"replica-priority", std::to_string(options_.priority)}},
        looks_.after(std::move(on_done)));
}

void RedisChild::promote(OnDone on_done) {
    may_copy_ = false;
    set(with(closed_settings(), as_settings(redis::credentials_of_nobody())),
        [this, then = looks_.after(std::move(on_done))](const Result<Done>& it) {
            if (!it) return then(it);
            redis::replicaof_no_one(*connection_, then);
        });
}

void RedisChild::follow(const Endpoint& master, OnDone on_done) {
    may_copy_ = true;
    replicate(master, login_at_the_master(), std::move(on_done));
}

void RedisChild::replicate(const Endpoint& master, const redis::Settings& login, OnDone on_done) {
    set(with(closed_settings(), login),
        [this, master, then = looks_.after(std::move(on_done))](const Result<Done>& it) {
            if (!it) return then(it);
            redis::replicaof(*connection_, master, then);
            // Pooled clients of a former master would get READONLY for minutes.
            redis::client_kill(*connection_, "normal", {});
            redis::client_kill(*connection_, "pubsub", {});
        });
}

void RedisChild::park(OnDone on_done) {
    may_copy_ = false;
    replicate(nowhere, as_settings(redis::credentials_of_nobody()), std::move(on_done));
}

void RedisChild::shut_down() {
    process_.kill(SIGTERM);
    insist_soon_.start(pause_before_insisting);
}

// Redis refuses while it writes its first append-only file after a full synchronisation, and does
// not try again by itself [measured, 7.0.15]. One that obeys says so while it waits for its
// replicas, and nothing while it saves.
void RedisChild::insist_on_stopping() {
    redis::info(*connection_, "server", [this](const Result<std::string>& info) {
        const bool is_silent = !info && info.error().fault == core::Fault::connection_lost;
        const bool obeys = info && core::parse_info(*info).text("shutdown_in_milliseconds");
        if (!is_silent && !obeys) process_.kill(SIGTERM);
        insist_soon_.start(pause_before_insisting);
    });
}

void RedisChild::kill() { process_.kill(SIGKILL); }

void RedisChild::prove_membership(const std::string& cluster) {
    if (cluster.empty()) return;
    if (cluster == cluster_) return;
    cluster_ = cluster;
    become_member_soon_.start(0ms);
}

redis::Settings RedisChild::login_at_the_master() const {
    const redis::Credentials& login =
        cluster_.empty() ? options_.at_a_plain_master
                         : redis::replication_credentials(cluster_, options_.credentials.password);
    return as_settings(login);
}

void RedisChild::lend_data() {
    if (std::exchange(lends_data_, true)) return;
    become_member_soon_.start(0ms);
}

// First what makes the node usable as a member, then what says that it is one.
void RedisChild::become_member() {
    // connect() comes back here.
    if (cluster_.empty() || !connection_) return;
    const auto then = [this](auto next) {
        return [this, next](const Result<Done>& done) {
            done ? next() : membership_refused(done.error());
        };
    };
    const auto log_in = [this, then] {
        if (!may_copy_) return listen();
        set(login_at_the_master(), then([this] { listen(); }));
    };
    if (!lends_data_) return log_in();
    redis::allow_replication(
        *connection_, redis::replication_credentials(cluster_, options_.credentials.password),
        then(log_in));
}

void RedisChild::membership_refused(const Error& error) {
    const bool is_answer = error.fault != core::Fault::connection_lost;
    if (is_answer && std::exchange(complaint_, error.message) != error.message)
        app::log_warning("redis does not let this node be a member of the cluster: " +
                         error.message);
    become_member_soon_.start(pause_after_a_refusal);
}

void RedisChild::listen() {
    listener_ = std::make_unique<redis::Connection>(
        loop_,
        redis::Connection::Options{redis::UnixSocket{options_.socket}, options_.credentials, 1000ms,
                                   time_for_a_command},
        [this](const Error& error) {
            if (error.fault == core::Fault::refused) return membership_refused(error);
            become_member_soon_.start(pause_before_listening);
        });
    listener_->subscribe({"SUBSCRIBE", redis::membership_channel(cluster_)},
                         [](const redis::Reply&) {});
}

void RedisChild::line(const std::string& text) {
    if (is_parked_ && is_noise_of_parking(text)) return;
    last_lines_.add(text);
    if (!look_soon_.is_armed()) look_soon_.start(time_for_more_lines);
}

}  // namespace redis_zk::redis_wrapper
