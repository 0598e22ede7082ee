// Paths of znodes as text: what ZooKeeper accepts, parents, last names. Knows no certain path; the
// paths of the suite are drawn in layout.h.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace redis_zk::zk {

// Why ZooKeeper would refuse this path, as the end of a sentence ("has an empty part between two
// slashes"), or nothing if it would take it. The rules are those of PathUtils.validatePath in the
// server; the C client checks the same ones, but says only "bad arguments".
std::optional<std::string> mistake_in_path(std::string_view path);

// "/redis/members" of "/redis/members/5f3c"; "/" of "/redis".
std::string parent_of(std::string_view path);

// "/redis/members" and "5f3c" make "/redis/members/5f3c".
std::string joined(std::string_view parent, std::string_view name);

}  // namespace redis_zk::zk
