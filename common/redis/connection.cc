#include "common/redis/connection.h"

#include <algorithm>
#include <array>
#include <cassert>
#include <cerrno>
#include <deque>
#include <optional>

#include <hiredis/hiredis.h>

#include "common/event/socket.h"
#include "common/event/stream.h"
#include "common/event/timer.h"
#include "common/redis/reply_reader.h"

namespace redis_zk::redis {

namespace {

using core::Error;
using core::Fault;

std::string formatted(const std::vector<std::string>& command) {
    std::vector<const char*> words;
    std::vector<std::size_t> lengths;
    for (const std::string& word : command) {
        words.push_back(word.data());
        lengths.push_back(word.size());
    }
    char* text = nullptr;
    const int length =
        redisFormatCommandArgv(&text, static_cast<int>(words.size()), words.data(), lengths.data());
    assert(length > 0);
    std::string copy{text, static_cast<std::size_t>(length)};
    redisFreeCommand(text);
    return copy;
}

bool is_pushed(const Reply& reply) {
    static constexpr std::array<std::string_view, 6> words{
        "message", "pmessage", "subscribe", "psubscribe", "unsubscribe", "punsubscribe"};
    return reply.kind == Reply::Kind::list && !reply.list.empty() &&
           std::ranges::find(words, reply.list.front().text) != words.end();
}

// A server that does not know a command repeats its arguments, and one of them may be a password.
std::string without_arguments(const std::string& text) {
    return text.substr(0, text.find(", with args beginning with"));
}

// A server that does not know AUTH repeats its arguments, cut off somewhere: "ERR unknown command
// 'AUTH', with args beginning with: ...". Only texts that are known to be harmless are repeated.
std::string without_secrets(const std::string& text) {
    for (const std::string_view harmless :
         {"WRONGPASS", "NOPERM", "DENIED", "ERR invalid password", "ERR AUTH <password>",
          "ERR max number of clients", "ERR Client sent AUTH"})
        if (text.starts_with(harmless)) return text;
    return "AUTH was refused with " + text.substr(0, text.find(' '));
}

}  // namespace

bool is_over(const Error& error) {
    return error.fault == Fault::connection_lost || error.code == EACCES;
}

std::string spoken(const Address& address) {
    if (const auto* unix_socket = std::get_if<UnixSocket>(&address)) return unix_socket->path;
    return core::spoken(std::get<core::Endpoint>(address));
}

class Connection::Implementation {
  public:
    Implementation(event::Loop& loop, Options options, std::function<void(Error)> on_closed);
    ~Implementation();

    void send(const std::vector<std::string>& command, core::Callback<Reply> on_reply);
    void subscribe(const std::vector<std::string>& command,
                   std::function<void(const Reply&)> on_message);
    bool is_open() const { return stage_ == Stage::open; }

  private:
    enum class Stage { connecting, authenticating, open, closed };
    struct Pending {
        core::Callback<Reply> on_reply;
        core::TimePoint deadline;
        std::size_t confirmations = 0;  // a subscription is answered by that many pushed messages
    };

    void connect();
    void connected();
    void authenticated(const Reply& reply);
    void open();
    void received(std::string_view bytes);
    void handle(const Reply& reply);
    void confirm();
    void ended(int code);
    void due();
    void arm();
    void enqueue(const std::vector<std::string>& command, Pending pending);
    void close(Error error);
    void tell_all();

