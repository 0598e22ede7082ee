// What a simulated sentinel-wrapper reads from ZooKeeper and writes there.
#include <utility>

#include "tests/simulation/sentinel.h"

namespace redis_zk::simulation {

namespace sw = sentinel_wrapper;
using Right = FakeZooKeeper::Right;
using State = sw::Identity::State;

void Sentinel::connected(bool is_new) {
    if (is_new) looked_in_lock_ = false;
    sw::observe_session(view_, false, is_new);
    tell_zookeeper([this, session = session_, wanted = view_.lock != sw::Lock::none] {
        if (wanted)
            world_.zookeeper.queue_for_lock(session, Right::to_forget);
        else
            world_.zookeeper.leave_lock(session, Right::to_forget);
        world_.zookeeper.take_identity_back(session, own_name());
    });
    if (view_.identity.state == State::claiming) claim_identity();
    if (view_.identity.state == State::releasing) release_identity();
    read_zookeeper();
}

// Whether the id is still ours is not known before the next session has looked.
void Sentinel::disconnected() {
    reading_ = read_again_ = false;
    forgot_at_.reset();
    sw::observe_session(view_, false, false);
    turn_soon();
}

// What was read may be outdated, and so is the right to forget.
void Sentinel::distrust_zookeeper() {
    ++distrusted_;
    forgot_at_.reset();
    reading_ = read_again_ = looked_in_lock_ = false;
    if (view_.lock == sw::Lock::held) view_.lock = sw::Lock::requested;
    sw::observe_session(view_, false, false);
    if (is_connected()) read_zookeeper();
}

void Sentinel::read_zookeeper() {
    if (reading_) {
        read_again_ = true;
        return;
    }
    reading_ = true;
    const auto is_heard = [this, connection = connection_, distrusted = distrusted_] {
        return connection == connection_ && distrusted == distrusted_;
    };
    later_on_the_way(world_.a_delay(), [this, is_heard] {
        if (!is_heard()) return;
        const bool lost = world_.is_lost();
        later(world_.a_delay(), [this, is_heard, lost, copy = copy_zookeeper()] {
            if (!is_heard()) return;
            if (lost) return lose_zookeeper(false);
            copy();
            turn_soon();
        });
    });
}

std::function<void()> Sentinel::copy_zookeeper() {
    const FakeZooKeeper& zookeeper = world_.zookeeper;
    std::map<std::string, core::Member> members;
    for (const auto& [id, owned] : zookeeper.members()) members.emplace(id, owned.member);
    std::vector<Endpoint> sentinels;
    bool registered = false;
    for (const auto& [name, sentinel] : zookeeper.sentinels()) {
        sentinels.push_back(sentinel.address);
        registered = registered || (name == own_name() && sentinel.owner == session_);
    }
    std::set<std::string> ids;
    std::string own_id;
    bool is_ours = false;
    for (const auto& [id, identity] : zookeeper.ids()) {
        ids.insert(id);
        if (identity.claimant != own_name()) continue;
        own_id = id;
        is_ours = identity.owner == session_;
    }
    return [=, this, record = zookeeper.record(),
            holds_lock = zookeeper.holds_lock(session_, Right::to_forget)] {
        view_.record = record;
        view_.members = members;
        view_.ids = ids;
        view_.members_known = view_.ids_known = true;
        sw::observe_session(view_, true, view_.registered && !registered);
        if (registered && !view_.registered) sw::observe_registration_done(view_);
        view_.registered = registered;
        sw::observe_sentinels(view_, sentinels);
        see_identity(own_id, is_ours);
        have_read(holds_lock);
    };
}

void Sentinel::see_identity(const std::string& id, bool is_ours) {
    sw::Identity& identity = view_.identity;
    const bool is_on_the_way = id.empty() && identity.state == State::claiming;
    if (is_on_the_way) return;
    if (id.empty() && identity.state == State::owned && !view_.ids.contains(identity.id))
        return tell_zookeeper([this, session = session_, own = identity.id] {
            world_.zookeeper.write_identity_again(session, own_name(), address_, own);
        });
    if (id.empty())
        identity = {};
    else if (identity.state != State::releasing)
        identity = {State::owned, id, is_ours};
}

void Sentinel::have_read(bool holds_lock) {
    reading_ = false;
    look();
    // Held counts only when all was read again since the lock was ours.
    bool again = std::exchange(read_again_, false);
    if (view_.lock == sw::Lock::requested && holds_lock) {
        if (looked_in_lock_) view_.lock = sw::Lock::held;
        again = again || !looked_in_lock_;
        looked_in_lock_ = true;
    }
    if (again) read_zookeeper();
}

void Sentinel::claim_identity() {
    view_.identity.state = State::claiming;
    tell_zookeeper([this, session = session_] {
        const auto answers = [this](const std::string& id, const Endpoint& last_address) {
            FakeSentinel* suspect = world_.sentinel_at(last_address);
            if (suspect == nullptr || suspect->id() != id || suspect->hangs) return false;
            const bool is_cut = world_.is_cut(*this, last_address);
            if (is_cut) suspect->missed_at = world_.clock.now();
            return !is_cut;
        };
        world_.zookeeper.claim_identity(session, own_name(), address_,
                                        world_.settings.ghost_timeout, answers);
    });
}

void Sentinel::release_identity() {
    view_.identity.state = State::releasing;
    tell_zookeeper([this] { world_.zookeeper.release_identity(own_name()); });
}

void Sentinel::write_zookeeper(const sw::Action& action) {
    FakeZooKeeper& zookeeper = world_.zookeeper;
    const auto session = session_;
    if (std::holds_alternative<sw::ClaimIdentity>(action)) claim_identity();
    if (std::holds_alternative<sw::ReleaseIdentity>(action)) release_identity();
    if (std::holds_alternative<sw::Register>(action))
        tell_zookeeper([this, session, &zookeeper] {
            zookeeper.register_sentinel(session, own_name(), address_);
        });
    if (std::holds_alternative<sw::Deregister>(action))
        tell_zookeeper([this, session, &zookeeper] {
            zookeeper.deregister_sentinel(session, own_name());
            sw::observe_registration_done(view_);
        });
    if (std::holds_alternative<sw::TakeLock>(action))
        tell_zookeeper(
            [session, &zookeeper] { zookeeper.queue_for_lock(session, Right::to_forget); });
    if (std::holds_alternative<sw::ReleaseLock>(action)) {
        looked_in_lock_ = false;
        tell_zookeeper([session, &zookeeper] { zookeeper.leave_lock(session, Right::to_forget); });
    }
}

}  // namespace redis_zk::simulation
