#include "redis-wrapper/core/quarantine.h"

#include <string>
#include <utility>

namespace redis_zk::redis_wrapper {

namespace {

std::string spoken(const core::Loss& loss) {
    const std::string term = "term " + std::to_string(loss.term);
    if (!loss.bytes)
        return "nobody knows whether " + term + " began with all that was written here";
    if (*loss.bytes == 0)
        return term + " may have begun without the last writes that it took before it ended";
    return term + " began without " + std::to_string(*loss.bytes) +
           " bytes, at least, of what was written here";
}

// The data belong to the term of the record, which still names this node; whoever is master now is
// about to begin the next one.
bool is_our_term(const View& view) {
    const auto& record = view.record.written;
    return record && record->node == view.self.id && record->term == view.redis.lineage->term;
}

}  // namespace

std::optional<std::uint64_t> term_without_us(const View& view) {
    if (view.redis.own_writes == OwnWrites::none || !view.redis.lineage) return std::nullopt;
    return view.redis.lineage->term + 1;
}

std::optional<core::Lineage> beginning_without_us(const View& view) {
    const core::Beginning& beginning = view.succession.beginning;
    return beginning.node == view.self.id ? std::nullopt : beginning.lineage;
}

std::optional<Actions> keep_what_is_lost(const View& view) {
    const auto term = term_without_us(view);
    if (!term) return std::nullopt;
    if (view.zookeeper_connected && is_our_term(view))
        return Actions{
            Wait{"the record shall name another master before this node follows it", {}}};
    const core::Lineage& here = *view.redis.lineage;
    const bool is_begun = view.quarantine && view.quarantine->lineage == here;
    // Also while the history of another term is read, to report it there.
    if (is_begun && view.quarantine->is_over) return std::nullopt;
    if (is_begun)
        return Actions{Wait{"the data of this node are being saved for the quarantine", {}}};
    const bool is_read = view.succession.term == *term && view.succession.is_known;
    const bool has_begun = view.record.term() >= *term;
    if (has_begun && !is_read && view.zookeeper_connected)
        return Actions{Wait{
            "reading in the history with which data term " + std::to_string(*term) + " began", {}}};
    core::Loss loss = core::loss_of(
        here, *term, is_read ? beginning_without_us(view) : std::optional<core::Lineage>{});
    const bool are_compared = view.redis.own_writes == OwnWrites::counted && loss.bytes == 0;
    const bool has_it_all = view.redis.own_writes == OwnWrites::handed_over || are_compared;
    // Whoever began a later term may have come back with less than its own.
    if (has_it_all && view.record.term() <= *term) return std::nullopt;
    if (has_it_all) loss = core::Loss{view.record.term(), here, {}};
    return Actions{QuarantineData{loss, view.self.keeps_quarantine, spoken(loss)}};
}

void observe_loaded_writes(View& view) { view.redis.own_writes = view.self.own_writes; }

void observe_own_writes(View& view) {
    const bool is_master = view.redis.role == core::Role::master;
    if (is_master && view.redis.open && view.redis.own_writes == OwnWrites::none)
        observe_opening(view);
    if (!is_master && view.redis.link_up && joined_term(view))
        view.redis.own_writes = OwnWrites::none;
}

void observe_opening(View& view) {
    view.quarantine.reset();  // it was of older data
    view.redis.own_writes = is_recorded(view) ? OwnWrites::counted : OwnWrites::uncounted;
}

void observe_quarantine(View& view) {
    if (view.quarantine) view.quarantine->is_over = true;
}

}  // namespace redis_zk::redis_wrapper
