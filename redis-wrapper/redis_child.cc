#include "redis-wrapper/redis_child.h"

#include <algorithm>
#include <csignal>
#include <utility>

#include "common/app/logging.h"
#include "common/core/info.h"
#include "common/redis/commands.h"
#include "redis-wrapper/questions.h"
#include "redis-wrapper/server_output.h"

namespace redis_zk::redis_wrapper {

using namespace std::chrono_literals;
using core::Done;
using core::Error;
using core::Result;

namespace {

constexpr core::milliseconds pause_before_connecting = 20ms;
constexpr core::milliseconds pause_before_listening = 100ms;
// A loading or swapping Redis may be slow; that it is alive is what its process says.
constexpr core::milliseconds time_for_a_command = 5000ms;
constexpr core::milliseconds pause_before_first_answer = 2ms;
constexpr core::milliseconds pause_before_asking_again = 500ms;
// However much Redis writes, there is one look in this time because of it.
constexpr core::milliseconds time_for_more_lines = 5ms;
constexpr std::size_t lines_to_keep = 20;

// No cluster has so many replicas: a master with this setting refuses every write, at once.
constexpr const char* fence = "2147483647";
// Zero would switch the fence off [measured, 7.0.15].
constexpr const char* lag_of_the_fence = "10";

redis::Settings closed_settings() {
    return {{"min-replicas-max-lag", lag_of_the_fence},
            {"min-replicas-to-write", fence},
            {"replica-priority", "0"}};
}

std::int64_t keys_in(const core::InfoFields& info) {
    std::int64_t keys = 0;
    for (int database = 0; database < 64; ++database)
        if (const auto value = info.text("db" + std::to_string(database)))
            keys += core::parse_info_value(*value).integer("keys").value_or(0);
    return keys;
}

std::vector<Endpoint> replicas_in(const core::InfoFields& info) {
    std::vector<Endpoint> replicas;
    for (int i = 0;; ++i) {
        const auto value = info.text("slave" + std::to_string(i));
        if (!value) return replicas;
        const auto fields = core::parse_info_value(*value);
        const auto port = fields.integer("port").value_or(0);
        if (fields.text("state") == "online")
            replicas.push_back(
                {std::string{fields.text("ip").value_or("")}, static_cast<std::uint16_t>(port)});
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
    look.loading_percent = info.number("loading_loaded_perc").value_or(0);
    look.loading_seconds_left = static_cast<int>(info.integer("loading_eta_seconds").value_or(0));
    look.link_up = info.text("master_link_status") == "up";
    look.sync_in_progress =
        info.flag("master_sync_in_progress") == true || (loading && !look.loading_at_start);
    const auto to_write = settings.find("min-replicas-to-write");
    look.open = to_write != settings.end() && to_write->second != fence;
    look.run_id = info.text("run_id").value_or("");
    look.replicas = replicas_in(info);
    look.append_only = info.flag("aof_enabled") == true;
    look.disk_settled = is_disk_settled(info);
    look.replication_id = info.text("master_replid").value_or("");
    look.offset = info.integer("master_repl_offset").value_or(0);
    look.lag = lag_in(info);
    look.unwritten = info.integer("aof_buffer_length").value_or(0);
    look.keys = keys_in(info);
    return look;
}

std::optional<std::string> RedisChild::refusal() const {
    return has_answered_ ? std::nullopt : refusal_in(last_lines_);
}

bool is_noise_of_parking(std::string_view line) {
    for (const std::string_view noise :
         {"Connecting to MASTER 127.0.0.1:0", "MASTER <-> REPLICA sync started",
          "Error condition on socket for SYNC: Connection refused"})
        if (line.find(noise) != std::string_view::npos) return true;
    return false;
}

RedisChild::RedisChild(event::Loop& loop, event::Reaper& reaper, Options options, Handlers handlers)
    : loop_{loop},
      options_{std::move(options)},
      handlers_{std::move(handlers)},
      connect_soon_{loop, [this] { connect(); }},
      listen_soon_{loop, [this] { listen(); }},
      ask_to_stop_again_{loop, [this] { ask_to_stop(); }},
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
    // What the former connection was asked, also since its end, is not answered any more.
    looking_ = look_again_ = false;
    after_the_look_.clear();
    look();
}

void RedisChild::lost() {
    // It listens only some milliseconds after it was started: until then ask often.
    connect_soon_.start(has_answered_ ? pause_before_connecting : pause_before_first_answer);
}

void RedisChild::look() {
    if (!connection_) return;
    if (looking_) {
        look_again_ = true;
        return;
    }
    looking_ = true;
    connection_->send({"INFO"}, [this](const Result<redis::Reply>& info) {
        if (!info) {
            looking_ = false;
            return;
        }
        redis::config_get(*connection_, "min-replicas-to-write",
                          [this, text = info->text](const Result<redis::FlatMap>& settings) {
                              looking_ = false;
                              if (settings) looked(text, *settings);
                          });
    });
}

void RedisChild::looked(const std::string& info, const redis::FlatMap& settings) {
    has_answered_ = true;
    const RedisLook look_now = look_from(info, settings);
    is_parked_ = look_now.following == nowhere;
    handlers_.on_look(look_now);
    // Who waits for a look wants one that began after his command.
    if (std::exchange(look_again_, false)) return look();
    for (const OnDone& on_done : std::exchange(after_the_look_, {})) on_done(Done{});
}

RedisChild::OnDone RedisChild::with_a_look(OnDone on_done) {
    return [this, on_done = std::move(on_done)](const Result<Done>& done) {
        if (!done) return on_done(done);
        after_the_look_.push_back(on_done);
        look();
    };
}

void RedisChild::set(redis::Settings settings, OnDone on_done) {
    redis::config_set(*connection_, std::move(settings), std::move(on_done));
}

void RedisChild::close(OnDone on_done) { set(closed_settings(), with_a_look(std::move(on_done))); }

void RedisChild::open(OnDone on_done) {
    set({{"min-replicas-max-lag", std::to_string(options_.min_replicas_max_lag)},
         {"min-replicas-to-write", std::to_string(options_.min_replicas_to_write)},
         {"replica-priority", std::to_string(options_.priority)}},
        with_a_look(std::move(on_done)));
}

void RedisChild::promote(OnDone on_done) {
    set(closed_settings(), [this, then = with_a_look(std::move(on_done))](const Result<Done>& it) {
        if (!it) return then(it);
        redis::replicaof_no_one(*connection_, then);
    });
}

void RedisChild::follow(const Endpoint& master, OnDone on_done) {
    set(closed_settings(),
        [this, master, then = with_a_look(std::move(on_done))](const Result<Done>& it) {
            if (!it) return then(it);
            redis::replicaof(*connection_, master, then);
            // Pooled clients of a former master would get READONLY for minutes.
            redis::client_kill(*connection_, "normal", {});
            redis::client_kill(*connection_, "pubsub", {});
        });
}

void RedisChild::park(OnDone on_done) { follow(nowhere, std::move(on_done)); }

void RedisChild::shut_down() { ask_to_stop(); }

// Redis refuses while it writes its first append-only file after a full synchronisation, and does
// not try again by itself [measured, 7.0.15].
void RedisChild::ask_to_stop() {
    process_.kill(SIGTERM);
    ask_to_stop_again_.start(pause_before_asking_again);
}

void RedisChild::kill() { process_.kill(SIGKILL); }

void RedisChild::prove_membership(const std::string& cluster) {
    if (cluster.empty()) return;
    const std::string channel = membership_channel(cluster);
    if (channel == channel_) return;
    channel_ = channel;
    listen_soon_.start(0ms);
}

void RedisChild::listen() {
    listener_ = std::make_unique<redis::Connection>(
        loop_,
        redis::Connection::Options{redis::UnixSocket{options_.socket}, options_.credentials, 1000ms,
                                   time_for_a_command},
        [this](const Error&) { listen_soon_.start(pause_before_listening); });
    listener_->subscribe({"SUBSCRIBE", channel_}, [](const redis::Reply&) {});
}

void RedisChild::line(const std::string& text) {
    if (is_parked_ && is_noise_of_parking(text)) return;
    const std::string harmless = without_secret(text);
    last_lines_.push_back(harmless);
    if (last_lines_.size() > lines_to_keep) last_lines_.erase(last_lines_.begin());
    app::log_line_of_child("redis-server", harmless);
    if (!look_soon_.is_armed()) look_soon_.start(time_for_more_lines);
}

}  // namespace redis_zk::redis_wrapper
