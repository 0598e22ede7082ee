#include "common/zk/identity_pool.h"

#include <algorithm>
#include <utility>

#include "common/zk/documents.h"
#include "common/zk/fault.h"
#include "common/zk/random_digits.h"
#include "common/zk/session_keeper.h"

namespace redis_zk::zk {

using IdentityState = core::SentinelIdentity::State;

namespace {

constexpr std::size_t digits_of_an_id = 40;

bool is_free(const std::optional<core::SentinelIdentity>& identity,
             const std::optional<Node>& owner, IdentityState because) {
    return identity && !owner && identity->state == because;
}

}  // namespace

IdentityPool::IdentityPool(SessionKeeper& keeper, Options options, std::function<void()> on_change)
    : SessionUser{keeper},
      options_{std::move(options)},
      on_change_{std::move(on_change)},
      name_{random_digits(32)},
      absence_due_{keeper.loop(), [this] { look(); }},
      tell_{keeper.loop(), [this] { on_change_(); }} {}

IdentityPool::~IdentityPool() = default;

void IdentityPool::claim(core::Endpoint address) {
    if (state_ != State::none) return;
    address_ = std::move(address);
    answers_.clear();
    must_sync_ = true;
    become(State::claiming, "", false);
    look();
}

void IdentityPool::release() {
    if (state_ == State::none) return;
    become(State::releasing, id_, is_confirmed_);
    suspects(std::nullopt);
    look();
}

void IdentityPool::answer(const std::string& id, bool it_answers) {
    if (!suspect_ || suspect_->id != id) return;
    answers_[id] = {suspect_version_, it_answers};
    suspects(std::nullopt);
    look();
}

void IdentityPool::session_ready(Session&) {
    must_sync_ = true;
    look();
}

void IdentityPool::session_ended() {
    busy_ = false;
    missing_parts_ = 0;
    absence_due_.stop();
    become(state_, id_, false);
}

void IdentityPool::look() {
    if (busy_) {
        look_again_ = true;
        return;
    }
    if (state_ == State::none || session() == nullptr) return;
    busy_ = true;
    look_again_ = false;
    fault_.reset();
    entries_.clear();
    missing_parts_ = 1;
    if (!std::exchange(must_sync_, false)) return list();
    session()->sync(
        options_.layout.sentinel_ids(),
        [this](core::Result<core::Done> synced) {
            if (!synced) return part_done(synced);
            list();
        },
        asker());
}

void IdentityPool::list() {
    const auto folder = options_.layout.sentinel_ids();
    if (session() == nullptr) return part_done(no_connection("list " + folder));
    session()->children(
        folder,
        [this, folder](core::Result<std::optional<std::vector<std::string>>> names) {
            if (!names) return part_done(names.error());
            const auto present = names->value_or(std::vector<std::string>{});
            complaints_.forget_absent(folder, [&present](const std::string& name) {
                return std::ranges::find(present, name) != present.end();
            });
            for (const auto& name : present) read(name);
            part_done(core::Done{});
        },
        [this] { look(); }, asker());
}

void IdentityPool::read(const std::string& id) {
    const auto path = options_.layout.sentinel_id(id);
    if (!core::is_sentinel_id(id)) return complaints_.about(path, path + " is no sentinel id");
    get(path, [this, id](const std::optional<Node>& node) {
        if (node) entries_.push_back({id, *node, {}, {}});
    });
    // Answered after the entry: without an owner then, it had none later than that version.
    get(options_.layout.sentinel_id_owner(id), [this, id](const std::optional<Node>& owner) {
        const auto entry = std::ranges::find(entries_, id, &Entry::id);
        if (entry != entries_.end()) entry->owner = owner;
    });
}

// A part of the round, for which the list waits.
void IdentityPool::get(const std::string& path,
                       std::function<void(const std::optional<Node>&)> take) {
    ++missing_parts_;
    // The question before may have found out that the connection is lost.
    if (session() == nullptr) return part_done(no_connection("read " + path));
    session()->get(
        path,
        [this, take = std::move(take)](core::Result<std::optional<Node>> node) {
            if (node) take(*node);
            part_done(node ? core::Result<core::Done>{core::Done{}} : node.error());
        },
        [this] { look(); }, asker());
}

void IdentityPool::part_done(const core::Result<core::Done>& result) {
    if (!result && !fault_) fault_ = result.error();
    if (--missing_parts_ > 0) return;
    busy_ = false;
    if (fault_) {
        must_sync_ = true;
        return failed(*fault_);
    }
    if (session() == nullptr) return;  // looks again when there is a connection
    if (look_again_) return look();
    round_done();
}

void IdentityPool::round_done() {
    std::ranges::sort(entries_, {}, &Entry::id);
    for (auto& entry : entries_) {
        const auto identity = parse_sentinel_identity(entry.node.data);
        if (identity) entry.identity = *identity;
        const auto path = options_.layout.sentinel_id(entry.id);
        complaints_.about(path, identity ? "" : path + ": " + identity.error().message);
    }
    act();
}

void IdentityPool::act() {
    switch (state_) {
        case State::none: return;
        case State::claiming: return act_as_claimant();
        case State::owned: return act_as_owner();
        case State::releasing: return act_on_release();
    }
}

void IdentityPool::act_as_claimant() {
    const auto* own = own_entry();
    const auto* free = own != nullptr ? own : free_entry();
    const auto* unknown = free != nullptr ? nullptr : next_suspect();
    if (unknown != nullptr) {
        suspect_version_ = unknown->node.stat.version;
        return suspects(Suspect{unknown->id, unknown->identity->last_address});
    }
    suspects(std::nullopt);
    if (own != nullptr && has_our_owner(*own)) {
        become(State::owned, own->id, true);
        return act_as_owner();
    }
    if (free != nullptr) {
        report("takes the sentinel id " + free->id + ", which is " +
               core::name_of(free->identity->state) + "; it was that of the sentinel at " +
               core::spoken(free->identity->last_address));
        return take(*free);
    }
    const auto id = random_digits(digits_of_an_id);
    report("makes a new sentinel id, " + id + ", since none is free");
    make(id);
}

void IdentityPool::act_as_owner() {
    const auto* own = entry_of(id_);
    const auto path = options_.layout.sentinel_id(id_);
    if (own == nullptr) {
        report(path + " was removed by somebody: writes it again");
        return make(id_);
    }
    const bool is_others = own->identity && own->identity->claimant != name_;
    if (is_others || (!own->identity && !has_our_owner(*own))) {
        report("has lost the sentinel id " + id_ + ": " +
               (is_others ? "the sentinel at " + core::spoken(own->identity->last_address) +
                                " has taken it meanwhile"
                          : path + " cannot be understood any more"));
        return become(State::none, "", false);
    }
    if (!has_our_owner(*own)) {
        become(State::owned, id_, false);
        return take(*own);
    }
    become(State::owned, id_, true);
    act_on_absences();
}

void IdentityPool::act_on_release() {
    const auto* own = own_entry();
    if (own == nullptr) {
        worked();
        return become(State::none, "", false);
    }
    std::vector<Operation> operations;
    if (own->identity)
        operations.emplace_back(Set{
            options_.layout.sentinel_id(own->id),
            document(IdentityState::released, own->identity->last_address, name_, own->node.data),
            own->node.stat.version});
    if (own->owner) operations.emplace_back(Remove{options_.layout.sentinel_id_owner(own->id)});
    change(operations);
}

void IdentityPool::act_on_absences() {
    std::map<std::string, Absence> before = std::exchange(absences_, {});
    auto next = core::TimePoint::max();
    const Entry* abandoned = nullptr;
    for (const auto& entry : entries_) {
        if (!is_free(entry.identity, entry.owner, IdentityState::owned)) continue;
        Absence absence{entry.node.stat, loop().now()};
        if (const auto known = before.find(entry.id);
            known != before.end() && known->second.entry == absence.entry)
            absence.since = known->second.since;
        absences_[entry.id] = absence;
        const auto due = absence.since + options_.ghost_timeout;
        if (due <= loop().now())
            abandoned = &entry;
        else
            next = std::min(next, due);
    }
    if (abandoned != nullptr) return call_abandoned(*abandoned);
    worked();
    if (next == core::TimePoint::max())
        absence_due_.stop();
    else
        absence_due_.start_at(next);
}

// A leftover owner is that of our own former session; whoever else has one is left alone, since
// the entry would have another version then.
void IdentityPool::take(const Entry& entry) {
    const auto path = options_.layout.sentinel_id(entry.id);
    const auto owner = options_.layout.sentinel_id_owner(entry.id);
    std::vector<Operation> operations{
        Set{path, document(IdentityState::owned, address_, name_, entry.node.data),
            entry.node.stat.version}};
    if (entry.owner) operations.emplace_back(Remove{owner});
    operations.emplace_back(Create{owner, name_, CreateMode::ephemeral});
    change(operations);
}

void IdentityPool::make(const std::string& id) {
    change({Create{options_.layout.sentinel_id(id),
                   document(IdentityState::owned, address_, name_, "")},
            Create{options_.layout.sentinel_id_owner(id), name_, CreateMode::ephemeral}});
}

void IdentityPool::call_abandoned(const Entry& entry) {
    report("calls the sentinel id " + entry.id + " abandoned: the sentinel at " +
           core::spoken(entry.identity->last_address) + " has been absent for " +
           std::to_string(options_.ghost_timeout.count()) + " ms");
    change({Set{options_.layout.sentinel_id(entry.id),
                document(IdentityState::abandoned, entry.identity->last_address,
                         entry.identity->claimant, entry.node.data),
                entry.node.stat.version}});
}

void IdentityPool::change(const std::vector<Operation>& operations) {
    busy_ = true;
    session()->multi(
        operations,
        [this](const MultiAnswer& answer) {
            busy_ = false;
            must_sync_ = true;
            if (answer.result) return look();
            const auto& error = answer.result.error();
            if (error.code == code::no_node && session() != nullptr) return make_folder();
            if (error.code == code::bad_version || error.code == code::node_exists) return look();
            failed(error);
        },
        asker());
}

void IdentityPool::make_folder() {
    busy_ = true;
    session()->create_path(
        options_.layout.sentinel_ids(),
        [this](core::Result<core::Done> made) {
            busy_ = false;
            if (!made) return failed(made.error());
            look();
        },
        asker());
}

const IdentityPool::Entry* IdentityPool::entry_of(const std::string& id) const {
    const auto found = std::ranges::find(entries_, id, &Entry::id);
    return found == entries_.end() ? nullptr : &*found;
}

// What we have taken, also if the answer got lost, or if somebody has written garbage over it
// since.
const IdentityPool::Entry* IdentityPool::own_entry() const {
    const auto found = std::ranges::find_if(entries_, [this](const Entry& entry) {
        if (!entry.identity) return has_our_owner(entry);
        return entry.identity->claimant == name_ &&
               entry.identity->state != IdentityState::released;
    });
    return found == entries_.end() ? nullptr : &*found;
}

// That of our address, else any released one, else an abandoned one that does not answer.
const IdentityPool::Entry* IdentityPool::free_entry() const {
    const Entry* released = nullptr;
    const Entry* silent = nullptr;
    for (const auto& entry : entries_) {
        const auto answer = answers_.find(entry.id);
        const bool is_silent =
            answer != answers_.end() && answer->second == std::pair{entry.node.stat.version, false};
        if (is_silent && is_free(entry.identity, entry.owner, IdentityState::abandoned))
            silent = &entry;
        if (!is_free(entry.identity, entry.owner, IdentityState::released)) continue;
        if (entry.identity->last_address == address_) return &entry;
        if (released == nullptr) released = &entry;
    }
    return released != nullptr ? released : silent;
}

const IdentityPool::Entry* IdentityPool::next_suspect() const {
    const auto found = std::ranges::find_if(entries_, [this](const Entry& entry) {
        const auto answer = answers_.find(entry.id);
        const bool was_asked =
            answer != answers_.end() && answer->second.first == entry.node.stat.version;
        return !was_asked && is_free(entry.identity, entry.owner, IdentityState::abandoned);
    });
    return found == entries_.end() ? nullptr : &*found;
}

bool IdentityPool::has_our_owner(const Entry& entry) const {
    return entry.owner && entry.owner->data == name_ && session() != nullptr &&
           entry.owner->stat.owner == session()->id();
}

std::string IdentityPool::document(IdentityState state, const core::Endpoint& address,
                                   const std::string& claimant, const std::string& previous) const {
    return sentinel_identity_document({address, state, claimant}, options_.time_of_day(), previous);
}

void IdentityPool::become(State state, const std::string& id, bool is_confirmed) {
    if (state_ == state && id_ == id && is_confirmed_ == is_confirmed) return;
    state_ = state;
    id_ = id;
    is_confirmed_ = is_confirmed;
    tell_.schedule();
}

void IdentityPool::suspects(std::optional<Suspect> suspect) {
    if (suspect_ == suspect) return;
    suspect_ = std::move(suspect);
    tell_.schedule();
}

}  // namespace redis_zk::zk
