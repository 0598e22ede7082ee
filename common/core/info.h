// The answer to INFO: lines "name:value" in sections. It comes from outside and may be anything;
// a field that is missing or is not what was expected is nothing, never a default that could be
// taken for an answer.
//
// Format: https://redis.io/docs/latest/commands/info/
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace redis_zk::core {

class InfoFields {
  public:
    // The last one counts, should a name come twice.
    void set(std::string_view name, std::string_view value);

    std::optional<std::string_view> text(std::string_view name) const;
    std::optional<std::int64_t> integer(std::string_view name) const;
    // Redis writes truth as 1 and 0; anything else is neither.
    std::optional<bool> flag(std::string_view name) const;
    // For values with a fraction ("used_cpu_sys", "loading_loaded_perc"); finite ones only.
    std::optional<double> number(std::string_view name) const;

    std::size_t size() const { return fields_.size(); }
    // Pairs of name and value, by name.
    auto begin() const { return fields_.begin(); }
    auto end() const { return fields_.end(); }

  private:
    std::map<std::string, std::string, std::less<>> fields_;
};

// Lines may end in CR LF or LF; headings ("# Replication") and lines without a colon are skipped.
InfoFields parse_info(std::string_view text);

// In all databases, however many there are. Of an answer to INFO that has the section "Keyspace",
// which lists those that are not empty: "db0:keys=3,expires=0,avg_ttl=0".
std::int64_t keys_of_all_databases(const InfoFields& info);

// The inside of a value such as slave0's: "ip=10.0.0.7,port=31002,state=online,offset=42,lag=0".
InfoFields parse_info_value(std::string_view value);

}  // namespace redis_zk::core
