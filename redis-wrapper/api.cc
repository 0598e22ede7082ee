#include "redis-wrapper/api.h"

#include <charconv>
#include <utility>

#include "common/app/version.h"
#include "common/server/status.h"
#include "redis-wrapper/core/hand_over.h"
#include "redis-wrapper/core/outlook.h"
#include "redis-wrapper/core/service.h"
#include "redis-wrapper/core/storm.h"

namespace redis_zk::redis_wrapper {

using core::Role;
using nlohmann::json;
using server::json_answer;
using server::lineage_json;
using server::spoken_or_null;

namespace {

constexpr std::int64_t largest_lag = std::int64_t{1} << 50;

// Whether it could hand over now, and what became of the last one.
json hand_over_json(const View& view, core::TimePoint now) {
    json last = nullptr;
    if (const auto& it = view.hand_over)
        last = {{"under_way", !it->is_over}, {"done", it->is_done}, {"outcome", it->outcome}};
    const auto obstacle = obstacle_to_begin_a_hand_over(view, now);
    return {{"possible", !obstacle}, {"obstacle", obstacle.value_or("")}, {"last", last}};
}

// Of its redis, soon after it became master.
json early_crashes_json(const View& view, core::TimePoint now) {
    return {{"count", view.early_crashes.count},
            {"steps_back", steps_back(view)},
            {"seconds_left", seconds_to_step_back(view, now)}};
}

json after_death_json(const AfterDeath& it) {
    return {{"successor", spoken_or_null(it.successor)},
            {"loss_bytes", it.loss ? json(*it.loss) : json()},
            {"how", it.how}};
}

}  // namespace

std::optional<std::int64_t> parse_bytes(std::string_view text) {
    std::int64_t number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc{} || number < 0) return std::nullopt;
    const std::string_view unit = text.substr(static_cast<std::size_t>(end - text.data()));
    for (const auto& [name, shift] :
         {std::pair{"", 0}, {"b", 0}, {"kb", 10}, {"mb", 20}, {"gb", 30}})
        if (unit == name && number <= largest_lag >> shift) return number << shift;
    return std::nullopt;
}

Api::Api(event::Loop& loop, Agent& agent, const Config& config)
    : agent_{agent}, config_{config}, router_{config.http_token} {
    if (!config.http) return;
    router_.get("/master", [this](const auto&) { return answer(obstacle_to_master()); });
    router_.get("/primary", [this](const auto&) { return answer(obstacle_to_master()); });
    router_.get("/replica", [this](const auto& request) { return replica(request); });
    router_.get("/health", [this](const auto&) { return answer(why_no_reads(agent_.view())); });
    router_.get("/liveness", [this](const auto&) { return liveness(); });
    router_.get("/readiness", [this](const auto&) { return readiness(); });
    router_.get("/status", [this](const auto&) { return status(); });
    router_.get("/metrics", [this](const auto&) { return metrics(); });
    router_.post("/handover", http::Router::Effect::changes_something,
                 [this](const auto&) { return hand_over(); });
    server_ = std::make_unique<http::Server>(loop, router_, http::Server::Options{*config.http});
}

Api::~Api() = default;

std::string Api::obstacle_to_master() const {
    return why_no_master(agent_.view(), agent_.now(), agent_.tolerated_delay());
}

// What this node is, in a sentence, when it waits for nothing.
std::string Api::spoken_state() const {
    const View& view = agent_.view();
    if (is_master()) return "master of term " + std::to_string(view.record.term());
    if (is_in_sync(view)) return "in sync with " + core::spoken(*view.redis.following);
    return core::name_of(view.redis.role);
}

std::string Api::doing() const { return agent_.doing().empty() ? spoken_state() : agent_.doing(); }

http::Response Api::answer(const std::string& obstacle) const {
    const View& view = agent_.view();
    json body{{"role", core::name_of(view.redis.role)},
              {"address", core::spoken(view.self.address)}};
    if (obstacle.empty()) return json_answer(200, body);
    body["error"] = obstacle + ": " + doing();
    return json_answer(503, body);
}

http::Response Api::replica(const http::Request& request) const {
    std::optional<std::int64_t> most;
    if (const auto lag = request.query.find("lag"); lag != request.query.end()) {
        most = parse_bytes(lag->second);
        if (!most) return http::json_error(400, "lag is a number of bytes: 100, 64kb, 1mb");
    }
    return answer(why_no_replica(agent_.view(), most));
}

