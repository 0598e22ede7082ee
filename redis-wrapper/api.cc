#include "redis-wrapper/api.h"

#include <charconv>

#include <nlohmann/json.hpp>

#include "common/app/version.h"

namespace redis_zk::redis_wrapper {

using core::Role;
using nlohmann::json;

namespace {

json spoken_or_null(const std::optional<core::Endpoint>& endpoint) {
    return endpoint ? json(core::spoken(*endpoint)) : json();
}

json lineage_json(const std::optional<core::Lineage>& lineage) {
    if (!lineage) return nullptr;
    return {{"term", lineage->term}, {"offset", lineage->offset}};
}

bool is_master(const View& view) {
    return view.redis.role == Role::master && view.redis.open && !view.redis.hangs;
}

http::Response answer(int status, const json& body) {
    http::Response response;
    response.status = status;
    response.body = body.dump(-1, ' ', false, json::error_handler_t::replace) + "\n";
    return response;
}

// "100", "64kb", "1mb", "2gb": bytes, as Redis writes them.
std::optional<std::int64_t> parse_bytes(std::string_view text) {
    std::int64_t number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc{} || number < 0 || number > (std::int64_t{1} << 40)) return std::nullopt;
    const std::string_view unit = text.substr(static_cast<std::size_t>(end - text.data()));
    if (unit.empty() || unit == "b") return number;
    if (unit == "kb") return number << 10;
    if (unit == "mb") return number << 20;
    if (unit == "gb") return number << 30;
    return std::nullopt;
}

const char* state_of(const core::FoundRecord& record) {
    if (!record.known) return "unknown";
    if (record.unreadable) return "unreadable";
    return record.is_absent() ? "absent" : "present";
}

json record_json(const core::FoundRecord& record) {
    return {{"state", state_of(record)},
            {"master", spoken_or_null(record.master())},
            {"term", record.term()},
            {"cluster", record.cluster()}};
}

json members_json(const View& view) {
    json members = json::array();
    for (const auto& [id, member] : view.members)
        members.push_back({{"id", id},
                           {"address", core::spoken(member.address)},
                           {"role", core::name_of(member.role)},
                           {"following", spoken_or_null(member.following)},
                           {"link_up", member.link_up},
                           {"priority", member.priority},
                           {"lineage", lineage_json(member.lineage)}});
    return members;
}

json sentinels_json(const View& view) {
    json sentinels = json::array();
    for (const auto& [sentinel, opinion] : view.sentinels.opinions)
        sentinels.push_back({{"address", core::spoken(sentinel)},
                             {"answered", opinion.answered},
                             {"master", spoken_or_null(opinion.master)},
                             {"can_act", opinion.can_act}});
    return sentinels;
}

// What this node is, in a sentence, when it waits for nothing.
std::string spoken_state(const View& view) {
    if (is_master(view)) return "master of term " + std::to_string(view.record.term());
    if (is_in_sync(view)) return "in sync with " + core::spoken(*view.redis.following);
    return core::name_of(view.redis.role);
}

}  // namespace

Api::Api(event::Loop& loop, Agent& agent, const Config& config)
    : agent_{agent}, config_{config}, router_{config.http_token} {
    if (!config.http) return;
    const auto master = [this](const auto&) {
        return role(is_master(agent_.view()), "this node is not a master that takes writes");
    };
    router_.get("/master", master);
    router_.get("/primary", master);
    router_.get("/replica", [this](const auto& request) { return replica(request); });
    router_.get("/health", [this](const auto&) {
        const auto redis_role = agent_.view().redis.role;
        return role(redis_role != Role::stopped && redis_role != Role::loading &&
                        !agent_.view().redis.hangs,
                    "redis does not serve");
    });
    router_.get("/liveness", [this](const auto&) { return liveness(); });
    router_.get("/readiness", [this](const auto&) { return readiness(); });
    router_.get("/status", [this](const auto&) { return status(); });
    router_.get("/metrics", [this](const auto&) { return metrics(); });
    server_ = std::make_unique<http::Server>(loop, router_, http::Server::Options{*config.http});
}

