#include "sentinel-wrapper/directory.h"

#include "common/app/identity.h"
#include "common/app/logging.h"
#include "common/zk/documents.h"
#include "sentinel-wrapper/core/observe.h"

namespace redis_zk::sentinel_wrapper {

Directory::Directory(event::Loop& loop, event::Resolver& resolver, const Config& config,
                     std::function<void()> on_change)
    : layout_{config.layout()},
      on_change_{std::move(on_change)},
      complaints_{app::log_warning},
      name_{app::random_id()},
      keeper_{loop, resolver, config.session_options(), app::log_info},
      master_{keeper_, layout_.master(), on_change_},
      term_{keeper_, layout_.term(), on_change_},
      members_{keeper_, layout_.members(), on_change_},
      sentinels_{keeper_, layout_.sentinels(), on_change_},
      ids_{keeper_, layout_.sentinel_ids(), on_change_},
      lock_{keeper_,
            layout_.ghost_lock(),
            {{&master_, &term_}, {&members_, &sentinels_, &ids_}},
            on_change_},
      pool_{keeper_, {layout_, config.ghost_timeout, zk::time_for_people}, on_change_},
      folders_{keeper_,
               {layout_.members(), layout_.sentinels(), layout_.sentinel_ids()},
               {layout_.sentinel_ids()},
               {on_change_, app::log_warning}} {}

bool Directory::is_current() const {
    return lock_.is_trusted() && master_.is_current() && term_.is_current() &&
           members_.is_current() && sentinels_.is_current() && ids_.is_current();
}

Identity Directory::identity() const {
    Identity identity;
    switch (pool_.state()) {
        case zk::IdentityPool::State::none: identity.state = Identity::State::none; break;
        case zk::IdentityPool::State::claiming: identity.state = Identity::State::claiming; break;
        case zk::IdentityPool::State::owned: identity.state = Identity::State::owned; break;
        case zk::IdentityPool::State::releasing: identity.state = Identity::State::releasing; break;
    }
    identity.id = pool_.id();
    identity.confirmed = pool_.is_confirmed();
    return identity;
}

void Directory::fill(View& view) const {
    const bool registered = registration_ && registration_->is_registered();
    observe_session(view, is_current(), view.registered && !registered);
    view.session_is_up = keeper_.session() != nullptr;
    if (registered && !view.registered) observe_registration_done(view);
    view.registered = registered;
    view.record = zk::read_record(master_, term_, complaints_);
    view.members_known = members_.is_known();
    view.members = zk::read_members(members_, complaints_);
    if (sentinels_.is_known()) observe_sentinels(view, zk::read_sentinels(sentinels_, complaints_));
    view.ids_known = ids_.is_known();
    view.ids.clear();
    for (const auto& [id, node] : ids_.nodes()) view.ids.insert(id);
    view.identity = identity();
    std::optional<Suspect> suspect;
    if (const auto& one = pool_.suspect()) suspect = Suspect{one->id, one->last_address};
    observe_suspect(view, suspect);
    view.lock = Lock::none;
    if (lock_.state() == zk::Lock::State::requested) view.lock = Lock::requested;
    if (lock_.state() == zk::Lock::State::held) view.lock = Lock::held;
}

void Directory::register_at(const Endpoint& address) {
    // A registration that is on its way out cannot be called back, but a new one finds what is
    // there.
    if (registration_ && !is_leaving_the_list_) return;
    is_leaving_the_list_ = false;
    registration_ = std::make_unique<zk::Registration>(
        keeper_, layout_.sentinel(name_), core::to_text(address), [this](bool) { on_change_(); });
}

void Directory::deregister(std::function<void()> on_done) {
    if (!registration_) return on_done();
    is_leaving_the_list_ = true;
    registration_->remove(std::move(on_done));
}

void Directory::close(core::milliseconds bound, std::function<void()> on_closed) {
    keeper_.close(bound, std::move(on_closed));
}

core::milliseconds Directory::session_timeout() const { return keeper_.session_timeout(); }

}  // namespace redis_zk::sentinel_wrapper
