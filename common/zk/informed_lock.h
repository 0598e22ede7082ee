// A lock whose holder knows what is true now: it counts as held only when everything that a
// decision rests on was read again since the lock was ours. So of fifty that queue for the same
// decision one makes it, and the others see that it was made.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "common/zk/lock.h"
#include "common/zk/second_look.h"

namespace redis_zk::zk {

class InformedLock {
  public:
    using Rests = SecondLook::Rests;

    // `on_change` is told from the loop when state() has changed without request() or release().
    InformedLock(SessionKeeper& keeper, std::string folder, Rests rests,
                 std::function<void()> on_change);

    void request() { lock_.request(); }
    void release();

    // What was read may be outdated, with the lock or without: after the process stood still. It is
    // read again, and trusted when that has worked.
    void distrust();
    bool is_trusted() const { return is_trusted_; }

    // `requested` also while it is ours and the reading is under way.
    Lock::State state() const;

  private:
    void changed(Lock::State state);
    void looked();

    std::function<void()> on_change_;
    bool has_looked_ = false;
    bool is_trusted_ = true;
    SecondLook second_look_;
    Lock lock_;
};

}  // namespace redis_zk::zk
