#include "common/server/status.h"

namespace redis_zk::server {

using nlohmann::json;

namespace {

const char* state_of(const core::FoundRecord& record) {
    if (!record.known) return "unknown";
    if (record.unreadable) return "unreadable";
    return record.is_absent() ? "absent" : "present";
}

}  // namespace

http::Response json_answer(int status, const json& body) {
    http::Response response;
    response.status = status;
    response.body = body.dump(-1, ' ', false, json::error_handler_t::replace) + "\n";
    return response;
}

http::Response metrics_answer(const app::Metrics& metrics) {
    http::Response response;
    response.content_type = app::Metrics::content_type;
    response.body = metrics.exposition();
    return response;
}

json session_json(bool is_connected, const std::string& id, core::milliseconds timeout) {
    return {{"connected", is_connected}, {"session", id}, {"timeout_ms", timeout.count()}};
}

json spoken_or_null(const std::optional<core::Endpoint>& endpoint) {
    return endpoint ? json(core::spoken(*endpoint)) : json();
}

json lineage_json(const std::optional<core::Lineage>& lineage) {
    if (!lineage) return nullptr;
    return {{"term", lineage->term}, {"offset", lineage->offset}};
}

json record_json(const core::FoundRecord& record) {
    return {{"state", state_of(record)},
            {"master", spoken_or_null(record.master())},
            {"term", record.term()},
            {"cluster", record.cluster()}};
}

json members_json(const std::map<std::string, core::Member>& all) {
    json members = json::array();
    for (const auto& [id, member] : all)
        members.push_back({{"id", id},
                           {"address", core::spoken(member.address)},
                           {"role", core::name_of(member.role)},
                           {"following", spoken_or_null(member.following)},
                           {"link_up", member.link_up},
                           {"priority", member.priority},
                           {"crashes_early", member.crashes_early},
                           {"lineage", lineage_json(member.lineage)}});
    return members;
}

json sentinels_json(const std::map<core::Endpoint, core::Opinion>& opinions) {
    json sentinels = json::array();
    for (const auto& [sentinel, opinion] : opinions)
        sentinels.push_back({{"address", core::spoken(sentinel)},
                             {"answered", opinion.answered},
                             {"master", spoken_or_null(opinion.master)},
                             {"can_act", opinion.can_act}});
    return sentinels;
}

}  // namespace redis_zk::server
