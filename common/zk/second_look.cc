#include "common/zk/second_look.h"

namespace redis_zk::zk {

SecondLook::SecondLook(SessionKeeper& keeper, Rests rests, std::function<void()> on_done)
    : SessionUser{keeper}, rests_{std::move(rests)}, on_done_{std::move(on_done)} {}

void SecondLook::begin() {
    parts_missing_ = rests_.nodes.size() + rests_.directories.size();
    is_wanted_ = true;
    part_failed_ = false;
    const auto part = [this, number = ++number_](bool worked) {
        if (number == number_) part_done(worked);
    };
    for (WatchedNode* node : rests_.nodes)
        node->refresh([part](const core::Result<std::optional<Node>>& it) { part(bool{it}); });
    for (WatchedDirectory* directory : rests_.directories)
        directory->refresh(
            [part](const core::Result<WatchedDirectory::Nodes>& it) { part(bool{it}); });
}

void SecondLook::session_ready(Session&) {
    if (is_wanted_) begin();
}

void SecondLook::part_done(bool worked_this_time) {
    part_failed_ = part_failed_ || !worked_this_time;
    if (--parts_missing_ > 0) return;
    // What was refused has been reported by the part.
    if (part_failed_) return failed({core::Fault::ask_again, "the second look has failed"});
    is_wanted_ = false;
    worked();
    on_done_();
}

}  // namespace redis_zk::zk
