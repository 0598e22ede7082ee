// The connection of a simulated node to ZooKeeper: delays, lost answers, sessions that expire.
#include <utility>

#include "tests/simulation/node.h"
#include "tests/simulation/promises.h"
#include "tests/simulation/sentinels.h"

namespace redis_zk::simulation {

using namespace std::chrono_literals;
namespace rw = redis_wrapper;

void Node::connect_to_zookeeper() {
    if (connected_) return;
    if (!world_.zookeeper_is_up || world_.clock.now() < cut_until_)
        return later(100ms, [this] { connect_to_zookeeper(); });
    const bool is_new = !world_.zookeeper.is_alive(session_);
    if (is_new) session_ = world_.zookeeper.open_session();
    connected_ = true;
    ++connection_;
    if (is_new) looked_in_lock_ = false;
    // As the registration of common/zk does: an update may have been lost with the connection.
    registered_as_.reset();
    rw::observe_session(view_, true, is_new);
    // As the lock of common/zk does: what was asked for is looked for and asked for again.
    tell_zookeeper([this, session = session_, wanted = view_.lock != rw::Lock::none] {
        wanted ? world_.zookeeper.queue_for_lock(session) : world_.zookeeper.leave_lock(session);
    });
    read_zookeeper();
}

void Node::lose_zookeeper(bool session_too) {
    if (session_too) world_.zookeeper.expire(session_);
    if (!connected_) return;
    connected_ = false;
    ++connection_;
    reading_ = read_again_ = false;
    rw::observe_session(view_, false, false);
    // A server that hears nothing expires the session.
    world_.clock.after(world_.settings.session_timeout,
                       [this, session = session_, was = connection_] {
                           if (connection_ == was) world_.zookeeper.expire(session);
                       });
    turn_soon();
    later(50ms, [this] { connect_to_zookeeper(); });
}

void Node::cut_from_zookeeper(milliseconds duration) {
    cut_until_ = world_.clock.now() + duration;
    lose_zookeeper(false);
}

void Node::expire_session() { lose_zookeeper(true); }

void Node::zookeeper_changed() {
    if (alive_ && connected_) read_zookeeper();
}

// A watch fires, we read again: what arrives is the state at the time of reading.
void Node::read_zookeeper() {
    if (reading_) {
        read_again_ = true;
        return;
    }
    reading_ = true;
    later(world_.a_delay(), [this, connection = connection_] {
        if (connection != connection_) return;
        if (world_.is_lost()) return lose_zookeeper(false);
        auto record = world_.zookeeper.record();
        auto roster = world_.zookeeper.roster();
        std::map<std::string, core::Member> members;
        bool registered = false;
        for (const auto& [id, owned] : world_.zookeeper.members()) {
            members.emplace(id, owned.member);
            registered = registered || (id == view_.self.id && owned.owner == session_);
        }
        const bool holds_lock = world_.zookeeper.holds_lock(session_);
        later(world_.a_delay(),
              [this, connection, record, roster, members, registered, holds_lock] {
                  if (connection != connection_) return;
                  reading_ = false;
                  if (record.written_version != view_.record.written_version)
                      view_.in_flight.publication.reset();
                  view_.record = record;
                  view_.roster = roster;
                  view_.members = members;
                  view_.members_known = true;
                  view_.registered = registered;
                  if (world_.sentinels)
                      rw::observe_sentinels(view_, world_.sentinels->registered());
                  else
                      rw::observe_sentinels(view_, {});
                  // Held counts only when all was read again since the lock was ours.
                  bool again = std::exchange(read_again_, false);
                  if (view_.lock == rw::Lock::requested && holds_lock) {
                      if (looked_in_lock_) view_.lock = rw::Lock::held;
                      again = again || !looked_in_lock_;
                      looked_in_lock_ = true;
                  }
                  look_at_redis();
                  turn_soon();
                  if (again) read_zookeeper();
              });
    });
}

// A request reaches ZooKeeper after a delay, and in the order in which it was made. Its answer may
// be lost: then it was carried out, and we learn of it only by looking.
void Node::tell_zookeeper(std::function<void()> request) {
    const TimePoint now = world_.clock.now();
    last_request_at_ = std::max(last_request_at_, now + world_.a_delay());
    later(std::chrono::duration_cast<milliseconds>(last_request_at_ - now),
          [this, connection = connection_, request = std::move(request)] {
              if (connection != connection_ || !world_.zookeeper_is_up) return;
              request();
              if (world_.is_lost()) lose_zookeeper(false);
          });
}

void Node::publish(const core::Record& record) {
    tell_zookeeper([this, record, named = view_.record.named_version,
                    written = view_.record.written_version, session = session_] {
        if (!world_.zookeeper.is_alive(session)) return;
        const auto before = world_.zookeeper.record();
        const bool done = world_.zookeeper.publish(record, named, written);
        if (done) check_published(world_, before, record);
        later(world_.a_delay(), [this, connection = connection_] {
            if (connection != connection_ || !connected_) return;
            view_.in_flight.publication.reset();
            read_zookeeper();
        });
    });
}

// Keeps our entry true, once it is there.
void Node::register_or_update() {
    if (!connected_ || !view_.registered) return;
    const core::Member self = rw::self_as_member(view_);
    if (registered_as_ && !rw::is_entry_outdated(*registered_as_, self)) return;
    registered_as_ = self;
    tell_zookeeper(
        [this, session = session_, self] { world_.zookeeper.register_member(session, self); });
}

}  // namespace redis_zk::simulation
