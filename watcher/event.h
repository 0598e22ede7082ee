// What a sentinel publishes, as a value: "+switch-master", "+sdown", ... An event is a hint. It may
// be late, lost, made up, or about another master that the same sentinels watch, so nothing is ever
// concluded from it but that it is time to look.
//
// Form of the messages: sentinelEvent() of sentinel.c (6.2 to 7.x, Valkey 8 the same). The channel
// is the name of the event, the text mostly
//
//     <type> <name> <ip> <port> @ <master name> <master ip> <master port>
//
// where type is slave or sentinel; of a master it is "master <master name> <ip> <port>" and no @.
// "+switch-master <master name> <old ip> <old port> <new ip> <new port>" is the only one that
// begins with the master name. Some, like "+tilt" and "+new-epoch", are about no master.
#pragma once

#include <chrono>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/core/endpoint.h"

namespace redis_zk::watcher {

struct Event {
    std::string name;                            // the channel: "+switch-master"
    std::vector<std::string> words;              // of the text; printable, see parse_event()
    core::Endpoint sentinel;                     // who said so
    std::chrono::system_clock::time_point at{};  // when we heard it; for people

    bool operator==(const Event&) const = default;
};

// In bytes; what is longer is cut off.
constexpr std::size_t longest_name = 64;
constexpr std::size_t longest_text = 1024;

// Small letters, digits and dashes behind a plus, a minus or nothing; not too long.
bool can_be_event_name(std::string_view text);

// Nothing when the channel cannot be the name of an event. The words have no control characters in
// them but tabs (others are written as in the log, "\x1b"), and are UTF-8 if the text was: neither
// a log nor a command that gets them can be led astray.
std::optional<Event> parse_event(std::string_view channel, std::string_view text,
                                 const core::Endpoint& sentinel,
                                 std::chrono::system_clock::time_point at);

// The name of the master that the event is about; nothing if it is about none, or does not say.
std::optional<std::string> master_name_in(const Event& event);

// False for what is about a master of another name: then it is no business of our cluster.
bool may_concern(const Event& event, std::string_view master_name);

// "+sdown master mymaster 10.0.0.7 31002".
std::string spoken(const Event& event);

}  // namespace redis_zk::watcher
