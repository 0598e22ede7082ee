// Parts of what /status shows, and the answers of an HTTP API, as JSON.
#pragma once

#include <map>
#include <optional>
#include <string>

#include <nlohmann/json.hpp>

#include "common/app/metrics.h"
#include "common/core/endpoint.h"
#include "common/core/opinion.h"
#include "common/core/record.h"
#include "common/core/time.h"
#include "common/http/message.h"

namespace redis_zk::server {

http::Response json_answer(int status, const nlohmann::json& body);

// What /metrics answers.
http::Response metrics_answer(const app::Metrics& metrics);

// Our session in ZooKeeper: its number, and the timeout that was granted.
nlohmann::json session_json(bool is_connected, const std::string& id, core::milliseconds timeout);

nlohmann::json spoken_or_null(const std::optional<core::Endpoint>& endpoint);
nlohmann::json lineage_json(const std::optional<core::Lineage>& lineage);
nlohmann::json record_json(const core::FoundRecord& record);
nlohmann::json members_json(const std::map<std::string, core::Member>& members);
nlohmann::json sentinels_json(const std::map<core::Endpoint, core::Opinion>& opinions);

}  // namespace redis_zk::server
