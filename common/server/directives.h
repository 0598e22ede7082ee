// What is true of the directives of every server of the Redis family, whoever reads them.
#pragma once

#include <optional>
#include <string>

#include "common/server/configuration_reader.h"

namespace redis_zk::server {

// "slave-priority" (old) -> "replica-priority", "primaryauth" (Valkey) -> "masterauth"; others
// stay.
std::string usual_name(const std::string& directive);

// Whether the words behind this name are secret: requirepass, masterauth, user, ...
bool is_secret(const std::string& directive);

// The same of a whole line: `sentinel auth-pass mymaster ...` too.
bool is_secret(const Words& words);

// When a directive of the user says something else than ours, which comes after it and therefore
// wins: `daemonize yes (line 3 of ...) is overridden by daemonize no`. Both have the same name. No
// secret is spoken; instead of ours the option that it comes from: "REDIS_PASSWORD".
std::optional<std::string> spoken_override(const Directive& user, const Words& ours,
                                           const std::string& option);

// A sentence for who gave a secret among the arguments; nothing when this is none.
std::optional<std::string> warning_of_secret(const Directive& directive);

std::string in_small_letters(std::string text);

}  // namespace redis_zk::server
