// A stream socket on the loop: bytes in, bytes out, one end. What hiredis's asynchronous half and
// evhttp would do for us, without their opinions about who may close when.
//
// Handlers are called from the loop only, never from inside send() or the constructor, and may
// destroy the Stream. Destroying it closes the socket and calls nobody back.
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "common/event/descriptor.h"
#include "common/event/handler.h"
#include "common/event/loop.h"
#include "common/event/owned_event.h"

namespace redis_zk::event {

class Stream {
  public:
    struct Handlers {
        std::function<void()> on_connected;              // may be empty
        std::function<void(std::string_view)> on_bytes;  // the view dies with the call
        std::function<void()> on_sent;  // all is handed to the kernel; may be empty
        // Once: 0 when the other side closed in an orderly way, else errno. Nothing comes after.
        std::function<void(int)> on_end;
    };
    enum class State { connecting, connected };

    Stream(Loop& loop, Descriptor socket, State state, Handlers handlers);
    ~Stream();
    Stream(const Stream&) = delete;
    Stream& operator=(const Stream&) = delete;

    // Queued, and written when the socket takes it. Before the connection is made as well.
    void send(std::string_view bytes);
    std::size_t unsent() const { return outbox_.size(); }

    // A reader that cannot keep up stops the other side instead of filling our memory. While
    // reading is off, the end of the connection is noticed only by writing.
    void read(bool on);

  private:
    static void readable(int, short, void* self) noexcept;
    static void writable(int, short, void* self) noexcept;
    void receive();
    void flush();
    void end(int code);

    Descriptor socket_;
    State state_;
    Handler<> on_connected_;
    Handler<std::string_view> on_bytes_;
    Handler<> on_sent_;
    Handler<int> on_end_;
    std::string outbox_;
    OwnedEvent read_event_;  // last: freed before the descriptor is closed
    OwnedEvent write_event_;
};

}  // namespace redis_zk::event
