#include "sentinel-wrapper/core/find_master.h"

#include <algorithm>

namespace redis_zk::sentinel_wrapper {

using namespace std::chrono_literals;

namespace {

// A sentinel that knows a stranger's master as its replica makes a replica of it 8 s after it has
// said that it is a master (SENTINEL_PUBLISH_PERIOD * 4 in sentinel.c), and that wipes its data. So
// even the slow pace, and the second look, have to end well before that.
constexpr core::Pace settled_pace{3s, 7s};
constexpr core::Pace unsettled_pace{300ms, 3s};
constexpr core::Pace hurried_pace{core::pace_of_a_succession, 3s};
constexpr milliseconds between_two_looks_at_a_stranger = 1s;

// The document of the term is ours; the name beside it, which is for clients, anybody may have
// edited. When there is a document that cannot be read, the cluster is not known either, so nobody
// could prove that he belongs to it. Only where there never was one (redis-zk) the name is all.
std::optional<Endpoint> recorded_master(const core::FoundRecord& record) {
    if (record.written) return record.written->master;
    return record.unreadable ? std::nullopt : record.named;
}

core::Pace pace_of_sentinels(const View& view) {
    return is_settled(view) ? settled_pace : unsettled_pace;
}

core::Pace pace_of(const View& view, TimePoint now) {
    return is_about_to_turn(view, now) ? hurried_pace : pace_of_sentinels(view);
}

// Both places say the same, so it was written together with its term. What is written so names a
// node that was verified then: with the proof that it is master now, that is the newest truth there
// is. A sentinel could not be asked whether it knows a larger term: it counts epochs, which grow
// with each attempt of a fail-over and not with what the nodes decide, so the two cannot be
// compared. Instead it is given time to hear of the master by itself before it is told.
bool is_whole(const core::FoundRecord& record) {
    return record.named && recorded_master(record) == record.named;
}

std::string reason_to_believe(const View& view, const Finding& finding) {
    if (!finding.master) return "";
    if (finding.named_by_sentinels) return "the majority of the sentinels names it";
    if (finding.named_by_record) return "the record names it";
    if (finding.master == recorded_master(view.record))
        return "the term names it, the name beside it does not";
    if (finding.master == view.record.named)
        return "the name beside the term names it, the term does not";
    return "the node that is named as master follows it";
}

void look_at_sentinels(const View& view, TimePoint now, Finding& finding) {
    const Sentinels& sentinels = view.registered_sentinels;
    if (sentinels.opinions.empty()) return;
    const auto age = now - sentinels.asked_at;
    const core::Pace pace = pace_of_sentinels(view);
    const bool asked_before = sentinels.asked_at != TimePoint{} && !core::are_outdated(sentinels);
    finding.ask_sentinels =
        !core::is_pending(sentinels.asked_until, now) && (!asked_before || age >= pace.look_again);
    if (!asked_before || age > pace.believe) finding.still_looking = true;
}

// The master and the replicas that the own sentinel counts on: it may have to let go of them; and
// those that it has to find again, unless they have died meanwhile.
void look_at_the_known(const View& view, TimePoint now, Finding& finding) {
    const auto look_at = [&](const Endpoint& node) {
        const bool is_asked = std::ranges::find(finding.questions, node) != finding.questions.end();
        const auto pace = view.strangers.contains(node) ? unsettled_pace : pace_of(view, now);
        if (!is_asked && core::is_question_due(view.probes, node, pace, now))
            finding.questions.push_back(node);
    };
    if (view.sentinel.monitored) look_at(view.sentinel.monitored->master);
    for (const auto& [replica, known] : view.sentinel.replicas) look_at(replica);
    if (view.lock == Lock::held)
        for (const Endpoint& replica : unknown_replicas(view)) look_at(replica);
}

}  // namespace

bool is_settled(const View& view) {
    return view.registered && is_monitoring(view) && !view.sentinel.monitored->down &&
           view.verified == view.sentinel.monitored->master;
}

bool was_promoted_just_now(const View& view, const Endpoint& master, TimePoint now) {
    const Sentinels& sentinels = view.registered_sentinels;
    return core::has_promoted(sentinels, master, sentinels.outdated_at, now);
}

bool is_about_to_turn(const View& view, TimePoint now) {
    const auto& monitored = view.sentinel.monitored;
    const auto recorded = recorded_master(view.record);
    return monitored && recorded && *recorded != monitored->master &&
           was_promoted_just_now(view, *recorded, now);
}

bool was_replaced_when_lost(const View& view, TimePoint now) {
    return is_about_to_turn(view, now) && view.sentinel.monitored->down && is_whole(view.record);
}

bool is_master_up(const View& view, const Finding& finding) {
    const auto& monitored = view.sentinel.monitored;
    return monitored && finding.master == monitored->master && !monitored->down;
}

Probe::Answer recent_answer(const View& view, const Endpoint& node, TimePoint now) {
    return core::recent_answer(view.probes, node, pace_of(view, now), now);
}

bool is_stranger(const View& view, const Endpoint& node, TimePoint now) {
    const auto since = view.strangers.find(node);
    if (since == view.strangers.end()) return false;
    const auto answer = recent_answer(view, node, now);
    const bool answers = answer == Probe::Answer::master || answer == Probe::Answer::replica;
    return answers &&
           view.probes.at(node).answered_at >= since->second + between_two_looks_at_a_stranger;
}

Finding find_master(const View& view, TimePoint now) {
    Finding finding;
    look_at_sentinels(view, now, finding);

    const auto by_sentinels = core::majority_of(view.registered_sentinels);
    const auto by_record = recorded_master(view.record);
    core::Chain chain{view.probes, pace_of(view, now), now};
    const bool is_lost = by_sentinels && view.sentinel.monitored &&
                         by_sentinels == view.sentinel.monitored->master &&
                         recent_answer(view, *by_sentinels, now) == Probe::Answer::none &&
                         was_replaced_when_lost(view, now);
    if (by_sentinels && !is_lost) finding.master = chain.follow(*by_sentinels);
    if (by_record && !finding.master) finding.master = chain.follow(*by_record);
    if (view.record.named && by_record && !finding.master)
        finding.master = chain.follow(*view.record.named);
    finding.named_by_sentinels = finding.master && finding.master == by_sentinels;
    finding.named_by_record =
        finding.master && finding.master == by_record && is_whole(view.record);
    finding.why = reason_to_believe(view, finding);
    finding.questions = std::move(chain.questions);
    finding.still_looking = finding.still_looking || chain.still_looking;
    finding.tried = std::move(chain.tried);
    if (finding.tried.empty() && view.record.unreadable) finding.tried = "the record is unreadable";
    look_at_the_known(view, now, finding);
    return finding;
}

}  // namespace redis_zk::sentinel_wrapper
