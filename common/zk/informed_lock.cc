#include "common/zk/informed_lock.h"

#include "common/zk/session_keeper.h"

namespace redis_zk::zk {

InformedLock::InformedLock(SessionKeeper& keeper, std::string folder, Rests rests,
                           std::function<void()> on_change)
    : on_change_{std::move(on_change)},
      second_look_{keeper, std::move(rests), [this] { looked(); }},
      lock_{keeper, std::move(folder), [this](Lock::State state) { changed(state); }} {}

Lock::State InformedLock::state() const {
    if (lock_.state() == Lock::State::held && !has_looked_) return Lock::State::requested;
    return lock_.state();
}

void InformedLock::release() {
    has_looked_ = false;
    lock_.release();
}

void InformedLock::distrust() {
    is_trusted_ = false;
    second_look_.begin();
}

void InformedLock::changed(Lock::State state) {
    has_looked_ = false;
    if (state == Lock::State::held || !is_trusted_) second_look_.begin();
    on_change_();
}

// One that was overtaken by the loss of the lock counts for nothing.
void InformedLock::looked() {
    has_looked_ = lock_.state() == Lock::State::held;
    is_trusted_ = true;
    on_change_();
}

}  // namespace redis_zk::zk
