// Makes lines out of a stream of bytes that arrives in pieces of any size. Memory is bounded: a
// line that is longer than the limit is handed out in pieces of that length, as lines of their own,
// so that nothing is lost and a writer that never ends its line cannot fill our memory.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace redis_zk::event {

class LineBuffer {
  public:
    explicit LineBuffer(std::size_t longest_line) : longest_line_{longest_line} {}

    void append(std::string_view bytes);

    // The next complete line, without its newline (and without a carriage return before it).
    std::optional<std::string> next_line();

    // What is left at the end of the stream: a last line without a newline. Nothing if there is
    // none. To be asked after next_line() has nothing more to give.
    std::optional<std::string> rest();

  private:
    std::size_t longest_line_;
    std::string buffer_;
    std::size_t begin_ = 0;  // what is before it has been handed out
};

}  // namespace redis_zk::event
