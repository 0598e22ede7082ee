#include "common/server/last_lines.h"

#include "common/app/logging.h"
#include "common/server/server_output.h"

namespace redis_zk::server {

namespace {

constexpr std::size_t lines_to_keep = 20;

}  // namespace

void LastLines::add(const std::string& line) {
    lines_.push_back(without_secret(line));
    if (lines_.size() > lines_to_keep) lines_.erase(lines_.begin());
    app::log_line_of_child(name_, lines_.back());
}

}  // namespace redis_zk::server
