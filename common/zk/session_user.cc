#include "common/zk/session_user.h"

#include <algorithm>

#include "common/zk/session_keeper.h"

namespace redis_zk::zk {

using namespace std::chrono_literals;

namespace {
constexpr core::milliseconds first_pause = 50ms;
constexpr core::milliseconds longest_pause = 10s;
}  // namespace

SessionUser::SessionUser(SessionKeeper& keeper)
    : keeper_{keeper}, pause_{first_pause}, retry_{keeper.loop(), [this] { retry(); }} {
    keeper_.add(*this);
}

SessionUser::~SessionUser() { keeper_.remove(*this); }

Session* SessionUser::session() const { return keeper_.session(); }

event::Loop& SessionUser::loop() const { return keeper_.loop(); }

void SessionUser::report(const std::string& sentence) { keeper_.report(sentence); }

void SessionUser::failed(const core::Error& error) {
    if (error.fault == core::Fault::refused && error.message != problem_) {
        problem_ = error.message;
        report(problem_);
    }
    retry_.start(pause_);
    pause_ = std::min(pause_ * 2, longest_pause);
}

void SessionUser::worked() {
    problem_.clear();
    pause_ = first_pause;
    retry_.stop();
}

void SessionUser::retry() {
    if (auto* connected = session()) session_ready(*connected);
}

}  // namespace redis_zk::zk
