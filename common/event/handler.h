// A function that belongs to an object and may destroy that object while it runs. "Destroying
// cancels" would otherwise be forbidden in the one place where it is needed most: in the callback
// of what is to be cancelled.
//
// While it runs the function lives on the stack, so that its captures outlive its owner.
#pragma once

#include <cassert>
#include <functional>
#include <utility>

namespace redis_zk::event {

template <typename... Arguments>
class Handler {
  public:
    Handler(std::function<void(Arguments...)> function) : function_{std::move(function)} {}
    ~Handler() {
        if (destroyed_) *destroyed_ = true;
    }
    Handler(const Handler&) = delete;
    Handler& operator=(const Handler&) = delete;

    // Returns whether the handler, and with it its owner, is still there. If not, the caller must
    // touch nothing of its own any more. An empty function does nothing.
    [[nodiscard]] bool call(Arguments... arguments) {
        if (!function_) return true;
        assert(!destroyed_);  // never called from inside itself
        bool destroyed = false;
        destroyed_ = &destroyed;
        auto running = std::move(function_);
        running(std::forward<Arguments>(arguments)...);
        if (destroyed) return false;
        function_ = std::move(running);
        destroyed_ = nullptr;
        return true;
    }

  private:
    std::function<void(Arguments...)> function_;
    bool* destroyed_ = nullptr;  // set while the function runs
};

}  // namespace redis_zk::event
