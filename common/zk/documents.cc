#include "common/zk/documents.h"

#include <algorithm>
#include <ctime>

#include <nlohmann/json.hpp>

namespace redis_zk::zk {

using nlohmann::json;

namespace {

// The known fields of `previous` are replaced, the others stay.
json on_top_of(const std::string& previous) {
    json document = json::parse(previous, nullptr, false);
    return document.is_object() ? document : json::object();
}

core::Error not_understood(const char* what, const std::string& why) {
    return {core::Fault::refused, std::string{what} + " cannot be understood: " + why};
}

// Whatever the library throws about a field is turned into our own kind of error here, at the edge.
template <typename T, typename Read>
core::Result<T> understand(const char* what, const std::string& text, Read read) {
    const json document = json::parse(text, nullptr, false);
    if (!document.is_object()) return not_understood(what, "it is no JSON object");
    try {
        return read(document);
    } catch (const std::exception& error) {
        return not_understood(what, error.what());
    }
}

core::Endpoint endpoint_of(const json& field) {
    const auto endpoint = core::parse_endpoint(field.get<std::string>());
    if (!endpoint) throw std::invalid_argument("an address is not \"host port\"");
    return *endpoint;
}

json lineage_json(const std::optional<core::Lineage>& lineage) {
    if (!lineage) return nullptr;
    return {{"term", lineage->term}, {"offset", lineage->offset}};
}

std::optional<core::Lineage> lineage_of(const json& field) {
    if (field.is_null()) return std::nullopt;
    return core::Lineage{field.at("term").get<std::uint64_t>(),
                         field.at("offset").get<std::int64_t>()};
}

// Bytes that are not UTF-8 must not make the text of a document fail.
std::string text_of(const json& document) {
    return document.dump(-1, ' ', false, json::error_handler_t::replace);
}

json record_json(const core::Record& record, const std::string& at, json document) {
    document["term"] = record.term;
    document["master"] = core::to_text(record.master);
    document["cluster"] = record.cluster;
    document["node"] = record.node;
    document["run_id"] = record.run_id;
    document["replication_id"] = record.replication_id;
    document["by"] = record.by;
    document["at"] = at;
    document["reason"] = record.reason;
    document["config_epoch"] = record.config_epoch;
    return document;
}

}  // namespace

std::string time_for_people() {
    const std::time_t now = std::time(nullptr);
    std::tm parts{};
    gmtime_r(&now, &parts);
    char text[sizeof "2026-11-21T10:00:00Z"];
    std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &parts);
    return text;
}

core::Result<core::Record> parse_record(const std::string& text) {
    return understand<core::Record>("the record", text, [](const json& it) -> core::Record {
        core::Record record;
        record.term = it.at("term").get<std::uint64_t>();
        record.master = endpoint_of(it.at("master"));
        record.cluster = it.value("cluster", "");
        record.node = it.value("node", "");
        record.run_id = it.value("run_id", "");
        record.replication_id = it.value("replication_id", "");
        record.by = it.value("by", "");
        record.reason = it.value("reason", "");
        record.config_epoch = it.value("config_epoch", std::uint64_t{0});
        if (record.term == 0) throw std::invalid_argument("term 0 does not exist");
        return record;
    });
}

core::Result<core::Roster> parse_roster(const std::string& text) {
    return understand<core::Roster>("the roster", text, [](const json& it) {
        return core::Roster{it.at("term").get<std::uint64_t>(), it.at("offset").get<std::int64_t>(),
                            it.at("nodes").get<std::vector<std::string>>()};
    });
}

core::Result<core::Member> parse_member(const std::string& text) {
    return understand<core::Member>("a member", text, [](const json& it) {
        core::Member member;
        member.id = it.at("id").get<std::string>();
        member.address = endpoint_of(it.at("address"));
        const auto role = core::parse_role(it.at("role").get<std::string>());
        if (!role) throw std::invalid_argument("its role is unknown");
        member.role = *role;
        if (!it.at("following").is_null()) member.following = endpoint_of(it.at("following"));
        member.link_up = it.at("link_up").get<bool>();
        member.lineage = lineage_of(it.at("lineage"));
        member.brings_data = it.value("brings_data", false);
        member.priority = it.at("priority").get<int>();
        member.run_id = it.value("run_id", "");
        member.crashes_early = it.value("crashes_early", false);
        return member;
    });
}