// What nobody sees from outside, and everybody asks about.
std::vector<std::string> Api::notes() const {
    std::vector<std::string> notes = config_.warnings;
    const auto why = why_no_writes(agent_.view(), config_.user.min_replicas_to_write);
    if (!why.empty()) notes.push_back(why);
    return notes;
}

http::Response Api::liveness() const {
    const View& view = agent_.view();
    const bool lives = view.redis.role != Role::stopped && !view.redis.hangs;
    return answer(lives ? "" : "redis does not answer");
}

http::Response Api::readiness() const {
    const bool is_ready = is_master() || is_in_sync(agent_.view());
    return answer(is_ready ? "" : "this node is not ready");
}

// Answered at once: it takes some tenths of a second, and /status tells what became of it.
http::Response Api::hand_over() const {
    const View& view = agent_.view();
    if (const auto obstacle = obstacle_to_begin_a_hand_over(view, agent_.now()))
        return http::json_error(409, "this node cannot hand over: " + *obstacle);
    agent_.hand_over();
    return json_answer(202, {{"doing", "handing over"}});
}

http::Response Api::status() const {
    const View& view = agent_.view();
    json body{{"name", "redis-wrapper"},
              {"version", app::version},
              {"id", view.self.id},
              {"address", core::spoken(view.self.address)},
              {"role", core::name_of(view.redis.role)},
              {"fenced", view.redis.role == Role::master && !view.redis.open},
              {"following", spoken_or_null(view.redis.following)},
              {"link_up", view.redis.link_up},
              {"in_sync", is_in_sync(view)},
              {"offset", view.redis.offset},
              {"lag", view.redis.lag ? json(*view.redis.lag) : json()},
              {"lineage", lineage_json(view.redis.lineage)},
              {"doing", doing()},
              {"why", why_this_role(view)},
              {"if_the_master_died", after_death_json(if_the_master_died(view, agent_.now()))},
              {"early_crashes", early_crashes_json(view, agent_.now())},
              {"notes", notes()},
              {"record", server::record_json(view.record)},
              {"zookeeper",
               server::session_json(view.zookeeper_connected, agent_.directory().session_id(),
                                    agent_.directory().session_timeout())},
              {"members", server::members_json(view.members)},
              {"sentinels", server::sentinels_json(view.sentinels.opinions)},
              {"hand_over", hand_over_json(view, agent_.now())},
              {"loading", nullptr}};
    if (view.redis.loads)
        body["loading"] = {{"percent", view.redis.loading_percent},
                           {"seconds_left", view.redis.loading_seconds_left}};
    return json_answer(200, body);
}

http::Response Api::metrics() const {
    const View& view = agent_.view();
    app::Metrics& metrics = agent_.metrics();
    const auto flag = [&](const char* name, const char* help, bool value) {
        metrics.gauge(name, help).set(value ? 1 : 0);
    };
    flag("redis_zk_master", "1 when this node is master and takes writes", is_master());
    flag("redis_zk_in_sync", "1 when this node is a replica in sync", is_in_sync(view));
    flag("redis_zk_fenced", "1 when this node is a master that refuses writes",
         view.redis.role == Role::master && !view.redis.open);
    flag("redis_zk_zookeeper_connected", "1 when ZooKeeper can be reached",
         view.zookeeper_connected);
    flag("redis_zk_steps_back",
         "1 when this node leaves it to others to lead, for its redis crashes", steps_back(view));
    metrics.gauge("redis_zk_early_crashes", "Crashes of redis within a minute of its promotion")
        .set(view.early_crashes.count);
    metrics.gauge("redis_zk_term", "Term of the record")
        .set(static_cast<double>(view.record.term()));
    metrics.gauge("redis_zk_offset_bytes", "Replication offset of redis")
        .set(static_cast<double>(view.redis.offset));
    metrics.gauge("redis_zk_members", "Nodes that are registered")
        .set(static_cast<double>(view.members.size()));
    metrics.gauge("redis_zk_sentinels", "Sentinels that are registered")
        .set(static_cast<double>(view.sentinels.opinions.size()));
    return server::metrics_answer(metrics);
}

}  // namespace redis_zk::redis_wrapper
