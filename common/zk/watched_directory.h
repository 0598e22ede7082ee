// A local copy of all children of one node with their data (not of what lies below them) that
// follows the original, as WatchedNode does. A missing directory is an empty one.
#pragma once

#include <functional>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "common/core/result.h"
#include "common/zk/session_user.h"

namespace redis_zk::zk {

class WatchedDirectory : private SessionUser {
  public:
    using Nodes = std::map<std::string, Node>;  // by name, without the path

    // `on_change` is told from the loop when the copy has changed, once for everything that was
    // read in one go: fifty nodes that are there at the start are one change, not fifty.
    WatchedDirectory(SessionKeeper& keeper, std::string path, std::function<void()> on_change);
    ~WatchedDirectory() override;

    // See WatchedNode.
    bool is_known() const { return is_known_; }
    bool is_current() const { return is_current_ && session() != nullptr; }

    const Nodes& nodes() const { return nodes_; }
    const std::string& path() const { return path_; }

    // A sync, then everything is read again. The copy is up to date when the answer comes.
    void refresh(core::Callback<Nodes> on_answer);

  private:
    void session_ready(Session& session) override;
    void session_away() override;
    void session_ended() override;

    void look();
    void list();
    void listed(const std::vector<std::string>& names);
    void read(const std::string& name);
    void part_done(const core::Result<core::Done>& result);
    void round_done();
    void answer(const core::Result<Nodes>& result);

    std::string path_;
    std::function<void()> on_change_;
    Nodes nodes_;
    bool is_known_ = false;
    bool is_current_ = false;

    // What has to be read in the next round...
    bool must_list_ = false;
    bool must_read_all_ = false;
    std::set<std::string> must_read_;
    std::vector<core::Callback<Nodes>> waiting_;

    // ...and the round that is under way, if parts of it are missing.
    std::size_t missing_parts_ = 0;
    bool reads_all_ = false;
    Nodes fresh_;
    std::optional<core::Error> fault_;
    std::vector<core::Callback<Nodes>> served_;

    event::Timer soon_;
};

}  // namespace redis_zk::zk
