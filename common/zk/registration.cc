#include "common/zk/registration.h"

#include <algorithm>
#include <utility>

#include "common/zk/fault.h"
#include "common/zk/path.h"
#include "common/zk/session_keeper.h"

namespace redis_zk::zk {

using namespace std::chrono_literals;

namespace {

constexpr auto peace = 60s;

core::milliseconds pause_after(int replacements) {
    return std::min<core::milliseconds>(100ms * (1 << std::min(replacements, 10)), 30s);
}

}  // namespace

Registration::Registration(SessionKeeper& keeper, std::string path, std::string data,
                           std::function<void(bool)> on_change)
    : SessionUser{keeper},
      path_{std::move(path)},
      data_{std::move(data)},
      on_change_{std::move(on_change)},
      replace_later_{keeper.loop(), [this] { look(); }} {}

Registration::~Registration() = default;

void Registration::set_data(std::string data) {
    if (data == data_) return;
    data_ = std::move(data);
    look();
}

void Registration::remove(std::function<void()> on_removed) {
    is_wanted_ = false;
    on_removed_ = std::move(on_removed);
    look();
}

void Registration::session_ready(Session&) { look(); }

void Registration::session_ended() {
    busy_ = false;
    replace_later_.stop();
    is_now(false);
}

void Registration::look() {
    if (busy_) {
        look_again_ = true;
        return;
    }
    auto* connected = session();
    if (connected == nullptr) return;
    busy_ = true;
    look_again_ = false;
    connected->get(
        path_,
        [this](core::Result<std::optional<Node>> node) {
            busy_ = false;
            if (!node) return failed(node.error());
            looked(*node);
        },
        [this] { look(); }, asker());
}

void Registration::looked(const std::optional<Node>& node) {
    auto* connected = session();
    if (connected == nullptr) return;  // looks again when there is a connection
    const bool is_ours = node && node->stat.owner == connected->id();
    if (!is_wanted_) return is_ours ? take_away(*node) : gone();
    if (!node) {
        is_now(false);
        return create();
    }
    if (!is_ours) {
        is_now(false);
        return replace(*node);
    }
    if (node->data != data_) return write(*node);
    worked();
    is_now(true);
    if (look_again_) look();
}

void Registration::create() {
    busy_ = true;
    session()->create(
        path_, data_, CreateMode::ephemeral,
        [this](core::Result<std::string> created) {
            busy_ = false;
            if (created || created.error().code == code::node_exists) return look();
            if (created.error().code != code::no_node || session() == nullptr)
                return failed(created.error());
            busy_ = true;
            session()->create_path(
                parent_of(path_),
                [this](core::Result<core::Done> parent) {
                    busy_ = false;
                    if (!parent) return failed(parent.error());
                    look();
                },
                asker());
        },
        asker());
}

void Registration::replace(const Node& leftover) {
    if (replace_later_.is_armed()) return;
    const auto now = loop().now();
    if (now - replaced_at_ > peace) replacements_ = 0;
    if (replacements_ > 0 && now < replaced_at_ + pause_after(replacements_)) {
        if (replacements_ == 1)
            report(path_ + " belongs to another session again: does somebody else use our name?");
        replace_later_.start_at(replaced_at_ + pause_after(replacements_));
        return;
    }
    ++replacements_;
    replaced_at_ = now;
    busy_ = true;
    session()->remove(
        path_, leftover.stat.version,
        [this](core::Result<core::Done> removed) {
            busy_ = false;
            if (removed || removed.error().code == code::no_node ||
                removed.error().code == code::bad_version)
                return look();
            failed(removed.error());
        },
        asker());
}

void Registration::write(const Node& node) {
    busy_ = true;
    session()->set(
        path_, data_, node.stat.version,
        [this](core::Result<Stat> written) {
            busy_ = false;
            if (!written && written.error().code != code::no_node &&
                written.error().code != code::bad_version)
                return failed(written.error());
            look();
        },
        asker());
}

void Registration::take_away(const Node& node) {
    busy_ = true;
    session()->remove(
        path_, node.stat.version,
        [this](core::Result<core::Done> removed) {
            busy_ = false;
            if (!removed && removed.error().code != code::no_node &&
                removed.error().code != code::bad_version)
                return failed(removed.error());
            look();
        },
        asker());
}

void Registration::gone() {
    worked();
    is_registered_ = false;
    if (const auto on_removed = std::exchange(on_removed_, nullptr)) on_removed();
}

void Registration::is_now(bool registered) {
    if (is_registered_ == registered) return;
    is_registered_ = registered;
    if (is_wanted_ && on_change_) on_change_(registered);
}

}  // namespace redis_zk::zk
