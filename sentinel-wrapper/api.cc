#include "sentinel-wrapper/api.h"

#include "common/app/version.h"
#include "common/server/status.h"

namespace redis_zk::sentinel_wrapper {

using nlohmann::json;
using server::json_answer;
using server::spoken_or_null;

namespace {

const char* name_of(OwnSentinel::State state) {
    switch (state) {
        case OwnSentinel::State::stopped: return "stopped";
        case OwnSentinel::State::starting: return "starting";
        case OwnSentinel::State::running: return "running";
    }
    return "unknown";
}

json replicas_json(const OwnSentinel& sentinel) {
    json replicas = json::array();
    for (const auto& [address, replica] : sentinel.replicas)
        replicas.push_back({{"address", core::spoken(address)},
                            {"down", replica.down},
                            {"registered", !replica.absent_since}});
    return replicas;
}

json others_json(const OwnSentinel& sentinel) {
    json others = json::array();
    for (const auto& [id, other] : sentinel.others)
        others.push_back({{"id", id},
                          {"address", core::spoken(other.address)},
                          {"down", other.down},
                          {"registered", !other.absent_since}});
    return others;
}

std::optional<Endpoint> monitored_master(const View& view) {
    if (!view.sentinel.monitored) return std::nullopt;
    return view.sentinel.monitored->master;
}

std::string why_not_healthy(const View& view) {
    if (view.sentinel.state != OwnSentinel::State::running) return "the sentinel does not run";
    return view.sentinel.hangs ? "the sentinel does not answer" : "";
}

}  // namespace

std::string why_not_ready(const View& view) {
    if (auto why = why_not_healthy(view); !why.empty()) return why;
    if (!view.sentinel.monitored) return "the sentinel monitors nobody";
    if (view.sentinel.monitored->down)
        return "the master " + core::spoken(view.sentinel.monitored->master) + " is down";
    // The sentinel itself notices only after a while that its master has become a replica.
    if (view.verified != view.sentinel.monitored->master)
        return core::spoken(view.sentinel.monitored->master) + " is not verified as the master";
    if (!view.registered) return "this sentinel is not registered";
    if (auto unseen = not_seen(view); !unseen.empty()) return unseen;
    if (const auto missing = not_found_yet(view); !missing.empty())
        return "this sentinel does not know " + missing;
    return view.sentinel.has_quorum ? "" : "the sentinels that it sees could not agree (CKQUORUM)";
}

Api::Api(event::Loop& loop, Agent& agent, const Config& config)
    : agent_{agent}, config_{config}, router_{config.http_token} {
    if (!config.http) return;
    router_.get("/health", [this](const auto&) { return verdict(why_not_healthy(agent_.view())); });
    router_.get("/liveness", [this](const auto&) {
        return verdict(agent_.view().sentinel.hangs ? "the sentinel does not answer" : "");
    });
    router_.get("/readiness",
                [this](const auto&) { return verdict(why_not_ready(agent_.view())); });
    router_.get("/status", [this](const auto&) { return status(); });
    router_.get("/metrics", [this](const auto&) { return metrics(); });
    server_ = std::make_unique<http::Server>(loop, router_, http::Server::Options{*config.http});
}

Api::~Api() = default;

std::string Api::doing() const {
    if (!agent_.doing().empty()) return agent_.doing();
    const auto master = monitored_master(agent_.view());
    return master ? "monitors " + core::spoken(*master) : "starts";
}

http::Response Api::verdict(const std::string& why_not) const {
    const View& view = agent_.view();
    json body{{"state", name_of(view.sentinel.state)},
              {"address", core::spoken(view.self.address)},
              {"master", spoken_or_null(monitored_master(view))}};
    if (why_not.empty()) return json_answer(200, body);
    body["error"] = why_not + ": " + doing();
    return json_answer(503, body);
}

http::Response Api::status() const {
    const View& view = agent_.view();
    const OwnSentinel& sentinel = view.sentinel;
    const bool is_up = sentinel.monitored && !sentinel.monitored->down;
    const bool fails_over = sentinel.monitored && sentinel.monitored->failover_in_progress;
    const json session =
        server::session_json(view.zookeeper_connected, agent_.directory().session_id(),
                             agent_.directory().session_timeout());
    return json_answer(200,
                       {{"name", "sentinel-wrapper"},
                        {"version", app::version},
                        {"id", view.identity.id},
                        {"address", core::spoken(view.self.address)},
                        {"state", name_of(sentinel.state)},
                        {"registered", view.registered},
                        {"ready", why_not_ready(view).empty()},
                        {"master", spoken_or_null(monitored_master(view))},
                        {"master_up", is_up},
                        {"failover_in_progress", fails_over},
                        {"quorum", sentinel.monitored ? json(sentinel.monitored->quorum) : json()},
                        {"has_quorum", sentinel.has_quorum},
                        {"known_replicas", replicas_json(sentinel)},
                        {"known_sentinels", others_json(sentinel)},
                        {"doing", doing()},
                        {"notes", config_.warnings},
                        {"record", server::record_json(view.record)},
                        {"zookeeper", session},
                        {"members", server::members_json(view.members)},
                        {"sentinels", server::sentinels_json(view.registered_sentinels.opinions)}});
}

http::Response Api::metrics() const {
    const View& view = agent_.view();
    app::Metrics& metrics = agent_.metrics();
    const auto number = [&](const char* name, const char* help, auto value) {
        metrics.gauge(name, help).set(static_cast<double>(value));
    };
    const OwnSentinel& sentinel = view.sentinel;
    number("redis_zk_ready", "1 when this sentinel can do its work", why_not_ready(view).empty());
    number("redis_zk_master_up", "1 when the monitored master is up",
           sentinel.monitored && !sentinel.monitored->down);
    number("redis_zk_quorum_reachable", "1 when the sentinels could agree on a fail-over",
           sentinel.has_quorum);
    number("redis_zk_zookeeper_connected", "1 when ZooKeeper can be reached",
           view.zookeeper_connected);
    number("redis_zk_term", "Term of the record", view.record.term());
    number("redis_zk_known_sentinels", "Other sentinels that this one knows, dead ones too",
           sentinel.others.size());
    number("redis_zk_known_replicas", "Replicas that this sentinel knows, dead ones too",
           sentinel.replicas.size());
    number("redis_zk_members", "Nodes that are registered", view.members.size());
    number("redis_zk_sentinels", "Sentinels that are registered",
           view.registered_sentinels.opinions.size());
    return server::metrics_answer(metrics);
}

}  // namespace redis_zk::sentinel_wrapper
