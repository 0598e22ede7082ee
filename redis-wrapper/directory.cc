#include "redis-wrapper/directory.h"

#include <cinttypes>
#include <cstdio>
#include <ctime>

#include "common/zk/documents.h"
#include "redis-wrapper/core/observe.h"

namespace redis_zk::redis_wrapper {

using core::Done;
using core::Result;

namespace {

// Without credentials everything is open to all, and meant to be.
std::vector<std::string> paths_to_protect(const zk::Layout& layout, bool has_credentials) {
    if (!has_credentials) return {};
    return {layout.root(),    layout.master(), layout.term(),   layout.roster(),
            layout.members(), layout.lock(),   layout.history()};
}

constexpr core::milliseconds pause_before_looking_again{100};
constexpr std::uint64_t history_to_keep = 100;
constexpr std::size_t history_operation = 2;  // its place in the multi that publishes
}  // namespace

std::string time_for_people() {
    const std::time_t now = std::time(nullptr);
    std::tm parts{};
    gmtime_r(&now, &parts);
    char text[sizeof "2026-11-21T10:00:00Z"];
    std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &parts);
    return text;
}

// The folders in which others create: made in each session, for they may be missing in a new
// ensemble. Existing ones stay as they are.
class Directory::FirstSteps : private zk::SessionUser {
  public:
    FirstSteps(zk::SessionKeeper& keeper, std::vector<std::string> paths,
               std::vector<std::string> to_protect, Handlers handlers)
        : SessionUser{keeper},
          paths_{std::move(paths)},
          to_protect_{std::move(to_protect)},
          handlers_{std::move(handlers)} {}

  private:
    void session_ready(zk::Session& session) override {
        for (const std::string& path : paths_)
            session.create_path(
                path,
                [this](const Result<Done>& done) {
                    if (!done) failed(done.error());
                },
                asker());
        for (const std::string& path : std::exchange(to_protect_, {}))
            look_at_access(session, path);
    }

    void session_away() override { handlers_.on_change(); }
    void session_ended() override { handlers_.on_change(); }

    void look_at_access(zk::Session& session, const std::string& path) {
        session.is_open_to_all(
            path,
            [this, path](const Result<bool>& open) {
                if (open && *open)
                    handlers_.on_complaint("everybody may change " + path +
                                           " in ZooKeeper, although ZK_AUTH is given: it was there "
                                           "before, and keeps its access");
            },
            asker());
    }

    std::vector<std::string> paths_;
    std::vector<std::string> to_protect_;  // looked at once
    Handlers handlers_;
};

Directory::Directory(event::Loop& loop, event::Resolver& resolver,
                     zk::SessionKeeper::Options options, zk::Layout layout, Handlers handlers)
    : layout_{std::move(layout)},
      handlers_{std::move(handlers)},
      has_credentials_{!options.credentials.empty()},
      keeper_{loop, resolver, std::move(options), handlers_.on_event},
      master_{keeper_, layout_.master(), handlers_.on_change},
      term_{keeper_, layout_.term(), handlers_.on_change},
      roster_{keeper_, layout_.roster(), handlers_.on_change},
      members_{keeper_, layout_.members(), handlers_.on_change},
      sentinels_{keeper_, layout_.sentinels(), handlers_.on_change},
      look_again_soon_{loop, [this] { look_again(); }},
      lock_{keeper_, layout_.lock(), [this](zk::Lock::State state) { lock_changed(state); }},
      first_steps_{std::make_unique<FirstSteps>(
          keeper_, std::vector{layout_.members(), layout_.sentinels(), layout_.history()},
          paths_to_protect(layout_, has_credentials_), handlers_)} {}

Directory::~Directory() {
    if (zk::Session* session = keeper_.session()) session->forget(this);
}

bool Directory::is_current() const {
    return master_.is_current() && term_.is_current() && roster_.is_current() &&
           members_.is_current() && sentinels_.is_current();
}

void Directory::complain(const std::string& key, const std::string& sentence) const {
    std::string& said = complaints_[key];
    if (said == sentence) return;
    said = sentence;
    if (!sentence.empty()) handlers_.on_complaint(sentence + "; it is left alone");
}

core::FoundRecord Directory::found_record() const {
    core::FoundRecord found;
    found.known = master_.is_known() && term_.is_known();
    if (const auto& node = master_.node()) {
        found.named_version = node->stat.version;
        found.named = core::parse_endpoint(node->data);
        const bool is_garbage = !found.named && !node->data.empty();
        found.unreadable = is_garbage;
        complain(layout_.master(), is_garbage ? layout_.master() + " is not \"host port\"" : "");
    }
    if (const auto& node = term_.node()) {
        found.written_version = node->stat.version;
        const auto record = zk::parse_record(node->data);
        if (record) found.written = *record;
        if (!record) found.unreadable = true;
        complain(layout_.term(), record ? "" : layout_.term() + ": " + record.error().message);
    }
    return found;
}

