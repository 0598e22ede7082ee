#include "common/zk/session_keeper.h"

#include <algorithm>
#include <cassert>
#include <cinttypes>
#include <cstdio>

#include "common/zk/session_user.h"

namespace redis_zk::zk {

using namespace std::chrono_literals;

namespace {

constexpr core::milliseconds first_report = 1s;
constexpr core::milliseconds longest_report = 60s;
constexpr core::milliseconds lookup_deadline = 5s;
constexpr core::milliseconds shortest_pause = 100ms;
constexpr core::milliseconds longest_pause = 10s;
constexpr auto long_enough_to_start_over = 60s;

std::string spoken(SessionId id) {
    char text[24];
    std::snprintf(text, sizeof text, "0x%llx", static_cast<unsigned long long>(id));
    return text;
}

std::string spoken(core::milliseconds time) {
    if (time % 1s == 0ms) return std::to_string(time / 1s) + " s";
    return std::to_string(time.count()) + " ms";
}

}  // namespace

SessionKeeper::SessionKeeper(event::Loop& loop, event::Resolver& resolver, Options options,
                             std::function<void(const std::string&)> on_event)
    : loop_{loop},
      resolver_{resolver},
      options_{std::move(options)},
      on_event_{std::move(on_event)},
      addresses_(options_.servers.size()),
      granted_timeout_{options_.session_timeout},
      waiting_since_{loop.now()},
      connected_since_{waiting_since_},
      next_report_{first_report},
      random_{std::random_device{}()},
      tell_ready_soon_{loop, [this] { tell_ready(); }},
      closed_soon_{loop, [this] { closed(); }},
      patience_{loop, [this] { still_waiting(); }},
      next_session_{loop, [this] { make_next_session(); }} {
    patience_.start(next_report_);
    resolve();
}

SessionKeeper::~SessionKeeper() {
    assert(std::ranges::all_of(users_, [](const Entry& entry) { return entry.user == nullptr; }));
}

std::string SessionKeeper::spoken_session() const {
    if (!session_) return {};
    char text[32];
    std::snprintf(text, sizeof text, "0x%" PRIx64, static_cast<std::int64_t>(session_->id()));
    return text;
}

Session* SessionKeeper::session() const {
    return session_ && !closing_ && session_->is_connected() ? session_.get() : nullptr;
}

void SessionKeeper::close(core::milliseconds bound, std::function<void()> on_closed) {
    assert(!closing_);
    closing_ = true;
    patience_.stop();
    next_session_.stop();
    lookups_.clear();
    tell_ended();
    on_closed_ = std::move(on_closed);
    if (session_)
        session_->close(bound, [this] { closed(); });
    else
        closed_soon_.schedule();
}

void SessionKeeper::closed() {
    session_.reset();
    if (const auto on_closed = std::exchange(on_closed_, nullptr)) on_closed();
}

void SessionKeeper::resolve() {
    if (lookups_pending_ > 0) return;
    hosts_that_failed_.clear();
    lookups_.clear();
    lookups_pending_ = options_.servers.size();
    for (std::size_t i = 0; i < options_.servers.size(); ++i)
        lookups_.push_back(resolver_.resolve(
            options_.servers[i].host, lookup_deadline,
            [this, i](core::Result<event::Addresses> answer) { resolved(i, std::move(answer)); }));
}

void SessionKeeper::resolved(std::size_t server, core::Result<event::Addresses> answer) {
    const auto& [host, port] = options_.servers[server];
    if (answer) {
        addresses_[server].clear();
        for (const auto& address : *answer) addresses_[server].push_back({address, port});
    } else {
        // What was known before is better than nothing.
        hosts_that_failed_.push_back(host + " (" + answer.error().message + ")");
    }
    if (--lookups_pending_ == 0) have_addresses();
}

void SessionKeeper::have_addresses() {
    std::vector<core::Endpoint> all;
    for (const auto& some : addresses_) all.insert(all.end(), some.begin(), some.end());
    if (all.empty()) return;  // still_waiting() will say so, and ask again
    if (session_) {
        session_->use_servers(all);
        return;
    }
    if (next_session_.is_armed()) return;
    session_ = std::make_unique<Session>(
        loop_, Session::Options{all, options_.session_timeout, options_.credentials},
        [this](SessionState state) { entered(state); });
}

void SessionKeeper::entered(SessionState state) {
    switch (state) {
        case SessionState::connected: return connected();
        case SessionState::connecting: return lost();
        case SessionState::expired: return expired();
    }
}

void SessionKeeper::connected() {
    patience_.stop();
    const auto verb =
        was_connected_ ? "connected to ZooKeeper again, at " : "connected to ZooKeeper at ";
    report(verb + session_->server() + ": session " + spoken(session_->id()) +
           ", session timeout " + spoken(session_->timeout()) +
           " (asked for: " + spoken(options_.session_timeout) + ")");
    was_connected_ = true;
    granted_timeout_ = session_->timeout();
    connected_since_ = loop_.now();
    tell_ready();
}

void SessionKeeper::lost() {
    report("the connection to ZooKeeper is lost; the session " + spoken(session_->id()) +
           " lives on for at most " + spoken(session_->timeout()) + " without one");
    waiting_since_ = loop_.now();
    next_report_ = first_report;
    patience_.start(next_report_);
    tell_away();
    resolve();
}

void SessionKeeper::expired() {
    const auto now = loop_.now();
    if (now - connected_since_ > long_enough_to_start_over) expiries_in_a_row_ = 0;
    const auto longest =
        std::min(shortest_pause * (1 << std::min(expiries_in_a_row_, 10)), longest_pause);
    ++expiries_in_a_row_;
    const core::milliseconds pause{
        std::uniform_int_distribution<core::milliseconds::rep>{0, longest.count()}(random_)};
    report("the ZooKeeper session " + spoken(session_->id()) +
           " has expired; making a new one in " + spoken(pause));
    waiting_since_ = now;
    next_report_ = first_report;
    patience_.start(pause + next_report_);
    next_session_.start(pause);
    tell_ended();
}

void SessionKeeper::make_next_session() {
    session_.reset();
    was_connected_ = false;
    resolve();
}

void SessionKeeper::still_waiting() {
    // An ensemble that has lost its data refuses a session it has never heard of without a word
    // [measured, ZooKeeper 3.8]: the C client would offer it for ever.
    if (session_ && was_connected_ && loop_.now() - waiting_since_ > 2 * session_->timeout())
        return expired();
    const auto waited =
        std::chrono::duration_cast<std::chrono::seconds>(loop_.now() - waiting_since_);
    std::string sentence = "still no connection to ZooKeeper at " + zk::spoken(options_.servers) +
                           " after " + spoken(core::milliseconds{waited});
    for (const auto& host : hosts_that_failed_) sentence += "; no address of " + host;
    report(sentence);
    next_report_ = std::min(next_report_ * 2, longest_report);
    patience_.start(next_report_);
    resolve();
}

void SessionKeeper::add(SessionUser& user) {
    users_.push_back({&user, false});
    if (session() != nullptr) tell_ready_soon_.schedule();
}

void SessionKeeper::remove(SessionUser& user) {
    if (session_) session_->forget(user.asker());
    for (auto& entry : users_)
        if (entry.user == &user) entry.user = nullptr;
    if (telling_ == 0)
        std::erase_if(users_, [](const Entry& entry) { return entry.user == nullptr; });
}

// Users come and go while they are told.
template <typename Tell>
void SessionKeeper::tell_all(Tell tell) {
    ++telling_;
    for (std::size_t i = 0; i < users_.size(); ++i)
        if (users_[i].user != nullptr) tell(users_[i]);
    --telling_;
    if (telling_ == 0)
        std::erase_if(users_, [](const Entry& entry) { return entry.user == nullptr; });
}

void SessionKeeper::tell_ready() {
    tell_all([this](Entry& entry) {
        auto* connected = session();
        if (connected == nullptr || std::exchange(entry.knows_it_is_ready, true)) return;
        entry.user->session_ready(*connected);
    });
}

void SessionKeeper::tell_away() {
    tell_all([](Entry& entry) {
        entry.knows_it_is_ready = false;
        entry.user->session_away();
    });
}

void SessionKeeper::tell_ended() {
    tell_all([this](Entry& entry) {
        entry.knows_it_is_ready = false;
        if (session_) session_->forget(entry.user->asker());
        entry.user->session_ended();
    });
}

}  // namespace redis_zk::zk
