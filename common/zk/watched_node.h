// A local copy of one node that follows the original: through watches, without polling, across lost
// connections, expired sessions, and through times when neither the node nor its parents exist.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "common/core/result.h"
#include "common/zk/session_user.h"

namespace redis_zk::zk {

class WatchedNode : private SessionUser {
  public:
    // `on_change` is told from the loop when the copy has changed: the first reading, other data,
    // another version, there or not there.
    WatchedNode(SessionKeeper& keeper, std::string path, std::function<void()> on_change);
    ~WatchedNode() override;

    // Whether it was ever read. Before that there is no telling whether the node exists.
    bool is_known() const { return is_known_; }

    // Whether the copy follows the original at this moment: connected, and the last reading went
    // well. Without that it is as it was when the connection was lost.
    bool is_current() const { return is_current_ && session() != nullptr; }

    // The copy; nothing if there is no such node, or it was never read.
    const std::optional<Node>& node() const { return node_; }
    const std::string& path() const { return path_; }

    // Reads again what every write before this call has left: a sync, then a read. For looking
    // again inside the lock. The copy is up to date when the answer comes.
    void refresh(core::Callback<std::optional<Node>> on_answer);

  private:
    void session_ready(Session& session) override;
    void session_away() override;
    void session_ended() override;

    void read();
    void got(core::Result<std::optional<Node>> node);
    void answer(const core::Result<std::optional<Node>>& node);

    std::string path_;
    std::function<void()> on_change_;
    std::optional<Node> node_;
    bool is_known_ = false;
    bool is_current_ = false;
    bool busy_ = false;
    bool read_again_ = false;
    std::vector<core::Callback<std::optional<Node>>> waiting_;  // for a reading not begun yet
    std::vector<core::Callback<std::optional<Node>>> served_;   // by the one that is under way
    event::Timer soon_;
};

}  // namespace redis_zk::zk