void Directory::fill(View& view) const {
    const bool registered = registration_ && registration_->is_registered();
    observe_session(view, is_current(), view.registered && !registered);
    view.registered = registered;
    view.record = found_record();
    view.roster = {};
    if (const auto& node = roster_.node()) {
        const auto roster = zk::parse_roster(node->data);
        if (roster) view.roster = *roster;
        complain(layout_.roster(), roster ? "" : layout_.roster() + ": " + roster.error().message);
    }
    view.members_known = members_.is_known();
    view.members.clear();
    for (const auto& [name, node] : members_.nodes()) {
        const auto member = zk::parse_member(node.data);
        if (member) view.members.emplace(member->id, *member);
        complain(layout_.member(name),
                 member ? "" : layout_.member(name) + ": " + member.error().message);
    }
    std::vector<core::Endpoint> sentinels;
    for (const auto& [name, node] : sentinels_.nodes()) {
        const auto sentinel = core::parse_endpoint(node.data);
        if (sentinel) sentinels.push_back(*sentinel);
        complain(layout_.sentinel(name),
                 sentinel ? "" : layout_.sentinel(name) + " is not \"host port\"");
    }
    if (sentinels_.is_known()) observe_sentinels(view, sentinels);
    view.lock = Lock::none;
    if (lock_.state() == zk::Lock::State::requested) view.lock = Lock::requested;
    if (lock_.state() == zk::Lock::State::held)
        view.lock = looked_in_lock_ ? Lock::held : Lock::requested;
}

void Directory::register_as(const std::string& id, const std::string& document) {
    if (registration_) return registration_->set_data(document);
    registration_ = std::make_unique<zk::Registration>(keeper_, layout_.member(id), document,
                                                       [this](bool) { handlers_.on_change(); });
}

void Directory::take_lock() { lock_.request(); }

void Directory::release_lock() {
    looked_in_lock_ = false;
    ++look_number_;
    look_again_soon_.stop();
    lock_.release();
}

void Directory::lock_changed(zk::Lock::State state) {
    looked_in_lock_ = false;
    ++look_number_;
    look_again_soon_.stop();
    if (state == zk::Lock::State::held) look_again();
    handlers_.on_change();
}

// Reads again everything that a decision rests on. A look that was overtaken by another, or by the
// loss of the lock, counts for nothing.
void Directory::look_again() {
    parts_missing_ = 5;
    part_failed_ = false;
    const auto number = ++look_number_;
    const auto part = [this, number](bool worked) {
        if (number != look_number_) return;
        part_failed_ = part_failed_ || !worked;
        if (--parts_missing_ > 0) return;
        if (part_failed_) return look_again_soon_.start(pause_before_looking_again);
        looked_in_lock_ = lock_.state() == zk::Lock::State::held;
        handlers_.on_change();
    };
    const auto node = [part](const Result<std::optional<zk::Node>>& it) { part(bool{it}); };
    const auto nodes = [part](const Result<zk::WatchedDirectory::Nodes>& it) { part(bool{it}); };
    master_.refresh(node);
    term_.refresh(node);
    roster_.refresh(node);
    members_.refresh(nodes);
    sentinels_.refresh(nodes);
}

namespace {

// Sets a node that was seen in this version, or creates one that was not there.
zk::Operation write(const std::string& path, const std::string& text, std::int32_t seen_version) {
    if (seen_version < 0) return zk::Create{path, text, zk::CreateMode::persistent};
    return zk::Set{path, text, seen_version};
}

std::string text_of(const zk::WatchedNode& node) {
    return node.node() ? node.node()->data : std::string{};
}

}  // namespace

void Directory::publish(const core::Record& record, OnDone on_done) {
    zk::Session* session = keeper_.session();
    if (session == nullptr) return;
    const auto before = found_record();
    const auto at = time_for_people();
    const std::vector<zk::Operation> operations{
        write(layout_.term(), zk::record_document(record, at, text_of(term_)),
              before.written_version),
        write(layout_.master(), core::to_text(record.master), before.named_version),
        zk::Create{layout_.history_entry(record.term), zk::history_document(record, at, before),
                   zk::CreateMode::persistent}};
    session->multi(
        operations,
        [this, record, on_done](const zk::MultiAnswer& answer) {
            if (answer.result) forget_history(record.term, history_to_keep);
            // Left by a cluster whose record was deleted: it would stand in the way for ever.
            if (answer.failed_operation == history_operation) forget_history(record.term, 0);
            read_back(answer.result, on_done);
        },
        this);
}

// The outcome counts when it is in the copies: else the next turn would decide on the old ones.
void Directory::read_back(const Result<Done>& result, OnDone on_done) {
    master_.refresh([this, result, on_done](const auto&) {
        term_.refresh([this, result, on_done](const auto&) {
            on_done(result);
            handlers_.on_change();
        });
    });
}

void Directory::write_roster(const core::Roster& roster, OnDone on_done) {
    zk::Session* session = keeper_.session();
    if (session == nullptr) return;
    const std::int32_t version = roster_.node() ? roster_.node()->stat.version : -1;
    const auto text = zk::roster_document(roster, time_for_people(), text_of(roster_));
    session->multi(
        {write(layout_.roster(), text, version)},
        [this, on_done](const zk::MultiAnswer& answer) {
            roster_.refresh([on_done, result = answer.result](const auto&) { on_done(result); });
        },
        this);
}

void Directory::forget_history(std::uint64_t term, std::uint64_t terms_before) {
    zk::Session* session = keeper_.session();
    if (session == nullptr || term <= terms_before) return;
    session->remove(layout_.history_entry(term - terms_before), zk::any_version, {}, this);
}

void Directory::close(core::milliseconds bound, std::function<void()> on_closed) {
    keeper_.close(bound, std::move(on_closed));
}

std::string Directory::session_id() const {
    const zk::Session* session = keeper_.latest_session();
    if (session == nullptr) return {};
    char text[32];
    std::snprintf(text, sizeof text, "0x%" PRIx64, static_cast<std::int64_t>(session->id()));
    return text;
}

std::optional<core::milliseconds> Directory::session_timeout() const {
    const zk::Session* session = keeper_.session();
    return session == nullptr ? std::nullopt : std::optional{session->timeout()};
}

}  // namespace redis_zk::redis_wrapper
