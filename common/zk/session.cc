#include "common/zk/session.h"

#include <algorithm>
#include <array>
#include <cassert>
#include <cerrno>

#include <fcntl.h>
#include <sys/socket.h>
#include <zookeeper/zookeeper.h>

#include "common/zk/session_library.h"

namespace redis_zk::zk {

using namespace std::chrono_literals;

namespace {

constexpr core::milliseconds first_retry = 20ms;
constexpr core::milliseconds longest_retry = 1000ms;

// "[::1]:2181" is not understood: the C client takes what follows the last colon as the port.
std::string list_of(const std::vector<core::Endpoint>& servers) {
    std::string list;
    for (const auto& server : servers) {
        if (!list.empty()) list += ',';
        list += server.host + ':' + std::to_string(server.port);
    }
    return list;
}

}  // namespace

SessionState state_from(int library_state) {
    if (library_state == ZOO_CONNECTED_STATE) return SessionState::connected;
    if (library_state == ZOO_EXPIRED_SESSION_STATE) return SessionState::expired;
    if (library_state == ZOO_AUTH_FAILED_STATE) return SessionState::expired;
    return SessionState::connecting;
}

const char* name_of(SessionState state) {
    switch (state) {
        case SessionState::connecting: return "connecting";
        case SessionState::connected: return "connected";
        case SessionState::expired: return "expired";
    }
    return "unknown";
}

Session::Session(event::Loop& loop, Options options, OnState on_state)
    : loop_{loop},
      options_{std::move(options)},
      on_state_{std::move(on_state)},
      timer_{loop, [this] { due(); }},
      readiness_{loop, [this](event::Readiness::Ready now) { ready(now.readable, now.writable); }} {
    assert(!options_.servers.empty());
    zoo_set_debug_level(static_cast<ZooLogLevel>(0));  // what matters is reported as states
    handle_ = zookeeper_init(list_of(options_.servers).c_str(), &Library::watch_fired,
                             static_cast<int>(options_.timeout.count()), nullptr, this,
                             ZOO_NO_LOG_CLIENTENV);
    assert(handle_ != nullptr);  // refused: an empty list, or something that is no address
    zoo_set_servers_resolution_delay(handle_, -1);
    if (!options_.credentials.empty())
        zoo_add_auth(handle_, "digest", options_.credentials.data(),
                     static_cast<int>(options_.credentials.size()), nullptr, nullptr);
    timer_.start(0ms);
}

Session::~Session() {
    assert(calls_ == 0 && !delivering_);
    if (!closing_) send_farewell();
    closing_ = true;  // the completions that zookeeper_close() calls reach nobody
    readiness_.reset();
    // It must neither send its own farewell nor wait for the answer to it.
    if (library_is_connected()) shutdown(descriptor_, SHUT_RDWR);
    zookeeper_close(handle_);
}

void Session::close(core::milliseconds bound, std::function<void()> on_closed) {
    assert(!closing_);
    const bool answer_will_come = send_farewell();
    closing_ = true;
    on_closed_ = std::move(on_closed);
    timer_.start(answer_will_come ? bound : 0ms);
    if (answer_will_come && !readiness_.watch(descriptor_, event::Readiness::Interest::read))
        timer_.start(0ms);
}

bool Session::is_connected() const {
    return state_ == SessionState::connected && noticed_ == SessionState::connected && !closing_;
}

SessionId Session::id() const { return SessionId{zoo_client_id(handle_)->client_id}; }
core::milliseconds Session::timeout() const {
    return core::milliseconds{zoo_recv_timeout(handle_)};
}
std::string Session::server() const { return zoo_get_current_server(handle_); }

void Session::use_servers(const std::vector<core::Endpoint>& servers) {
    if (servers.empty() || servers == options_.servers || closing_) return;
    options_.servers = servers;
    Call call{*this};
    zoo_set_servers(handle_, list_of(servers).c_str());
}

void Session::forget(const void* asker) {
    if (asker == nullptr) return;
    for (auto& request : requests_) {
        if (request->asker != asker) continue;
        request->asker = nullptr;
        request->on_reply = nullptr;
        request->watch.reset();
    }
    for (auto& [key, watches] : watches_)
        std::erase_if(watches, [asker](const Watch& watch) { return watch.asker == asker; });
    std::erase_if(watches_, [](const auto& entry) { return entry.second.empty(); });
    for (auto& delivery : deliveries_)
        if (delivery.asker == asker) delivery.run = nullptr;
}

// Around every call into the C client.
Session::Call::Call(Session& session) : session_{session} {
    ++session_.calls_;
    session_.readiness_.reset();
}

Session::Call::~Call() {
    --session_.calls_;
    session_.notice_library_state();
    if (!session_.closing_) session_.timer_.start(0ms);  // one turn will ask what to wait for now
}

bool Session::library_is_connected() const {
    return state_from(zoo_state(handle_)) == SessionState::connected;
}

// A send that fails closes the socket and tells nobody. Gaining a connection is always told.
void Session::notice_library_state() {
    const auto state = state_from(zoo_state(handle_));
    if (state != SessionState::connected) entered(state);
}

// The C client repeats a session event for every watch it holds.
void Session::entered(SessionState state) {
    if (state == noticed_ || noticed_ == SessionState::expired) return;
    noticed_ = state;
    if (state == SessionState::connected) failures_ = 0;
    deliver_soon(nullptr, [this, state] {
        state_ = state;
        on_state_(state);
    });
}

void Session::deliver_soon(const void* asker, std::function<void()> run) {
    if (closing_ || !run) return;
    deliveries_.push_back({asker, std::move(run)});
    if (calls_ == 0) timer_.start(0ms);
}

void Session::deliver() {
    delivering_ = true;
    while (!deliveries_.empty() && !closing_) {
        const auto delivery = std::move(deliveries_.front());
        deliveries_.pop_front();
        if (delivery.run) delivery.run();
    }
    delivering_ = false;
}

void Session::ready(bool to_read, bool to_write) {
    if (closing_)
        farewell_answered();
    else
        turn((to_read ? ZOOKEEPER_READ : 0) | (to_write ? ZOOKEEPER_WRITE : 0));
}

void Session::due() {
    if (closing_)
        closed();
    else
        turn(0);
}

void Session::turn(int events) {
    bool failed = false;
    if (events != 0) {
        Call call{*this};
        const int code = zookeeper_process(handle_, events);
        failed = code != ZOK && code != ZNOTHING;
    }
    deliver();
    if (closing_) return;
    if (failed)
        retry_later();
    else
        arm();
    deliver();
}

int Session::ask_what_to_wait_for() {
    int interest = 0;
    timeval wait{};
    int code = ZOK;
    {
        Call call{*this};
        code = zookeeper_interest(handle_, &descriptor_, &interest, &wait);
    }
    // On failure it may have left the number of a socket that it has closed.
    if (code != ZOK) descriptor_ = -1;
    has_unsent_bytes_ = (interest & ZOOKEEPER_WRITE) != 0;
    const auto delay = std::chrono::seconds{wait.tv_sec} + std::chrono::microseconds{wait.tv_usec};
    next_look_ = std::chrono::ceil<core::milliseconds>(delay);
    return code;
}

void Session::arm() {
    if (noticed_ == SessionState::expired) {
        timer_.stop();  // the handle answers ZINVALIDSTATE for ever
        return;
    }
    if (ask_what_to_wait_for() != ZOK) {
        retry_later();
        return;
    }
    // Pings are sent when this timer is due: from inside the call that asks what to wait for.
    timer_.start(next_look_);
    if (descriptor_ == -1) return;  // waiting before it tries again
    if (noticed_ != SessionState::connected) fcntl(descriptor_, F_SETFD, FD_CLOEXEC);
    using Interest = event::Readiness::Interest;
    if (!readiness_.watch(descriptor_,
                          has_unsent_bytes_ ? Interest::read_and_write : Interest::read))
        retry_later();
}

void Session::retry_later() {
    if (noticed_ == SessionState::expired) {
        timer_.stop();
        if (!deliveries_.empty()) timer_.start(0ms);
        return;
    }
    // The first attempt after a loss is made at once: there may be other servers.
    const core::milliseconds delay =
        failures_ == 0 ? 0ms : first_retry * (1 << std::min(failures_ - 1, 6));
    ++failures_;
    timer_.start(std::min({delay, longest_retry, options_.timeout / 10}));
}

// The request that ends a session, as bytes of the protocol: length 8, then RequestHeader{xid, type
// -11 = closeSession}. The C client can only send it and block for the answer.
bool Session::send_farewell() {
    if (!library_is_connected()) return false;
    const bool is_usable = ask_what_to_wait_for() == ZOK && library_is_connected();
    // Half a request of the C client may be waiting; nothing can be put in its middle.
    if (!is_usable || has_unsent_bytes_) return false;
    static constexpr std::array<unsigned char, 12> farewell{0,    0,    0,    8,    0x7f, 0xff,
                                                            0xff, 0xff, 0xff, 0xff, 0xff, 0xf5};
    const auto sent =
        send(descriptor_, farewell.data(), farewell.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
    return sent == static_cast<ssize_t>(farewell.size());
}

// The server answers and hangs up. The C client must not see the answer: it knows of no question.
void Session::farewell_answered() {
    std::array<char, 512> ignored;
    const auto got = recv(descriptor_, ignored.data(), ignored.size(), MSG_DONTWAIT);
    if (got > 0 || (got < 0 && (errno == EAGAIN || errno == EINTR))) return;
    closed();
}

void Session::closed() {
    readiness_.reset();
    timer_.stop();
    if (const auto on_closed = std::exchange(on_closed_, nullptr)) on_closed();
}

}  // namespace redis_zk::zk
