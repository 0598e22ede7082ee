// What a simulated node reads from ZooKeeper and writes there.
#include <utility>

#include "redis-wrapper/core/quarantine.h"
#include "tests/simulation/node.h"
#include "tests/simulation/promises.h"

namespace redis_zk::simulation {

using namespace std::chrono_literals;
namespace rw = redis_wrapper;

void Node::connected(bool is_new) {
    if (is_new) looked_in_lock_ = false;
    // As the registration of common/zk does: an update may have been lost with the connection.
    registered_as_.reset();
    is_current_ = false;
    rw::observe_session(view_, false, is_new);
    // As the lock of common/zk does: what was asked for is looked for and asked for again.
    tell_zookeeper([this, session = session_, wanted = view_.lock != rw::Lock::none] {
        wanted ? world_.zookeeper.queue_for_lock(session) : world_.zookeeper.leave_lock(session);
    });
    read_zookeeper();
}

void Node::disconnected() {
    is_current_ = false;
    reading_ = read_again_ = false;
    rw::observe_session(view_, false, false);
    turn_soon();
}

// Connected or not: what was read is not believed before it has been read again.
void Node::distrust_zookeeper() {
    is_current_ = is_reading_current_ = false;
    rw::observe_session(view_, false, false);
    if (is_connected()) read_zookeeper();
}

// A watch fires, we read again: what arrives is the state at the time of reading. The two nodes of
// the record are read one by one, in either order, so each may be newer than the other.
void Node::read_zookeeper() {
    if (reading_) {
        read_again_ = true;
        return;
    }
    reading_ = is_reading_current_ = true;
    const bool name_first = world_.settings.steady || world_.random.one_in(2);
    const auto name = [this] { return read_name(); };
    const auto term = [this] { return read_term(); };
    const auto rest = [this] { return read_the_rest(); };
    std::vector<std::function<Copy()>> parts{name, term, rest};
    if (!name_first) std::swap(parts[0], parts[1]);
    read_parts(std::move(parts));
}

// Each is copied at the server, and put into the view when the answer has come.
void Node::read_parts(std::vector<std::function<Copy()>> parts) {
    later_on_the_way(world_.a_delay(), [this, connection = connection_, parts] {
        if (connection != connection_) return;
        const bool lost = world_.is_lost();
        later(world_.a_delay(), [this, connection, lost, parts, copy = parts.front()()] {
            if (connection != connection_) return;
            if (lost) return lose_zookeeper(false);
            copy();
            turn_soon();
            if (parts.size() > 1) read_parts({parts.begin() + 1, parts.end()});
        });
    });
}

Node::Copy Node::read_name() {
    return [this, now = world_.zookeeper.record()] {
        view_.record.named = now.named;
        view_.record.named_version = now.named_version;
    };
}

Node::Copy Node::read_term() {
    return [this, now = world_.zookeeper.record(), history = world_.zookeeper.history()] {
        history_ = history;
        view_.record.written = now.written;
        view_.record.written_version = now.written_version;
        view_.record.unreadable = now.unreadable;
    };
}

Node::Copy Node::read_the_rest() {
    std::map<std::string, core::Member> members;
    bool registered = false;
    for (const auto& [id, owned] : world_.zookeeper.members()) {
        members.emplace(id, owned.member);
        registered = registered || (id == view_.self.id && owned.owner == session_);
    }
    std::vector<Endpoint> sentinels;
    for (const auto& [name, sentinel] : world_.zookeeper.sentinels())
        sentinels.push_back(sentinel.address);
    return [this, members, registered, sentinels, roster = world_.zookeeper.roster(),
            holds_lock = world_.zookeeper.holds_lock(session_)] {
        view_.members = members;
        view_.registered = registered;
        view_.roster = roster;
        rw::observe_sentinels(view_, sentinels);
        have_read_all(holds_lock);
    };
}

// Written together with the record, so it is known as soon as that is.
void Node::read_history() {
    view_.succession = {};
    const auto term = rw::term_without_us(view_);
    if (term) view_.succession = {*term, true, history_[*term]};
}

void Node::have_read_all(bool holds_lock) {
    reading_ = false;
    view_.record.known = view_.members_known = true;
    is_current_ = is_current_ || is_reading_current_;
    rw::observe_session(view_, is_current_, false);
    bool again = std::exchange(read_again_, false);
    // What was read before the answer came may be older than what was written.
    if (!again && std::exchange(is_publication_answered_, false))
        rw::observe_published(view_, false, 0, world_.clock.now());
    look_at_redis();
    // Held counts only when all was read again since the lock was ours.
    if (view_.lock == rw::Lock::requested && holds_lock) {
        if (looked_in_lock_) view_.lock = rw::Lock::held;
        again = again || !looked_in_lock_;
        looked_in_lock_ = true;
    }
    if (again) read_zookeeper();
}

void Node::publish(const core::Record& record, const core::Change& change) {
    tell_zookeeper([this, record, change, named = view_.record.named_version,
                    written = view_.record.written_version, session = session_] {
        if (!world_.zookeeper.is_alive(session)) return;
        const auto before = world_.zookeeper.record();
        const bool done = world_.zookeeper.publish(record, named, written, change);
        const Writer writer = record.master == address_ ? Writer::own_wrapper : Writer::other;
        if (done) check_published(world_, before, record, writer);
        later(world_.a_delay(), [this, connection = connection_] {
            if (connection != connection_ || !is_connected()) return;
            is_publication_answered_ = true;
            read_zookeeper();
        });
    });
}

// Keeps our entry true, once it is there.
void Node::register_or_update() {
    if (!is_connected() || !view_.registered) return;
    const core::Member self = rw::self_as_member(view_);
    if (registered_as_ && !rw::is_entry_outdated(*registered_as_, self)) return;
    registered_as_ = self;
    tell_zookeeper(
        [this, session = session_, self] { world_.zookeeper.register_member(session, self); });
}

}  // namespace redis_zk::simulation
