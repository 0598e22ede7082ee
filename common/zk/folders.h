// The folders in which this process and others create nodes: made in each session, for they may be
// missing in a new ensemble. Existing ones stay as they are.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "common/zk/session_user.h"

namespace redis_zk::zk {

class Folders : private SessionUser {
  public:
    struct Handlers {
        std::function<void()> on_change;                       // the connection went or ended
        std::function<void(const std::string&)> on_complaint;  // a sentence for the log
    };

    // `to_protect`: where everybody may write although we have credentials, it is complained of.
    // Without credentials everything is open to all, and meant to be.
    Folders(SessionKeeper& keeper, std::vector<std::string> paths,
            std::vector<std::string> to_protect, Handlers handlers);

  private:
    void session_ready(Session& session) override;
    void session_away() override { handlers_.on_change(); }
    void session_ended() override { handlers_.on_change(); }
    void look_at_access(Session& session, const std::string& path);

    std::vector<std::string> paths_;
    std::vector<std::string> to_protect_;  // looked at once
    Handlers handlers_;
};

}  // namespace redis_zk::zk
