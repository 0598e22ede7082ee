// Where the lines of the log go: a descriptor whose reader may stand still. A program that answers
// for a server must not stand still with it, so what the reader has no room for is lost, and
// counted.
#pragma once

#include <cstddef>
#include <string_view>

namespace redis_zk::app {

class LogOutput {
  public:
    // Not owned, and never set to non-blocking: others may share it.
    explicit LogOutput(int descriptor) : descriptor_{descriptor} {}

    // A whole line with its newline, in one write(2) if it has up to PIPE_BUF bytes (4096): a pipe
    // that is ready takes so many without blocking [pipe(7)].
    void write(std::string_view line) noexcept;

    bool has_room() const noexcept;

    // Lines that were lost since the last call.
    std::size_t take_lost() noexcept;
    std::size_t lost() const { return lost_; }

  private:
    bool write_part(std::string_view part) noexcept;

    int descriptor_;
    std::size_t lost_ = 0;
    bool is_torn_ = false;  // the last line has no end
};

}  // namespace redis_zk::app
