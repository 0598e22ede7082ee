#include "sentinel-wrapper/core/forget.h"

#include <algorithm>

#include "sentinel-wrapper/core/ghosts.h"

namespace redis_zk::sentinel_wrapper {

using namespace std::chrono_literals;
using core::spoken;

namespace {

using Actions = std::vector<Action>;

// An answer that was under way when the sentinel forgot everybody is older than that.
constexpr milliseconds time_to_look_again = 1s;
constexpr milliseconds fresh = 500ms;
constexpr milliseconds before_next_reset = 5s;
// Of sentinels that are none of ours, whoever they are: a RESET for another reason may be what
// brings them, and is none to bear them. (For one that comes back: pause_before_next.)
constexpr milliseconds before_next_reset_of_foreign = 60s;

bool was_within(const std::optional<TimePoint>& reset_at, milliseconds time, TimePoint now) {
    return reset_at && now < *reset_at + time;
}

// What a RESET would achieve.
struct Purpose {
    std::string reason;
    std::vector<std::string> sentinels{};
    bool is_about_foreign = false;
};

void add(Purpose& purpose, const Unwanted& unwanted, const std::string& reason) {
    if (unwanted.empty()) return;
    purpose.reason += (purpose.reason.empty() ? "" : "; ") + reason;
    for (const auto& [id, address] : unwanted.sentinels) purpose.sentinels.push_back(id);
}

Purpose purpose_of_a_reset(const View& view, TimePoint now) {
    const Unwanted gone = ghosts(view, now);
    Unwanted foreign;
    if (!was_within(view.foreign_reset_at, before_next_reset_of_foreign, now))
        foreign = foreign_sentinels(view, now);
    for (const auto& [id, address] : gone.sentinels) foreign.sentinels.erase(id);
    Purpose purpose;
    add(purpose, gone, "these are gone for good: " + spoken(gone));
    add(purpose, foreign, "it knows " + spoken(foreign) + ", none of our other ones");
    purpose.is_about_foreign = !foreign.empty();
    return purpose;
}

std::optional<std::string> objection_to_forget(const View& view, const Finding& finding,
                                               TimePoint now) {
    if (is_failing_over(view, now)) return "a fail-over runs";
    if (!is_master_up(view, finding)) return "the master is not up";
    return std::nullopt;
}

// The master is asked right before: without it nobody would be found again.
Actions forget(const View& view, const Finding& finding, const Purpose& purpose, TimePoint now) {
    const Endpoint& master = view.sentinel.monitored->master;
    const Probe& answer = view.probes.at(master);
    if (now - answer.answered_at <= fresh)
        return {Reset{purpose.reason, purpose.sentinels, purpose.is_about_foreign}};
    const bool is_asked = core::is_pending(answer.asked_until, now) ||
                          std::ranges::find(finding.questions, master) != finding.questions.end();
    if (!is_asked) return {AskNode{master}};
    return {Wait{"asking " + spoken(master) + " whether it is up", {}}};
}

// However long it takes: who is missing and dies meanwhile is missing no more.
Actions find_everybody_again(const View& view) {
    const bool has_looked = view.sentinel.looked_at >= *view.reset_at + time_to_look_again;
    const std::string missing = not_found_yet(view);
    if (has_looked && missing.empty()) return {ReleaseLock{"everybody living is found again"}};
    return {Wait{"the sentinel finds everybody again before another one may forget", missing}};
}

}  // namespace

std::vector<Action> forget_strangers(const View& view, const Finding& finding, TimePoint now) {
    Purpose purpose;
    const Unwanted strangers = stranger_replicas(view, now);
    add(purpose, strangers, "it knows " + spoken(strangers) + ", of another cluster");
    const bool was_reset = was_within(view.reset_at, before_next_reset, now);
    if (strangers.empty() || was_reset || finding.still_looking) return {};
    if (objection_to_forget(view, finding, now)) return {};
    return forget(view, finding, purpose, now);
}

std::vector<Action> forget_in_turn(const View& view, const Finding& finding, TimePoint now) {
    const bool has_reset = view.reset_at && view.lock_held_since <= view.reset_at;
    if (view.lock == Lock::held && has_reset) return find_everybody_again(view);
    const Purpose purpose = purpose_of_a_reset(view, now);
    const std::string& reason = purpose.reason;
    if (reason.empty() && view.lock != Lock::none)
        return {ReleaseLock{"there is nobody to forget any more"}};
    if (reason.empty() || finding.still_looking) return {};
    auto objection = objection_to_forget(view, finding, now);
    if (const std::string missing = not_found_yet(view); !objection && !missing.empty())
        objection = "it does not know " + missing;
    if (objection && view.lock != Lock::none) return {ReleaseLock{*objection}};
    if (objection)
        return {Wait{"the sentinel is to forget (" + reason + "), but " + *objection, {}}};
    switch (view.lock) {
        case Lock::none: return {TakeLock{reason}};
        case Lock::requested: return {Wait{"one sentinel at a time may forget", reason}};
        case Lock::held: break;
    }
    return forget(view, finding, purpose, now);
}

}  // namespace redis_zk::sentinel_wrapper
