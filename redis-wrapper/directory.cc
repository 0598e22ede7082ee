#include "redis-wrapper/directory.h"

#include <utility>

#include "common/app/logging.h"
#include "common/zk/documents.h"
#include "redis-wrapper/core/observe.h"

namespace redis_zk::redis_wrapper {

using core::Done;
using core::Result;

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
      lock_{keeper_,
            layout_.lock(),
            {{&master_, &term_, &roster_}, {&members_, &sentinels_}},
            on_change_},
      writer_{keeper_, layout_, master_, term_} {}

Directory::~Directory() {
    if (zk::Session* session = keeper_.session()) session->forget(this);
}

bool Directory::is_current() const {
    return lock_.is_trusted() && master_.is_current() && term_.is_current() &&
           roster_.is_current() && members_.is_current() && sentinels_.is_current();
}

core::FoundRecord Directory::found_record() const {
    return zk::read_record(master_, term_, complaints_);
}

void Directory::make_folders() {
    if (folders_) return;
    folders_.emplace(keeper_,
                     std::vector{layout_.members(), layout_.sentinels(), layout_.history()},
                     std::vector{layout_.root(), layout_.master(), layout_.term(), layout_.roster(),
                                 layout_.members(), layout_.lock(), layout_.history()},
                     zk::Folders::Handlers{on_change_, app::log_warning});
}

void Directory::fill(View& view) const {
    const bool registered = registration_ && registration_->is_registered();
    observe_session(view, is_current(), view.registered && !registered);
    view.registered = registered;
    view.record = found_record();
    view.roster = zk::read_roster(roster_, complaints_);
    view.succession = {};
    if (entry_ && entry_->is_current() && (entry_->node() || has_no_entry_)) {
        view.succession = {term_of_entry_, true, {}};
        if (entry_->node()) view.succession.beginning = zk::beginning_in(entry_->node()->data);
    }
    view.members_known = members_.is_known();
    view.members = zk::read_members(members_, complaints_);
    if (sentinels_.is_known()) observe_sentinels(view, zk::read_sentinels(sentinels_, complaints_));
    view.lock = Lock::none;
    if (lock_.state() == zk::Lock::State::requested) view.lock = Lock::requested;
    if (lock_.state() == zk::Lock::State::held) view.lock = Lock::held;
}

void Directory::register_as(const std::string& id, const std::string& document) {
    if (registration_) return registration_->set_data(document);
    registration_ = std::make_unique<zk::Registration>(keeper_, layout_.member(id), document,
                                                       [this](bool) { on_change_(); });
}

void Directory::take_lock() { lock_.request(); }

void Directory::release_lock() { lock_.release(); }

void Directory::distrust() { lock_.distrust(); }

void Directory::publish(const core::Record& record, const core::Change& change, OnDone on_done) {
    writer_.publish(
        record, found_record(),
        [this, on_done = std::move(on_done)](const Result<Done>& result) {
            on_done(result);
            on_change_();
        },
        change);
}

void Directory::read_history_of(std::optional<std::uint64_t> term) {
    if (!term) return entry_.reset();
    if (!entry_ || term_of_entry_ != *term) {
        term_of_entry_ = *term;
        is_asking_again_ = has_no_entry_ = false;
        entry_.emplace(keeper_, layout_.history_entry(*term), on_change_);
    }
    // It is written together with the record, and may arrive here after that.
    const bool is_missing = entry_->is_current() && !entry_->node() && !has_no_entry_ &&
                            found_record().term() >= term_of_entry_;
    if (!is_missing || std::exchange(is_asking_again_, true)) return;
    entry_->refresh([this](const Result<std::optional<zk::Node>>& node) {
        is_asking_again_ = false;
        has_no_entry_ = node && !*node;
        on_change_();
    });
}

void Directory::write_loss(const core::Loss& loss, const std::string& node,
                           const std::string& kept_as, OnDone on_done) {
    const auto text =
        zk::history_document_with(entry_->node()->data, loss, node, kept_as, zk::time_for_people());
    keeper_.session()->set(
        entry_->path(), text, entry_->node()->stat.version,
        [on_done](const auto& result) {
            on_done(result ? Result<Done>{Done{}} : Result<Done>{result.error()});
        },
        this);
}

void Directory::write_roster(const core::Roster& roster, OnDone on_done) {
    zk::Session* session = keeper_.session();
    if (session == nullptr) return;
    const std::int32_t version = roster_.node() ? roster_.node()->stat.version : -1;
    const auto replaced = roster_.node() ? roster_.node()->data : std::string{};
    if (!replaced.empty() && !zk::parse_roster(replaced))
        app::log_warning(layout_.roster() + " could not be read, and this master replaces it");
    const auto text = zk::roster_document(roster, zk::time_for_people(), replaced);
    session->multi(
        {zk::write_over(layout_.roster(), text, version)},
        [this, on_done](const zk::MultiAnswer& answer) {
            roster_.refresh([on_done, result = answer.result](const auto&) { on_done(result); });
        },
        this);
}

void Directory::close(core::milliseconds bound, std::function<void()> on_closed) {
    keeper_.close(bound, std::move(on_closed));
}

std::string Directory::session_id() const { return keeper_.spoken_session(); }

core::milliseconds Directory::session_timeout() const { return keeper_.session_timeout(); }

}  // namespace redis_zk::redis_wrapper
