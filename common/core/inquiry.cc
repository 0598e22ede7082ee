#include "common/core/inquiry.h"

#include <algorithm>

namespace redis_zk::core {

namespace {

constexpr int longest_chain = 6;

milliseconds time_of_silence(const Probe& probe) {
    if (!probe.silent_since) return probe.silent_before;
    return probe.silent_before +
           std::chrono::duration_cast<milliseconds>(probe.answered_at - *probe.silent_since);
}

}  // namespace

const char* description(Probe::Answer answer) {
    switch (answer) {
        case Probe::Answer::none: return "has not answered yet";
        case Probe::Answer::silent: return "does not answer";
        case Probe::Answer::dead: return "is dead";
        case Probe::Answer::refused:
            return "does not tell its role (password, permissions, or no redis-server)";
        case Probe::Answer::loading: return "is loading";
        case Probe::Answer::replica: return "is a replica";
        case Probe::Answer::master: return "is master";
    }
    return "";
}

void observe_question(Probe& known, TimePoint now) {
    known.question_at = now;
    known.asked_until = now + time_for_a_question;
}

bool is_outdated(const Probes& probes, const Endpoint& node, const Probe& answer) {
    const auto found = probes.find(node);
    return found != probes.end() && answer.asked_at < found->second.question_at;
}

void outdate_answers(Probes& probes, TimePoint now) {
    for (auto& [node, probe] : probes) {
        const milliseconds silent_before = time_of_silence(probe);
        probe = Probe{};
        probe.question_at = now;
        probe.silent_before = silent_before;
    }
}

void observe_answer(Probe& known, Probe answer, TimePoint now) {
    answer.answered_at = now;
    answer.question_at = known.question_at;
    answer.asked_until.reset();
    const bool is_silent = answer.answer == Probe::Answer::silent;
    if (is_silent) answer.silent_since = known.silent_since.value_or(now);
    if (is_silent) answer.silent_before = known.silent_before;
    if (is_silent || answer.answer == Probe::Answer::refused)
        answer.took_writes_at = known.took_writes_at;
    if (answer.answer == Probe::Answer::master && answer.same_cluster && answer.closed != true)
        answer.took_writes_at = now;
    known = std::move(answer);
}

TimePoint counts_as_silent_since(const Probe& silent, TimePoint now) {
    return silent.silent_since.value_or(now) - silent.silent_before;
}

bool is_being_asked(const Probes& probes, const Endpoint& node, TimePoint now) {
    const auto found = probes.find(node);
    return found != probes.end() && is_pending(found->second.asked_until, now);
}

bool is_question_due(const Probes& probes, const Endpoint& node, Pace pace, TimePoint now) {
    const auto found = probes.find(node);
    if (found == probes.end()) return true;
    if (is_being_asked(probes, node, now)) return false;
    const Probe& probe = found->second;
    return probe.answered_at == TimePoint{} || now - probe.answered_at >= pace.look_again;
}

bool may_be_asked_again(const Probes& probes, const Endpoint& node, TimePoint now) {
    const auto found = probes.find(node);
    if (found == probes.end()) return true;
    return !is_being_asked(probes, node, now) && now >= found->second.asked_at + shortest_pace;
}

Probe::Answer recent_answer(const Probes& probes, const Endpoint& node, Pace pace, TimePoint now) {
    const auto found = probes.find(node);
    if (found == probes.end() || now - found->second.answered_at > pace.believe)
        return Probe::Answer::none;
    return found->second.answer;
}

const Probe* answer_since(const Probes& probes, const Endpoint& node, TimePoint since) {
    const auto found = probes.find(node);
    return found != probes.end() && found->second.asked_at >= since ? &found->second : nullptr;
}

std::optional<Endpoint> Chain::follow(Endpoint node) {
    for (int hop = 0; hop < longest_chain; ++hop) {
        if (std::ranges::find(visited_, node) != visited_.end()) return std::nullopt;
        visited_.push_back(node);
        const auto next = own_ && node == own_->address ? look_at_own() : ask(node);
        if (verified_) return node;
        if (!next) return std::nullopt;
        node = *next;
    }
    return std::nullopt;
}

std::optional<Endpoint> Chain::look_at_own() {
    verified_ = own_->is_master;
    if (!verified_ && !own_->following) note(own_->address, "is this node, parked");
    return own_->following;
}

// Whom the node follows. Sets `verified_` when it is the master itself.
std::optional<Endpoint> Chain::ask(const Endpoint& node) {
    if (is_question_due(probes_, node, pace_, now_)) questions.push_back(node);
    const auto answer = recent_answer(probes_, node, pace_, now_);
    if (answer == Probe::Answer::none) still_looking = true;
    const bool has_role = answer == Probe::Answer::master || answer == Probe::Answer::replica;
    if (!has_role) {
        if (answer != Probe::Answer::none) note(node, description(answer));
        if (answer == Probe::Answer::silent) note_silence(node);
        return std::nullopt;
    }
    const Probe& probe = probes_.at(node);
    if (!probe.same_cluster) {
        note(node, "does not prove that it belongs to this cluster");
        return std::nullopt;
    }
    verified_ = answer == Probe::Answer::master;
    if (!verified_) note(node, description(answer));
    return probe.following;
}

void Chain::note_silence(const Endpoint& node) {
    const auto since = counts_as_silent_since(probes_.at(node), now_);
    if (silent && silent_since >= since) return;
    silent = node;
    silent_since = since;
}

void Chain::note(const Endpoint& node, const char* what) {
    if (!tried.empty()) tried += ", ";
    tried += spoken(node) + ' ' + what;
}

}  // namespace redis_zk::core
