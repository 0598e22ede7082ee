#include "common/zk/watched_node.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "common/zk/fault.h"
#include "common/zk/session_keeper.h"

namespace redis_zk::zk {

using namespace std::chrono_literals;

WatchedNode::WatchedNode(SessionKeeper& keeper, std::string path, std::function<void()> on_change)
    : SessionUser{keeper},
      path_{std::move(path)},
      on_change_{std::move(on_change)},
      soon_{keeper.loop(), [this] { read(); }} {}

WatchedNode::~WatchedNode() = default;

void WatchedNode::refresh(core::Callback<std::optional<Node>> on_answer) {
    waiting_.push_back(std::move(on_answer));
    soon_.start(0ms);
}

void WatchedNode::session_ready(Session&) { read(); }

// What changes now is not told before it has been read again.
void WatchedNode::session_away() { is_current_ = false; }

void WatchedNode::session_ended() {
    busy_ = false;
    is_current_ = false;
    soon_.start(0ms);  // whoever waits for an answer is told that there is none
}

void WatchedNode::read() {
    if (busy_) {
        read_again_ = true;
        return;
    }
    auto* connected = session();
    if (connected == nullptr) return answer(no_connection("read " + path_));
    busy_ = true;
    read_again_ = false;
    const bool must_sync = !waiting_.empty();
    std::ranges::move(waiting_, std::back_inserter(served_));
    waiting_.clear();
    const auto get = [this] {
        session()->get(
            path_, [this](core::Result<std::optional<Node>> node) { got(std::move(node)); },
            [this] { read(); }, asker());
    };
    if (!must_sync) return get();
    connected->sync(
        path_,
        [this, get](core::Result<core::Done> synced) {
            if (!synced) return got(synced.error());
            if (session() == nullptr) return got(no_connection("read " + path_));
            get();
        },
        asker());
}

void WatchedNode::got(core::Result<std::optional<Node>> node) {
    busy_ = false;
    is_current_ = static_cast<bool>(node);
    if (!node) {
        failed(node.error());
        return answer(node);
    }
    worked();
    const bool is_news = !is_known_ || node_ != *node;
    is_known_ = true;
    node_ = *node;
    if (is_news && on_change_) on_change_();
    answer(node);
    if (read_again_ || !waiting_.empty()) soon_.start(0ms);
}

void WatchedNode::answer(const core::Result<std::optional<Node>>& node) {
    auto served = std::exchange(served_, {});
    if (session() == nullptr)
        std::ranges::move(std::exchange(waiting_, {}), std::back_inserter(served));
    for (const auto& on_answer : served) on_answer(node);
}

}  // namespace redis_zk::zk
