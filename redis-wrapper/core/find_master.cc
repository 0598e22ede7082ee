#include "redis-wrapper/core/find_master.h"

#include <algorithm>

namespace redis_zk::redis_wrapper {

using namespace std::chrono_literals;
using core::Role;
using core::spoken;

namespace {

// How often to look, and for how long an answer may be believed. The second leaves room for one
// look that is lost.
struct Pace {
    milliseconds look_again;
    milliseconds believe;
};
constexpr Pace settled_pace{10s, 25s};
constexpr Pace unsettled_pace{300ms, 1500ms};

constexpr int longest_chain = 6;

Pace pace_of(const View& view) { return is_settled(view) ? settled_pace : unsettled_pace; }

// Follows "I am a replica of …" from a named address to a verified master.
class Chain {
  public:
    Chain(const View& view, TimePoint now, Finding& finding)
        : view_{view}, now_{now}, finding_{finding} {}

    // A node that was visited from another start is not visited again: the answer is the same.
    std::optional<Endpoint> follow(Endpoint node) {
        for (int hop = 0; hop < longest_chain; ++hop) {
            if (std::ranges::find(visited_, node) != visited_.end()) return std::nullopt;
            visited_.push_back(node);
            const auto next = node == view_.self.address ? ask_self() : ask(node);
            if (verified_) return node;
            if (!next) return std::nullopt;
            node = *next;
        }
        return std::nullopt;
    }

  private:
    std::optional<Endpoint> ask_self() {
        verified_ = view_.redis.role == Role::master;
        if (!verified_ && !view_.redis.following) note(view_.self.address, "is this node, parked");
        return view_.redis.following;
    }

    std::optional<Endpoint> ask(const Endpoint& node) {
        if (is_question_due(view_, node, now_)) finding_.questions.push_back(node);
        const auto answer = recent_answer(view_, node, now_);
        switch (answer) {
            case Probe::Answer::none: finding_.still_looking = true; return std::nullopt;
            case Probe::Answer::loading: note(node, "is loading"); return std::nullopt;
            case Probe::Answer::dead: note(node, "is dead"); return std::nullopt;
            case Probe::Answer::silent: note_silence(node); return std::nullopt;
            case Probe::Answer::replica:
            case Probe::Answer::master: break;
        }
        const Probe& probe = view_.probes.at(node);
        if (!probe.same_cluster) {
            note(node, "does not prove that it belongs to this cluster");
            return std::nullopt;
        }
        verified_ = answer == Probe::Answer::master;
        if (!verified_) note(node, "is a replica");
        return probe.following;
    }

    void note(const Endpoint& node, const char* what) {
        if (!finding_.tried.empty()) finding_.tried += ", ";
        finding_.tried += spoken(node) + ' ' + what;
    }

    void note_silence(const Endpoint& node) {
        note(node, "does not answer");
        const auto since = view_.probes.at(node).silent_since.value_or(now_);
        if (finding_.silent && finding_.silent_since >= since) return;
        finding_.silent = node;
        finding_.silent_since = since;
    }

    const View& view_;
    TimePoint now_;
    Finding& finding_;
    std::vector<Endpoint> visited_;
    bool verified_ = false;
};

void look_at_sentinels(const View& view, TimePoint now, Finding& finding) {
    if (view.sentinels.opinions.empty()) return;
    const auto age = now - view.sentinels.asked_at;
    const Pace pace = pace_of(view);
    const bool asked_before = view.sentinels.asked_at != TimePoint{} && !view.sentinels.outdated;
    finding.ask_sentinels = !InFlight::busy(view.sentinels.asked_until, now) &&
                            (!asked_before || age >= std::min(pace.look_again, milliseconds{2s}));
    if (!asked_before || age > pace.believe) finding.still_looking = true;
}

void look_at_the_followed(const View& view, TimePoint now, Finding& finding) {
    const auto& followed = view.redis.following;
    if (!finding.master || !followed || followed == finding.master) return;
    const bool is_asked =
        std::ranges::find(finding.questions, *followed) != finding.questions.end();
    if (!is_asked && is_question_due(view, *followed, now)) finding.questions.push_back(*followed);
    const auto answer = recent_answer(view, *followed, now);
    finding.follows_a_rival =
        answer == Probe::Answer::none ||
        (answer == Probe::Answer::master && view.probes.at(*followed).same_cluster);
}

}  // namespace

bool is_settled(const View& view) {
    if (view.redis.role == Role::master) return view.redis.open && is_recorded(view);
    return view.redis.role == Role::replica && view.redis.link_up && view.redis.open;
}

bool is_question_due(const View& view, const Endpoint& node, TimePoint now) {
    const auto found = view.probes.find(node);
    if (found == view.probes.end() || found->second.answer == Probe::Answer::none)
        return found == view.probes.end() || !InFlight::busy(found->second.asked_until, now);
    return !InFlight::busy(found->second.asked_until, now) &&
           now - found->second.answered_at >= pace_of(view).look_again;
}

Probe::Answer recent_answer(const View& view, const Endpoint& node, TimePoint now) {
    const auto found = view.probes.find(node);
    if (found == view.probes.end()) return Probe::Answer::none;
    if (now - found->second.answered_at > pace_of(view).believe) return Probe::Answer::none;
    return found->second.answer;
}

std::optional<Endpoint> majority_of_sentinels(const View& view) {
    const auto& opinions = view.sentinels.opinions;
    if (view.sentinels.outdated) return std::nullopt;
    std::map<Endpoint, std::size_t> votes;
    for (const auto& [sentinel, opinion] : opinions)
        if (opinion.answered && opinion.master) ++votes[*opinion.master];
    for (const auto& [master, count] : votes)
        if (2 * count > opinions.size()) return master;
    return std::nullopt;
}

Finding find_master(const View& view, TimePoint now) {
    Finding finding;
    look_at_sentinels(view, now, finding);

    const auto by_sentinels = majority_of_sentinels(view);
    const auto by_record = view.record.master();
    Chain chain{view, now, finding};
    const auto try_at = [&](const std::optional<Endpoint>& start, const char* why) {
        if (!start || finding.master) return;
        finding.master = chain.follow(*start);
        if (finding.master) finding.why = why;
    };
    try_at(by_sentinels, "the majority of the sentinels names it");
    try_at(by_record, "the record names it");
    try_at(view.redis.following, "it is the master of this node");
    finding.named_by_sentinels = finding.master && finding.master == by_sentinels;
    finding.named_by_record = finding.master && finding.master == by_record;
    look_at_the_followed(view, now, finding);
    return finding;
}

}  // namespace redis_zk::redis_wrapper
