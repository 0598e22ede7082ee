// Looks at a server that is our child, one at a time. A wish that comes while one is under way is
// kept: what it wants to see may have happened after that one began.
#pragma once

#include <functional>
#include <vector>

#include "common/core/result.h"

namespace redis_zk::server {

class Looks {
  public:
    using OnDone = std::function<void(core::Result<core::Done>)>;

    // `ask` begins a look, which ends with answered() or failed().
    explicit Looks(std::function<void()> ask) : ask_{std::move(ask)} {}

    void look();
    void answered();
    void failed() { is_under_way_ = false; }

    // The connection is a new one: what was asked before is not answered any more, and a look that
    // begins now comes after the commands that succeeded on the old one.
    void begin_anew();

    // For a command: calls back when a look that began after it has come, or when it failed.
    OnDone after(OnDone on_done);

  private:
    std::function<void()> ask_;
    bool is_under_way_ = false;
    bool is_wished_ = false;  // another one
    std::vector<OnDone> waiting_;
};

}  // namespace redis_zk::server
