#include "tests/simulation/process.h"

#include <algorithm>
#include <utility>

namespace redis_zk::simulation {

using namespace std::chrono_literals;

milliseconds until(TimePoint then, TimePoint now) {
    return std::chrono::ceil<milliseconds>(then - now);
}

void Process::begin_life() {
    alive_ = true;
    ++life_;
    frozen_until_ = {};
    session_ = 0;
    connected_ = false;
}

void Process::connect_soon() {
    later(world_.a_delay(), [this] { connect_to_zookeeper(); });
}

void Process::die() {
    alive_ = connected_ = false;
    world_.clock.after(world_.settings.session_timeout,
                       [this, session = session_] { world_.zookeeper.expire(session); });
}

void Process::end_life() {
    alive_ = connected_ = false;
    world_.zookeeper.expire(session_);
}

void Process::later_on_the_way(milliseconds delay, std::function<void()> what) {
    world_.clock.after(delay, [this, life = life_, what = std::move(what)] {
        if (alive_ && life == life_) what();
    });
}

void Process::later(milliseconds delay, std::function<void()> what) {
    later_on_the_way(delay, [this, what = std::move(what)] {
        const TimePoint now = world_.clock.now();
        now < frozen_until_ ? later(until(frozen_until_, now), what) : what();
    });
}

// Its session ends meanwhile if that takes too long, of which it hears afterwards: whether before
// or after it goes on with what it was doing is a matter of luck.
void Process::freeze(milliseconds duration) {
    // What is frozen together with its server wakes up with it.
    if (!alive_ || is_frozen()) return;
    world_.say("fault", "the wrapper of " + name_ + " is frozen");
    frozen_until_ = world_.clock.now() + duration;
    later_on_the_way(world_.settings.session_timeout, [this, session = session_] {
        if (world_.clock.now() < frozen_until_) world_.zookeeper.expire(session);
    });
    const bool at_once = world_.settings.steady || world_.random.one_in(2);
    const auto notice = at_once ? milliseconds{0} : milliseconds{5};
    const bool is_long = duration > world_.settings.session_timeout * 2 / 3;
    later_on_the_way(duration + notice, [this, is_long] {
        if (is_long || !world_.zookeeper.is_alive(session_)) lose_zookeeper(false);
    });
}

void Process::connect_to_zookeeper() {
    if (connected_) return;
    if (!world_.zookeeper_is_up || world_.clock.now() < cut_until_)
        return later(100ms, [this] { connect_to_zookeeper(); });
    const bool is_new = !world_.zookeeper.is_alive(session_);
    if (is_new) session_ = world_.zookeeper.open_session();
    connected_ = true;
    ++connection_;
    connected(is_new);
}

void Process::lose_zookeeper(bool session_too) {
    if (session_too) world_.zookeeper.expire(session_);
    if (!connected_) return;
    connected_ = false;
    ++connection_;
    disconnected();
    // A server that hears nothing expires the session.
    world_.clock.after(world_.settings.session_timeout,
                       [this, session = session_, was = connection_] {
                           if (connection_ == was) world_.zookeeper.expire(session);
                       });
    later(50ms, [this] { connect_to_zookeeper(); });
}

void Process::cut_from_zookeeper(milliseconds duration) {
    world_.say("fault", name_ + " is cut from ZooKeeper");
    cut_until_ = world_.clock.now() + duration;
    lose_zookeeper(false);
}

void Process::zookeeper_changed() {
    if (alive_ && connected_) read_zookeeper();
}

void Process::tell_zookeeper(std::function<void()> request) {
    const TimePoint now = world_.clock.now();
    last_request_at_ = std::max(last_request_at_, now + world_.a_delay());
    later_on_the_way(std::chrono::duration_cast<milliseconds>(last_request_at_ - now),
                     [this, connection = connection_, request = std::move(request)] {
                         if (connection != connection_ || !world_.zookeeper_is_up) return;
                         request();
                         if (world_.is_lost())
                             later(world_.a_delay(), [this] { lose_zookeeper(false); });
                     });
}

}  // namespace redis_zk::simulation