core::Result<core::SentinelIdentity> parse_sentinel_identity(const std::string& text) {
    return understand<core::SentinelIdentity>("a sentinel id", text, [](const json& it) {
        core::SentinelIdentity identity;
        identity.last_address = endpoint_of(it.at("address"));
        const auto state = core::parse_identity_state(it.at("state").get<std::string>());
        if (!state) throw std::invalid_argument("its state is unknown");
        identity.state = *state;
        identity.claimant = it.at("claimant").get<std::string>();
        return identity;
    });
}

std::string record_document(const core::Record& record, const std::string& at,
                            const std::string& previous) {
    return text_of(record_json(record, at, on_top_of(previous)));
}

std::string roster_document(const core::Roster& roster, const std::string& at,
                            const std::string& previous) {
    json document = on_top_of(previous);
    document["term"] = roster.term;
    document["offset"] = roster.offset;
    document["nodes"] = roster.nodes;
    document["at"] = at;
    return text_of(document);
}

std::string sentinel_identity_document(const core::SentinelIdentity& identity,
                                       const std::string& at, const std::string& previous) {
    json document = on_top_of(previous);
    document["address"] = core::to_text(identity.last_address);
    document["state"] = core::name_of(identity.state);
    document["claimant"] = identity.claimant;
    document["at"] = at;
    return text_of(document);
}

std::string member_document(const core::Member& member,
                            const std::map<std::string, std::string>& extra) {
    json document = extra;
    document["id"] = member.id;
    document["address"] = core::to_text(member.address);
    document["role"] = core::name_of(member.role);
    document["following"] = member.following ? json(core::to_text(*member.following)) : json();
    document["link_up"] = member.link_up;
    document["lineage"] = lineage_json(member.lineage);
    document["brings_data"] = member.brings_data;
    document["priority"] = member.priority;
    document["run_id"] = member.run_id;
    if (member.crashes_early) document["crashes_early"] = true;
    return text_of(document);
}

std::string history_document(const core::Record& record, const std::string& at,
                             const core::FoundRecord& before, const core::Change& change) {
    json document = record_json(record, at, json::object());
    if (const auto master = before.master()) document["before"] = core::to_text(*master);
    if (change.lineage) document["lineage"] = lineage_json(change.lineage);
    if (change.freshest_known) document["freshest_known"] = lineage_json(change.freshest_known);
    if (const auto lost = change.lost_bytes()) document["lost_bytes"] = *lost;
    if (change.without_master)
        document["steps_ms"]["without_master"] = change.without_master->count();
    if (change.promoted_until_published)
        document["steps_ms"]["promoted_until_published"] = change.promoted_until_published->count();
    return text_of(document);
}

core::Beginning beginning_in(const std::string& history_document) {
    const auto beginning = understand<core::Beginning>(
        "the entry", history_document, [](const json& document) -> core::Beginning {
            return {document.at("node").get<std::string>(), lineage_of(document.at("lineage"))};
        });
    return beginning ? *beginning : core::Beginning{};
}

std::string history_document_with(const std::string& previous, const core::Loss& loss,
                                  const std::string& node, const std::string& kept_as,
                                  const std::string& at) {
    json document = on_top_of(previous);
    json found = {{"lineage", lineage_json(loss.had)}, {"at", at}};
    if (loss.bytes) found["bytes"] = *loss.bytes;
    if (!kept_as.empty()) found["kept_as"] = kept_as;
    if (!document["lost"].is_object()) document["lost"] = json::object();
    document["lost"][node] = std::move(found);
    if (loss.bytes) {
        const json& known = document["lost_bytes"];
        const std::int64_t before = known.is_number_integer() ? known.get<std::int64_t>() : 0;
        document["lost_bytes"] = std::max(before, *loss.bytes);
    }
    return text_of(document);
}

std::optional<std::string> time_in(const std::string& document) {
    const json read = json::parse(document, nullptr, false);
    if (!read.is_object() || !read.contains("at") || !read["at"].is_string()) return std::nullopt;
    return read["at"].get<std::string>();
}

}  // namespace redis_zk::zk
