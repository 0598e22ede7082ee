#include "common/event/stream.h"

#include <array>
#include <cerrno>
#include <new>

#include <event2/event.h>
#include <sys/socket.h>

#include "common/event/socket.h"

namespace redis_zk::event {

Stream::Stream(Loop& loop, Descriptor socket, State state, Handlers handlers)
    : socket_{std::move(socket)},
      state_{state},
      on_connected_{std::move(handlers.on_connected)},
      on_bytes_{std::move(handlers.on_bytes)},
      on_sent_{std::move(handlers.on_sent)},
      on_end_{std::move(handlers.on_end)} {
    read_event_.reset(
        event_new(loop.base(), socket_.number(), EV_READ | EV_PERSIST, &Stream::readable, this));
    write_event_.reset(
        event_new(loop.base(), socket_.number(), EV_WRITE | EV_PERSIST, &Stream::writable, this));
    if (!read_event_ || !write_event_) throw std::bad_alloc{};
    // A socket that fails to connect becomes readable as well; only one of the two must ask
    // SO_ERROR, which forgets the answer.
    event_add(state_ == State::connecting ? write_event_.get() : read_event_.get(), nullptr);
}

Stream::~Stream() = default;

void Stream::send(std::string_view bytes) {
    outbox_ += bytes;
    if (!outbox_.empty()) event_add(write_event_.get(), nullptr);
}

void Stream::read(bool on) {
    if (state_ == State::connecting) return;
    on ? event_add(read_event_.get(), nullptr) : event_del(read_event_.get());
}

void Stream::readable(int, short, void* self) noexcept { static_cast<Stream*>(self)->receive(); }
void Stream::writable(int, short, void* self) noexcept { static_cast<Stream*>(self)->flush(); }

// One read for each readiness: a fast sender must not keep the loop from its timers.
void Stream::receive() {
    std::array<char, 16 * 1024> bytes;
    const ssize_t count = ::recv(socket_.number(), bytes.data(), bytes.size(), 0);
    if (count > 0)
        return static_cast<void>(on_bytes_.call({bytes.data(), static_cast<std::size_t>(count)}));
    if (count == 0) return end(0);
    if (errno != EAGAIN && errno != EINTR) end(errno);
}

void Stream::flush() {
    if (state_ == State::connecting) {
        if (const int code = connect_error(socket_); code != 0) return end(code);
        state_ = State::connected;
        event_add(read_event_.get(), nullptr);
        if (outbox_.empty()) event_del(write_event_.get());
        // What is queued goes out at the next readiness: the handler may destroy us.
        static_cast<void>(on_connected_.call());
        return;
    }
    const ssize_t count = ::send(socket_.number(), outbox_.data(), outbox_.size(), MSG_NOSIGNAL);
    if (count < 0) {
        if (errno != EAGAIN && errno != EINTR) end(errno);
        return;
    }
    outbox_.erase(0, static_cast<std::size_t>(count));
    if (!outbox_.empty()) return;
    event_del(write_event_.get());
    static_cast<void>(on_sent_.call());
}

void Stream::end(int code) {
    event_del(read_event_.get());
    event_del(write_event_.get());
    static_cast<void>(on_end_.call(code));
}

}  // namespace redis_zk::event
