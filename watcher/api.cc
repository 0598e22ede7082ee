#include "watcher/api.h"

#include "common/server/status.h"
#include "watcher/core/judge.h"
#include "watcher/front_page.h"

namespace redis_zk::watcher {

Api::Api(event::Loop& loop, Agent& agent, const Config& config)
    : agent_{agent}, random_{std::random_device{}()} {
    add_pages();
    add_verdicts();
    server_ = std::make_unique<http::Server>(loop, router_, http::Server::Options{config.listen});
}

Api::~Api() = default;

void Api::add_pages() {
    router_.get("/sentinel",
                [this](const auto&) { return sentinel_page(agent_.view(), random_()); });
    router_.get("/sentinels", [this](const auto&) { return sentinels_page(agent_.view()); });
    router_.get("/sentinels.json",
                [this](const auto&) { return sentinels_json_page(agent_.view(), agent_.now()); });
    router_.get("/master.json", [this](const auto&) {
        return master_json_page(agent_.view(), agent_.now(), agent_.directory().master_since());
    });
    router_.get("/status", [this](const auto&) {
        return status_page(agent_.view(), agent_.now(), surroundings());
    });
    router_.get("/events", [this](const auto&) { return events_page(agent_.events()); });
    router_.get("/history",
                [this](const auto&) { return history_page(agent_.directory().history()); });
    router_.get("/", [this](const auto&) {
        return front_page(agent_.view(), agent_.now(), surroundings(), router_.pages());
    });
    router_.get("/metrics", [this](const auto&) { return metrics(); });
}

void Api::add_verdicts() {
    router_.get("/health", [this](const auto&) { return verdict(why_not_healthy(agent_.view())); });
    router_.get("/liveness", [this](const auto&) { return verdict(""); });
    router_.get("/readiness",
                [this](const auto&) { return verdict(why_not_ready(agent_.view())); });
}

Surroundings Api::surroundings() const {
    const Directory& directory = agent_.directory();
    return {agent_.doing(), directory.session_id(), directory.session_timeout(),
            directory.master_since()};
}

http::Response Api::verdict(const std::string& why_not) const {
    const View& view = agent_.view();
    nlohmann::json body{{"master", server::spoken_or_null(view.record.master())},
                        {"term", view.record.term()}};
    if (why_not.empty()) return server::json_answer(200, body);
    body["error"] = why_not + (agent_.doing().empty() ? "" : ": " + agent_.doing());
    return server::json_answer(503, body);
}

http::Response Api::metrics() const {
    const View& view = agent_.view();
    app::Metrics& metrics = agent_.metrics();
    const auto number = [&](const char* name, const char* help, auto value) {
        metrics.gauge(name, help).set(static_cast<double>(value));
    };
    const auto master = view.record.master();
    number("redis_zk_ready", "1 when this watcher can do its work", why_not_ready(view).empty());
    number("redis_zk_zookeeper_connected", "1 when ZooKeeper can be reached",
           view.zookeeper_connected);
    number("redis_zk_listening", "1 when a sentinel is listened to",
           view.listening.state == Listening::State::listening);
    number("redis_zk_term", "Term of the record", view.record.term());
    number("redis_zk_master_verified", "1 when the recorded master has proven to be master",
           master && is_verified(view, *master, agent_.now()));
    number("redis_zk_disagreements", "Contradictions between record, sentinels and nodes",
           disagreements(view, agent_.now()).size());
    number("redis_zk_members", "Nodes that are registered", view.members.size());
    number("redis_zk_sentinels", "Sentinels that are registered", view.sentinels.size());
    return server::metrics_answer(metrics);
}

}  // namespace redis_zk::watcher
