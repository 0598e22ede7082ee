// What the user wants, after flags, environment, file and defaults have been put together: one
// value for each option of the table. An option whose value is wrong has its default here and a
// sentence among the mistakes, so that the caller can go on looking and the user meets all mistakes
// at once.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/core/time.h"

namespace redis_zk::app {

enum class Request { run, help, version };

class Settings {
  public:
    struct Value {
        std::string text = {};
        std::int64_t number = 0;
        std::string given_as =
            {};  // "--zk-hosts", "ZK_HOSTS", "line 3 of x.conf: zk-hosts"; "" by default
    };

    // Each asks for an option by its name in the table; a name that is not there is a bug (assert).
    const std::string& text(std::string_view name) const;        // "" when there is no value
    std::vector<std::string> list(std::string_view name) const;  // without empty ones
    std::int64_t integer(std::string_view name) const;
    std::optional<std::uint16_t> port(std::string_view name) const;  // nothing: none, or "off"
    core::milliseconds duration(std::string_view name) const;
    bool is_on(std::string_view name) const;

    // Whether anybody gave it (a stand-in of the scheduler counts), or it is the default.
    bool is_given(std::string_view name) const;

    // The name to use in a sentence about this option: as the user gave it, else its flag.
    std::string given_as(std::string_view name) const;

    // A mistake that only the caller can see, such as an interface that does not exist.
    void add_mistake(std::string_view name, const std::string& sentence);

    Request request = Request::run;
    std::vector<std::string> rest;      // everything after "--", untouched
    std::vector<std::string> mistakes;  // one sentence each, no secret in any
    std::vector<std::string> warnings;  // likewise; the program runs nevertheless

  private:
    friend class Options;
    const Value& value(std::string_view name) const;

    std::map<std::string, Value, std::less<>> values_;
};

}  // namespace redis_zk::app
