#include "common/server/looks.h"

#include <utility>

namespace redis_zk::server {

void Looks::look() {
    if (is_under_way_) {
        is_wished_ = true;
        return;
    }
    is_under_way_ = true;
    ask_();
}

void Looks::answered() {
    is_under_way_ = false;
    if (std::exchange(is_wished_, false)) return look();
    for (const OnDone& on_done : std::exchange(waiting_, {})) on_done(core::Done{});
}

void Looks::begin_anew() {
    is_under_way_ = is_wished_ = false;
    look();
}

Looks::OnDone Looks::after(OnDone on_done) {
    return [this, on_done = std::move(on_done)](const core::Result<core::Done>& done) {
        if (!done) return on_done(done);
        waiting_.push_back(on_done);
        look();
    };
}

}  // namespace redis_zk::server
