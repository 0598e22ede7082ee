#include "redis-wrapper/snapshot.h"

#include <utility>

#include "common/core/info.h"
#include "common/redis/commands.h"

namespace redis_zk::redis_wrapper {

using namespace std::chrono_literals;
using core::Error;
using core::Fault;
using core::Result;

namespace {

constexpr core::milliseconds time_between_looks = 100ms;
constexpr core::milliseconds time_for_a_command = 5000ms;
// It cannot fork, or something else that it saves at the same time keeps coming in between.
constexpr int most_refusals = 20;

bool is_saving(const core::InfoFields& info) {
    return info.flag("rdb_bgsave_in_progress") == true ||
           info.flag("aof_rewrite_in_progress") == true;
}

}  // namespace

Snapshot::Snapshot(event::Loop& loop, const std::string& socket,
                   const redis::Credentials& credentials, core::Callback<std::string> on_done)
    : on_done_{std::move(on_done)},
      connection_{loop,
                  {redis::UnixSocket{socket}, credentials, 1000ms, time_for_a_command},
                  [this](const Error& error) { end(error); }},
      look_soon_{loop, [this] { look(); }} {
    look();
}

Snapshot::~Snapshot() = default;

// Nobody tells when it is ready: one look after the other.
void Snapshot::look() {
    redis::info(connection_, "persistence", [this](const Result<std::string>& info) {
        if (info) return looked(*info);
        if (!redis::is_over(info.error())) end(info.error());
    });
}

void Snapshot::looked(const std::string& info) {
    const core::InfoFields fields = core::parse_info(info);
    if (is_saving(fields)) return look_soon_.start(time_between_looks);
    if (!has_begun_) return begin();
    if (fields.text("rdb_last_bgsave_status") == "ok") return ask_for_path();
    end(Error{Fault::refused, "redis-server could not save them; its log says why"});
}

void Snapshot::begin() {
    connection_.send({"BGSAVE"}, [this](const Result<redis::Reply>& reply) {
        if (!reply && redis::is_over(reply.error())) return;
        has_begun_ = static_cast<bool>(reply);
        if (!reply && ++refusals_ == most_refusals) return end(reply.error());
        look_soon_.start(time_between_looks);
    });
}

void Snapshot::ask_for_path() {
    redis::config_get(connection_, "dir", [this](const Result<redis::FlatMap>& directory) {
        if (!directory) return redis::is_over(directory.error()) ? void() : end(directory.error());
        redis::config_get(
            connection_, "dbfilename",
            [this, directory = directory->at("dir")](const Result<redis::FlatMap>& name) {
                if (name) return end(directory + '/' + name->at("dbfilename"));
                if (!redis::is_over(name.error())) end(name.error());
            });
    });
}

void Snapshot::end(const Result<std::string>& path) {
    look_soon_.stop();
    if (auto on_done = std::exchange(on_done_, {})) on_done(path);
}

}  // namespace redis_zk::redis_wrapper
