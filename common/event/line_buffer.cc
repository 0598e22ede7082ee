#include "common/event/line_buffer.h"

#include <utility>

namespace redis_zk::event {

void LineBuffer::append(std::string_view bytes) {
    buffer_.erase(0, std::exchange(begin_, 0));
    buffer_.append(bytes);
}

std::optional<std::string> LineBuffer::next_line() {
    const auto waiting = std::string_view{buffer_}.substr(begin_);
    // One byte more than a line may have: the newline of one that is exactly as long as allowed.
    const auto newline = waiting.substr(0, longest_line_ + 1).find('\n');
    if (newline == std::string_view::npos) {
        if (waiting.size() <= longest_line_) return std::nullopt;
        begin_ += longest_line_;
        return std::string{waiting.substr(0, longest_line_)};
    }
    begin_ += newline + 1;
    auto line = waiting.substr(0, newline);
    if (line.ends_with('\r')) line.remove_suffix(1);
    return std::string{line};
}

std::optional<std::string> LineBuffer::rest() {
    auto line = buffer_.substr(begin_);
    buffer_.clear();
    begin_ = 0;
    if (line.empty()) return std::nullopt;
    return line;
}

}  // namespace redis_zk::event