    event::Loop& loop_;
    Options options_;
    std::function<void(Error)> on_closed_;
    std::function<void(const Reply&)> on_message_;
    Stage stage_ = Stage::connecting;
    core::TimePoint connect_deadline_;
    std::string held_back_;  // commands that wait until we are authenticated
    std::deque<Pending> pending_;
    std::optional<Error> closed_with_;
    ReplyReader reader_;
    event::Timer deadline_;
    std::unique_ptr<event::Stream> stream_;
    bool* destroyed_ = nullptr;  // set while callbacks run, each of which may destroy us
};

Connection::Implementation::Implementation(event::Loop& loop, Options options,
                                           std::function<void(Error)> on_closed)
    : loop_{loop},
      options_{std::move(options)},
      on_closed_{std::move(on_closed)},
      connect_deadline_{loop.now() + options_.connect_timeout},
      deadline_{loop, [this] { due(); }} {
    connect();
}

Connection::Implementation::~Implementation() {
    if (destroyed_ != nullptr) *destroyed_ = true;
}

void Connection::Implementation::connect() {
    auto socket = std::holds_alternative<UnixSocket>(options_.address)
                      ? event::connect_unix(std::get<UnixSocket>(options_.address).path)
                      : event::connect_tcp(std::get<core::Endpoint>(options_.address));
    if (!socket) return close(socket.error());
    stream_ = std::make_unique<event::Stream>(
        loop_, std::move(socket).value(), event::Stream::State::connecting,
        event::Stream::Handlers{.on_connected = [this] { connected(); },
                                .on_bytes = [this](std::string_view bytes) { received(bytes); },
                                .on_sent = {},
                                .on_end = [this](int code) { ended(code); }});
    arm();
}

void Connection::Implementation::connected() {
    const auto& [username, password] = options_.credentials;
    if (password.empty()) return open();
    stage_ = Stage::authenticating;
    std::vector<std::string> command{"AUTH"};
    if (!username.empty()) command.push_back(username);
    command.push_back(password);
    stream_->send(formatted(command));
}

void Connection::Implementation::authenticated(const Reply& reply) {
    if (reply.kind != Reply::Kind::error) return open();
    close({Fault::refused,
           spoken(options_.address) + " refuses our credentials: " + without_secrets(reply.text),
           EACCES});
}

void Connection::Implementation::open() {
    stage_ = Stage::open;
    stream_->send(held_back_);
    held_back_.clear();
    for (Pending& pending : pending_) pending.deadline = loop_.now() + options_.command_timeout;
    arm();
}

void Connection::Implementation::send(const std::vector<std::string>& command,
                                      core::Callback<Reply> on_reply) {
    enqueue(command, {std::move(on_reply), loop_.now() + options_.command_timeout});
}

void Connection::Implementation::subscribe(const std::vector<std::string>& command,
                                           std::function<void(const Reply&)> on_message) {
    assert(!on_message_ && on_message && command.size() > 1);
    on_message_ = std::move(on_message);
    enqueue(command, {{}, loop_.now() + options_.command_timeout, command.size() - 1});
}

void Connection::Implementation::enqueue(const std::vector<std::string>& command, Pending pending) {
    assert(!command.empty());
    pending_.push_back(std::move(pending));
    if (stage_ == Stage::open) stream_->send(formatted(command));
    if (stage_ == Stage::connecting || stage_ == Stage::authenticating)
        held_back_ += formatted(command);
    if (pending_.size() == 1) arm();
}

void Connection::Implementation::arm() {
    switch (stage_) {
        case Stage::connecting:
        case Stage::authenticating: return deadline_.start_at(connect_deadline_);
        case Stage::closed: return deadline_.start(core::milliseconds{0});
        case Stage::open: break;
    }
    pending_.empty() ? deadline_.stop() : deadline_.start_at(pending_.front().deadline);
}

void Connection::Implementation::received(std::string_view bytes) {
    bool destroyed = false;
    destroyed_ = &destroyed;
    reader_.feed(bytes);
    while (stage_ != Stage::closed) {
        auto reply = reader_.next();
        if (!reply) {
            close({reply.error().fault, spoken(options_.address) + ": " + reply.error().message,
                   reply.error().code});
            break;
        }
        if (!*reply) break;
        handle(**reply);
        if (destroyed) return;
    }
    destroyed_ = nullptr;
    arm();
}

void Connection::Implementation::handle(const Reply& reply) {
    if (stage_ == Stage::authenticating) return authenticated(reply);
    const bool is_error = reply.kind == Reply::Kind::error;
    const bool confirms = !pending_.empty() && pending_.front().confirmations > 0;
    if (confirms && is_error)
        return close({Fault::refused, spoken(options_.address) + ": " + reply.text, EACCES});
    if (on_message_ && is_pushed(reply)) {
        if (confirms) confirm();
        const auto on_message = on_message_;  // it may destroy us, and itself with us
        return on_message(reply);
    }
    if (pending_.empty() || confirms)
        return close({Fault::connection_lost,
                      spoken(options_.address) + " answered what was not asked" +
                          (is_error ? ": " + reply.text : ""),
                      EPROTO});
    const auto on_reply = std::move(pending_.front().on_reply);
    pending_.pop_front();
    if (!on_reply) return;
    is_error ? on_reply(Error{Fault::refused, without_arguments(reply.text)}) : on_reply(reply);
}

void Connection::Implementation::confirm() {
    if (--pending_.front().confirmations == 0) pending_.pop_front();
}

void Connection::Implementation::ended(int code) {
    const std::string whom = spoken(options_.address);
    const bool was_connecting = stage_ == Stage::connecting;
    if (code == 0)
        return close({Fault::connection_lost, whom + " closed the connection", ECONNRESET});
    close({Fault::connection_lost,
           (was_connecting ? "cannot connect to " : "lost the connection to ") + whom + ": " +
               event::describe_errno(code),
           code});
}

void Connection::Implementation::due() {
    const std::string whom = spoken(options_.address);
    switch (stage_) {
        case Stage::closed: return tell_all();
        case Stage::connecting:
            return close(
                {Fault::connection_lost, "cannot connect to " + whom + " in time", ETIMEDOUT});
        case Stage::authenticating:
        case Stage::open:
            return close({Fault::connection_lost, whom + " did not answer in time", ETIMEDOUT});
    }
}

// Only closes; the callbacks come in an event of their own, so that it does not matter who calls.
void Connection::Implementation::close(Error error) {
    stage_ = Stage::closed;
    closed_with_ = std::move(error);
    stream_.reset();
    held_back_.clear();
    arm();
}

void Connection::Implementation::tell_all() {
    bool destroyed = false;
    destroyed_ = &destroyed;
    const Error error = *closed_with_;
    const auto pending = std::exchange(pending_, {});
    for (const Pending& one : pending) {
        if (one.on_reply) one.on_reply(error);
        if (destroyed) return;
    }
    // Of what is sent from now on, nothing has reached the server.
    closed_with_->fault = Fault::connection_lost;
    closed_with_->code = ENOTCONN;
    if (const auto on_closed = std::exchange(on_closed_, nullptr)) on_closed(error);
    if (destroyed) return;
    destroyed_ = nullptr;
    if (!pending_.empty()) arm();  // sent by a callback
}

Connection::Connection(event::Loop& loop, Options options, std::function<void(Error)> on_closed)
    : implementation_{
          std::make_unique<Implementation>(loop, std::move(options), std::move(on_closed))} {}

Connection::~Connection() = default;

void Connection::send(std::vector<std::string> command, core::Callback<Reply> on_reply) {
    implementation_->send(command, std::move(on_reply));
}

void Connection::subscribe(std::vector<std::string> command,
                           std::function<void(const Reply&)> on_message) {
    implementation_->subscribe(command, std::move(on_message));
}

bool Connection::is_open() const { return implementation_->is_open(); }

}  // namespace redis_zk::redis
