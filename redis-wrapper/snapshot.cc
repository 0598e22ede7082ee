#include "redis-wrapper/snapshot.h"

#include <utility>

#include "common/redis/commands.h"

namespace redis_zk::redis_wrapper {

using namespace std::chrono_literals;
using core::Error;
using core::Fault;
using core::Result;

namespace {

constexpr core::milliseconds time_between_looks = 100ms;
constexpr core::milliseconds time_for_a_command = 5s;
// It cannot fork for want of memory, its clients use up maxclients, or the like.
constexpr core::milliseconds longest_refusal = 60s;
constexpr auto refusal_for_good = "NOPERM";  // its ACL does not let us
// Its disk is gone.
constexpr core::milliseconds longest_standstill = 600s;

bool is_saving(const core::InfoFields& info) {
    return info.flag("rdb_bgsave_in_progress") == true ||
           info.flag("aof_rewrite_in_progress") == true;
}

}  // namespace

Snapshot::Snapshot(event::Loop& loop, std::string socket, redis::Credentials credentials,
                   core::Callback<std::string> on_done)
    : loop_{loop},
      socket_{std::move(socket)},
      credentials_{std::move(credentials)},
      on_done_{std::move(on_done)},
      progress_at_{loop.now()},
      obeyed_at_{loop.now()},
      look_soon_{loop, [this] { look(); }} {
    look();
}

Snapshot::~Snapshot() = default;

void Snapshot::connect() {
    connection_ = std::make_unique<redis::Connection>(
        loop_,
        redis::Connection::Options{redis::UnixSocket{socket_}, credentials_, 1000ms,
                                   time_for_a_command},
        [this](const Error& error) {
            is_cut_ = true;
            failed(error);
        });
    is_cut_ = false;
}

// Nobody tells when it is ready: one look after the other.
void Snapshot::look() {
    if (is_cut_) connect();
    redis::info(*connection_, "persistence", [this](const Result<std::string>& info) {
        if (info) return looked(core::parse_info(*info));
        if (!redis::is_over(info.error())) failed(info.error());
    });
}

void Snapshot::looked(const core::InfoFields& info) {
    if (is_saving(info)) return wait_for_the_save(info);
    if (!has_begun_) return begin();
    if (info.text("rdb_last_bgsave_status") == "ok") return ask_for_path();
    end(Error{Fault::refused, "redis-server could not save them; its log says why"});
}

void Snapshot::wait_for_the_save(const core::InfoFields& info) {
    obeyed_at_ = loop_.now();
    const auto keys = info.integer("current_save_keys_processed").value_or(0);
    if (std::exchange(keys_saved_, keys) != keys) progress_at_ = loop_.now();
    if (loop_.now() < progress_at_ + longest_standstill)
        return look_soon_.start(time_between_looks);
    end(Error{Fault::refused, "redis-server is saving and does not get on with it"});
}

void Snapshot::begin() {
    connection_->send({"BGSAVE"}, [this](const Result<redis::Reply>& reply) {
        if (!reply) return redis::is_over(reply.error()) ? void() : failed(reply.error());
        has_begun_ = true;
        progress_at_ = loop_.now();
        look_soon_.start(time_between_looks);
    });
}

void Snapshot::ask_for_path() {
    redis::config_get(*connection_, "dir", [this](const Result<redis::FlatMap>& directory) {
        if (!directory)
            return redis::is_over(directory.error()) ? void() : failed(directory.error());
        redis::config_get(
            *connection_, "dbfilename",
            [this, directory = directory->at("dir")](const Result<redis::FlatMap>& name) {
                if (name) return end(directory + '/' + name->at("dbfilename"));
                if (!redis::is_over(name.error())) failed(name.error());
            });
    });
}

void Snapshot::failed(const Error& error) {
    if (error.message.starts_with(refusal_for_good)) return end(error);
    // Silent, it may be alive and swapped out.
    const auto patience = redis::is_over(error) ? longest_standstill : longest_refusal;
    if (loop_.now() < obeyed_at_ + patience) return look_soon_.start(time_between_looks);
    end(error);
}

void Snapshot::end(const Result<std::string>& path) {
    look_soon_.stop();
    connection_.reset();
    if (auto on_done = std::exchange(on_done_, {})) on_done(path);
}

}  // namespace redis_zk::redis_wrapper
