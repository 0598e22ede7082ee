#include "common/zk/lock.h"

#include <algorithm>
#include <charconv>
#include <utility>

#include "common/zk/fault.h"
#include "common/zk/path.h"
#include "common/zk/random_digits.h"

namespace redis_zk::zk {
std::optional<Ticket> parse_ticket(std::string_view name) {
    // The last dash before the digits, since the ids of others may have some; a negative number
    // brings one of its own.
    auto dash = name.find_last_not_of("0123456789");
    if (dash == std::string_view::npos || name[dash] != '-') return std::nullopt;
    if (dash > 0 && name[dash - 1] == '-') --dash;
    if (dash == 0) return std::nullopt;
    Ticket ticket{std::string{name}, std::string{name.substr(0, dash)}, 0};
    const auto digits = name.substr(dash + 1);
    const auto [end, fault] =
        std::from_chars(digits.data(), digits.data() + digits.size(), ticket.number);
    if (fault != std::errc{} || end != digits.data() + digits.size()) return std::nullopt;
    return ticket;
}

bool is_before(const Ticket& one, const Ticket& other) {
    const auto difference =
        static_cast<std::uint32_t>(one.number) - static_cast<std::uint32_t>(other.number);
    return static_cast<std::int32_t>(difference) < 0;
}

Lock::Lock(SessionKeeper& keeper, std::string folder, std::function<void(State)> on_change)
    : SessionUser{keeper}, folder_{std::move(folder)}, on_change_{std::move(on_change)} {}

Lock::~Lock() {
    on_change_ = nullptr;
    if (state_ != State::none && !own_name_.empty() && session() != nullptr)
        session()->remove(path_of(own_name_), any_version, [](core::Result<core::Done>) {});
}

void Lock::request() {
    if (state_ != State::none) return;
    state_ = State::requested;
    guid_ = random_digits(32);
    own_name_.clear();
    look();
}

void Lock::release() {
    if (state_ == State::none) return;
    state_ = State::none;
    leftovers_.push_back(std::exchange(guid_, {}));
    own_name_.clear();
    look();
}

void Lock::session_ready(Session&) { look(); }

void Lock::session_ended() {
    busy_ = false;
    must_sync_ = false;
    leftovers_.clear();
    lost();
}

void Lock::lost() {
    guid_.clear();
    own_name_.clear();
    if (std::exchange(state_, State::none) == State::none) return;
    if (on_change_) on_change_(State::none);
}

std::string Lock::path_of(const std::string& name) const { return joined(folder_, name); }

void Lock::look() {
    if (busy_) {
        look_again_ = true;
        return;
    }
    auto* connected = session();
    if (connected == nullptr || (state_ == State::none && leftovers_.empty())) return;
    busy_ = true;
    look_again_ = false;
    const auto list = [this](core::Result<std::optional<std::vector<std::string>>> names) {
        busy_ = false;
        if (!names) return failed(names.error());
        must_sync_ = false;
        looked(names->value_or(std::vector<std::string>{}));
    };
    if (!must_sync_) return connected->children(folder_, list, {}, asker());
    connected->sync(
        folder_,
        [this, list](core::Result<core::Done> synced) {
            if (synced && session() != nullptr)
                return session()->children(folder_, list, {}, asker());
            busy_ = false;
            if (!synced) failed(synced.error());
        },
        asker());
}

void Lock::looked(const std::vector<std::string>& names) {
    if (session() == nullptr) return;  // looks again when there is a connection
    std::vector<Ticket> queue;
    for (const auto& name : names)
        if (auto ticket = parse_ticket(name)) queue.push_back(std::move(*ticket));
    std::ranges::sort(queue, is_before);

    const auto of = [&queue](const std::string& guid) {
        return std::ranges::find(queue, guid, &Ticket::guid);
    };
    std::erase_if(leftovers_, [&](const std::string& guid) { return of(guid) == queue.end(); });
    if (!leftovers_.empty()) return remove_leftover(of(leftovers_.front())->name);
    worked();
    if (state_ == State::none) return;

    const auto own = of(guid_);
    if (own == queue.end()) {
        if (own_name_.empty()) return join_queue();
        report("somebody has removed " + path_of(own_name_) +
               ", our place in the queue for the lock");
        return lost();
    }
    own_name_ = own->name;
    wait_for(own == queue.begin() ? *own : *std::prev(own),
             own == queue.begin() ? State::held : State::requested);
}

void Lock::remove_leftover(const std::string& name) {
    busy_ = true;
    session()->remove(
        path_of(name), any_version,
        [this](core::Result<core::Done> removed) {
            busy_ = false;
            if (removed || removed.error().code == code::no_node) return look();
            must_sync_ = true;
            failed(removed.error());
        },
        asker());
}

void Lock::join_queue() {
    busy_ = true;
    session()->create(
        path_of(guid_ + "-"), "", CreateMode::ephemeral_sequential,
        [this](core::Result<std::string> created) {
            busy_ = false;
            if (created) return look();
            must_sync_ = true;
            if (created.error().code != code::no_node || session() == nullptr)
                return failed(created.error());
            busy_ = true;
            session()->create_path(
                folder_,
                [this](core::Result<core::Done> folder) {
                    busy_ = false;
                    if (!folder) return failed(folder.error());
                    look();
                },
                asker());
        },
        asker());
}

// Our own node is watched too once it is the first: if somebody removes it, we hold nothing.
void Lock::wait_for(const Ticket& one, State meanwhile) {
    busy_ = true;
    session()->get(
        path_of(one.name),
        [this, meanwhile](core::Result<std::optional<Node>> node) {
            busy_ = false;
            if (!node) return failed(node.error());
            if (look_again_ || !*node) return look();
            if (std::exchange(state_, meanwhile) == meanwhile) return;
            if (on_change_) on_change_(meanwhile);
        },
        [this] { look(); }, asker());
}

}  // namespace redis_zk::zk
