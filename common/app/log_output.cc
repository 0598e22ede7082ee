#include "common/app/log_output.h"

#include <cerrno>
#include <climits>
#include <utility>

#include <poll.h>
#include <unistd.h>

namespace redis_zk::app {

bool LogOutput::has_room() const noexcept {
    pollfd look{descriptor_, POLLOUT, 0};
    return poll(&look, 1, 0) == 1 && (look.revents & POLLOUT) != 0;
}

std::size_t LogOutput::take_lost() noexcept { return std::exchange(lost_, 0); }

bool LogOutput::write_part(std::string_view part) noexcept {
    while (!part.empty()) {
        if (!has_room()) return false;
        const auto written = ::write(descriptor_, part.data(), part.size());
        if (written < 0 && errno != EINTR) return false;
        if (written > 0) part.remove_prefix(static_cast<std::size_t>(written));
    }
    return true;
}

void LogOutput::write(std::string_view line) noexcept {
    if (is_torn_ && !write_part("\n")) {
        ++lost_;
        return;
    }
    is_torn_ = false;
    const std::size_t whole = line.size();
    while (!line.empty()) {
        const auto part = line.substr(0, PIPE_BUF);
        if (!write_part(part)) {
            is_torn_ = line.size() < whole;
            ++lost_;
            return;
        }
        line.remove_prefix(part.size());
    }
}

}  // namespace redis_zk::app
