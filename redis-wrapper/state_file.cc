#include "redis-wrapper/state_file.h"

#include <array>
#include <ctime>
#include <limits>

#include <fcntl.h>
#include <nlohmann/json.hpp>
#include <unistd.h>

#include "common/event/descriptor.h"
#include "common/server/file.h"

namespace redis_zk::redis_wrapper {

namespace {

using Json = nlohmann::ordered_json;

constexpr std::uint64_t version = 1;
constexpr std::size_t block = 512;  // the file's length is a multiple, so that it rarely changes

std::string spoken(StateFile::Time at) {
    const std::time_t seconds = std::chrono::system_clock::to_time_t(at);
    std::tm parts{};
    gmtime_r(&seconds, &parts);
    std::array<char, 32> text{};
    std::strftime(text.data(), text.size(), "%Y-%m-%dT%H:%M:%SZ", &parts);
    return text.data();
}

std::string padded(std::string text) {
    const std::size_t blocks = (text.size() + 1 + block - 1) / block;
    text.resize(blocks * block - 1, ' ');
    return text + '\n';
}

// Whether only numbers differ that may be lost with the power.
bool differ_in_numbers_only(const core::Claim& one, const core::Claim& other) {
    core::Claim changed = one;
    changed.keys = other.keys;
    if (changed.lineage && other.lineage) changed.lineage->offset = other.lineage->offset;
    return changed == other;
}

// False when the file is gone, for example; it is then written anew.
bool overwrite(const std::string& path, const std::string& text) {
    const event::Descriptor file{open(path.c_str(), O_WRONLY | O_CLOEXEC | O_NOFOLLOW)};
    return file.is_open() &&
           pwrite(file.number(), text.data(), text.size(), 0) == static_cast<ssize_t>(text.size());
}

core::Error wrong(const std::string& why) { return {core::Fault::refused, why}; }

// Each throws what nlohmann throws when the value is missing or of another type.
std::string text_in(const Json& json, const char* name) {
    return json.at(name).get_ref<const std::string&>();
}

std::int64_t number_in(const Json& json, const char* name) {
    const Json& value = json.at(name);
    if (!value.is_number_integer() ||
        (value.is_number_unsigned() &&
         value.get<std::uint64_t>() > std::numeric_limits<std::int64_t>::max()))
        throw std::domain_error{std::string{name} + " is no number that a position can have"};
    return value.get<std::int64_t>();
}

std::uint64_t term_in(const Json& json) {
    if (!json.at("term").is_number_unsigned()) throw std::domain_error{"term is no whole number"};
    return json.at("term").get<std::uint64_t>();
}

core::EarlyCrashes early_crashes_in(const Json& json) {
    const std::int64_t count = number_in(json, "count");
    if (count < 0 || count > std::numeric_limits<int>::max())
        throw std::domain_error{"count is no number of crashes"};
    return {static_cast<int>(count), number_in(json, "last_at")};
}

core::OwnWrites own_writes_in(const Json& json) {
    const auto writes = core::parse_own_writes(text_in(json, "own_writes"));
    if (!writes) throw std::domain_error{"own_writes is no word that is known"};
    return *writes;
}

core::Claim claim_in(const Json& json) {
    core::Claim claim;
    claim.node = text_in(json, "node");
    claim.cluster = text_in(json, "cluster");
    claim.replication_id = text_in(json, "replication_id");
    claim.keys = number_in(json, "keys");
    if (json.contains("term"))
        claim.lineage = core::Lineage{term_in(json), number_in(json, "offset")};
    for (const Json& past : json.at("past"))
        claim.past.push_back({text_in(past, "replication_id"), term_in(past)});
    if (json.contains("own_writes")) claim.own_writes = own_writes_in(json);
    if (json.contains("early_crashes"))
        claim.early_crashes = early_crashes_in(json.at("early_crashes"));
    if (claim.node.empty()) throw std::domain_error{"node is empty"};
    return claim;
}

}  // namespace

std::string to_json(const core::Claim& claim, StateFile::Time at) {
    Json json;
    json["version"] = version;
    if (claim.lineage) json["offset"] = claim.lineage->offset;
    json["keys"] = claim.keys;
    json["at"] = spoken(at);
    if (claim.lineage) json["term"] = claim.lineage->term;
    json["replication_id"] = claim.replication_id;
    json["node"] = claim.node;
    json["cluster"] = claim.cluster;
    json["past"] = Json::array();
    for (const core::PastId& past : claim.past)
        json["past"].push_back({{"replication_id", past.replication_id}, {"term", past.term}});
    if (claim.own_writes != core::OwnWrites::none)
        json["own_writes"] = core::name_of(claim.own_writes);
    if (claim.early_crashes.count > 0)
        json["early_crashes"] = {{"count", claim.early_crashes.count},
                                 {"last_at", claim.early_crashes.last_at}};
    // A replication id comes from a server, which may send anything; dump() would throw.
    return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

core::Result<core::Claim> parse_claim(std::string_view text) try {
    const Json json = Json::parse(text);
    const Json& found = json.at("version");
    if (found.is_number_unsigned() && found.get<std::uint64_t>() > version)
        return wrong("it was written by a newer version of redis-wrapper");
    if (found != version) return wrong("its version is not known");
    return claim_in(json);
} catch (const std::exception& error) {
    return wrong(std::string{"it is no state of redis-wrapper: "} + error.what());
}

StateFile::StateFile(const std::string& data_dir) : path_{data_dir + "/redis-zk.state"} {}

core::Result<core::Done> StateFile::read() {
    is_in_the_way_ = true;
    const auto content = server::read_file(path_);
    if (!content) return content.error();
    if (!*content) {
        is_in_the_way_ = false;
        return core::Done{};
    }
    auto claim = parse_claim(**content);
    if (!claim) return wrong(path_ + " cannot be understood: " + claim.error().message);
    claim_ = std::move(claim).value();
    is_in_the_way_ = false;
    return core::Done{};
}

core::Result<std::string> StateFile::set_aside() {
    const std::string aside = path_ + ".unreadable";
    if (rename(path_.c_str(), aside.c_str()) != 0) return server::file_error("rename", path_);
    is_in_the_way_ = false;
    return path_ + " was renamed to " + aside +
           "; what the data beside it are is unknown from now on";
}

core::Result<core::Done> StateFile::write(const core::Claim& claim, Time at) {
    if (claim_ == claim) return core::Done{};
    const std::string text = padded(to_json(claim, at));
    const bool keeps_its_place = text.size() == length_ && differ_in_numbers_only(*claim_, claim);
    if (!keeps_its_place || !overwrite(path_, text)) {
        length_ = 0;
        auto replaced = server::replace_file(path_, text, server::Durability::on_disk);
        if (!replaced) return replaced;
    }
    claim_ = claim;
    length_ = text.size();
    return core::Done{};
}

}  // namespace redis_zk::redis_wrapper
