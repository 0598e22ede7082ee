#include "watcher/directory.h"

#include "common/app/logging.h"
#include "common/zk/documents.h"
#include "watcher/core/observe.h"
#include "watcher/history.h"

namespace redis_zk::watcher {

Directory::Directory(event::Loop& loop, event::Resolver& resolver, const Config& config,
                     std::function<void()> on_change)
    : layout_{config.layout()},
      on_change_{std::move(on_change)},
      complaints_{app::log_warning},
      keeper_{loop, resolver, config.session_options(), app::log_info},
      master_{keeper_, layout_.master(), on_change_},
      term_{keeper_, layout_.term(), on_change_},
      roster_{keeper_, layout_.roster(), on_change_},
      members_{keeper_, layout_.members(), on_change_},
      sentinels_{keeper_, layout_.sentinels(), on_change_},
      history_{keeper_, layout_.history(), on_change_},
      second_look_{keeper_,
                   {{&master_, &term_, &roster_}, {&members_, &sentinels_}},
                   [this] {
                       is_trusted_ = true;
                       on_change_();
                   }},
      writer_{keeper_, layout_, master_, term_},
      folders_{keeper_,
               {layout_.members(), layout_.sentinels(), layout_.history()},
               {layout_.root(), layout_.master(), layout_.term(), layout_.history()},
               {on_change_, app::log_warning}} {}

bool Directory::is_current() const {
    return is_trusted_ && master_.is_current() && term_.is_current() && roster_.is_current() &&
           members_.is_current() && sentinels_.is_current();
}

void Directory::fill(View& view) const {
    view.zookeeper_connected = is_current();
    view.record = zk::read_record(master_, term_, complaints_);
    view.roster = zk::read_roster(roster_, complaints_);
    view.members_known = members_.is_known();
    view.members = zk::read_members(members_, complaints_);
    if (sentinels_.is_known()) observe_sentinels(view, zk::read_sentinels(sentinels_, complaints_));
}

void Directory::distrust() {
    is_trusted_ = false;
    second_look_.begin();
}

void Directory::publish(const Publish& publication, core::Callback<core::Done> on_done) {
    writer_.publish(publication.record, zk::read_record(master_, term_, complaints_),
                    std::move(on_done), publication.change);
}

void Directory::close(core::milliseconds bound, std::function<void()> on_closed) {
    keeper_.close(bound, std::move(on_closed));
}

std::optional<std::string> Directory::master_since() const {
    const core::FoundRecord record = zk::read_record(master_, term_, complaints_);
    if (!record.written || record.named != record.written->master) return std::nullopt;
    return watcher::master_since(term_.node()->data, history_.nodes());
}

}  // namespace redis_zk::watcher