Api::~Api() = default;

std::string Api::why_not() const {
    return agent_.doing().empty() ? spoken_state(agent_.view()) : agent_.doing();
}

http::Response Api::role(bool wanted, const char* what) const {
    const View& view = agent_.view();
    json body{{"role", core::name_of(view.redis.role)},
              {"address", core::spoken(view.self.address)}};
    if (wanted) return answer(200, body);
    body["error"] = std::string{what} + ": " + why_not();
    return answer(503, body);
}

http::Response Api::replica(const http::Request& request) const {
    const View& view = agent_.view();
    if (!is_in_sync(view)) return role(false, "this node is not a replica in sync");
    const auto wanted = request.query.find("lag");
    if (wanted == request.query.end()) return role(true, "");
    const auto most = parse_bytes(wanted->second);
    if (!most) return http::json_error(400, "lag is a number of bytes: 100, 64kb, 1mb");
    if (!view.redis.lag) return role(false, "how far this replica is behind is not known yet");
    return role(*view.redis.lag <= *most, "this replica is too far behind");
}

// What nobody sees from outside, and everybody asks about.
std::vector<std::string> Api::notes() const {
    const View& view = agent_.view();
    std::vector<std::string> notes = config_.warnings;
    const auto replicas = static_cast<std::int64_t>(view.redis.replicas.size());
    if (is_master(view) && replicas < config_.user.min_replicas_to_write)
        notes.push_back("redis refuses writes with NOREPLICAS: min-replicas-to-write is " +
                        std::to_string(config_.user.min_replicas_to_write) + " and " +
                        std::to_string(replicas) + " replicas are connected");
    return notes;
}

http::Response Api::liveness() const {
    const View& view = agent_.view();
    return role(view.redis.role != Role::stopped && !view.redis.hangs, "redis does not answer");
}

http::Response Api::readiness() const {
    const View& view = agent_.view();
    return role(is_master(view) || is_in_sync(view), "this node is not ready");
}

http::Response Api::status() const {
    const View& view = agent_.view();
    const auto timeout = agent_.directory().session_timeout();
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
              {"doing", why_not()},
              {"notes", notes()},
              {"record", record_json(view.record)},
              {"zookeeper",
               {{"connected", view.zookeeper_connected},
                {"session", agent_.directory().session_id()},
                {"timeout_ms", timeout ? json(timeout->count()) : json()}}},
              {"members", members_json(view)},
              {"sentinels", sentinels_json(view)},
              {"loading", nullptr}};
    if (view.redis.role == Role::loading)
        body["loading"] = {{"percent", view.redis.loading_percent},
                           {"seconds_left", view.redis.loading_seconds_left}};
    return answer(200, body);
}

http::Response Api::metrics() const {
    const View& view = agent_.view();
    app::Metrics& metrics = agent_.metrics();
    const auto flag = [&](const char* name, const char* help, bool value) {
        metrics.gauge(name, help).set(value ? 1 : 0);
    };
    flag("redis_zk_master", "1 when this node is master and takes writes", is_master(view));
    flag("redis_zk_in_sync", "1 when this node is a replica in sync", is_in_sync(view));
    flag("redis_zk_fenced", "1 when this node is a master that refuses writes",
         view.redis.role == Role::master && !view.redis.open);
    flag("redis_zk_zookeeper_connected", "1 when ZooKeeper can be reached",
         view.zookeeper_connected);
    metrics.gauge("redis_zk_term", "Term of the record")
        .set(static_cast<double>(view.record.term()));
    metrics.gauge("redis_zk_offset_bytes", "Replication offset of redis")
        .set(static_cast<double>(view.redis.offset));
    metrics.gauge("redis_zk_members", "Nodes that are registered")
        .set(static_cast<double>(view.members.size()));
    metrics.gauge("redis_zk_sentinels", "Sentinels that are registered")
        .set(static_cast<double>(view.sentinels.opinions.size()));
    http::Response response;
    response.content_type = app::Metrics::content_type;
    response.body = metrics.exposition();
    return response;
}

}  // namespace redis_zk::redis_wrapper
