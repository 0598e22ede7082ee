// The way from a hint to a verified master. The record and the sentinels are only where to look:
// both may be stale. What counts is a node that answers ROLE with "master" and proves that it
// belongs to the cluster; an address alone may be somebody else's by now.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "common/core/endpoint.h"
#include "common/core/moments.h"
#include "common/core/probe.h"
#include "common/core/time.h"

namespace redis_zk::core {

using Probes = std::map<Endpoint, Probe>;

// Longer than any question takes, from the look-up of a name to the last answer, so that none
// overtakes another. (See common/redis/questions.cc, which makes sure of it.)
constexpr milliseconds time_for_a_question{4500};

// Whoever was not asked for so long is named nowhere any more: those that are named are asked again
// at every pace. Without this, addresses pile up over years of restarts.
constexpr milliseconds time_to_remember_answers = std::chrono::minutes{1};
template <typename Answers>
void forget_old_answers(Answers& answers, TimePoint now) {
    std::erase_if(answers, [now](const auto& it) {
        const auto& [node, answer] = it;
        return !is_pending(answer.asked_until, now) &&
               now - answer.answered_at > time_to_remember_answers;
    });
}

// How often to ask, and for how long an answer may be believed. The second leaves room for one
// question that is lost.
struct Pace {
    milliseconds look_again;
    milliseconds believe;
};

// How a question goes out, and how its answer comes in: times are filled in, and what is to be kept
// of the last answer is kept.
void observe_question(Probe& known, TimePoint now);
void observe_answer(Probe& known, Probe answer, TimePoint now);

// It answers an earlier question than the last one, or one from before outdate_answers(): to be
// thrown away.
bool is_outdated(const Probes& probes, const Endpoint& node, const Probe& answer);

// This process stood still: what is known, and what is still on its way, counts no more. Only the
// time for which a node was silent before is kept, in case that it still is.
void outdate_answers(Probes& probes, TimePoint now);

// From when the silence of a node that does not answer counts, without the time in which this
// process stood still: it would never count as dead for one who is frozen again and again.
TimePoint counts_as_silent_since(const Probe& silent, TimePoint now);

// "is a replica"
const char* description(Probe::Answer answer);

bool is_being_asked(const Probes& probes, const Endpoint& node, TimePoint now);

// Whoever is in a hurry asks again as soon as there is an answer, but in no loop.
constexpr milliseconds shortest_pace{20};
// While clients wait for the successor of a master that was replaced: its wrapper until the former
// one has stepped down, the sentinels' until theirs names it.
constexpr milliseconds pace_of_a_succession{50};
bool may_be_asked_again(const Probes& probes, const Endpoint& node, TimePoint now);

// A question to this node is due: no answer yet, or an old one, and none under way.
bool is_question_due(const Probes& probes, const Endpoint& node, Pace pace, TimePoint now);

// The last answer of a node, unless it is too old to conclude anything from.
Probe::Answer recent_answer(const Probes& probes, const Endpoint& node, Pace pace, TimePoint now);

// The last answer of a node, if its question was put at that time or later; else null.
const Probe* answer_since(const Probes& probes, const Endpoint& node, TimePoint since);

// The node that asks: it knows of itself without asking.
struct OwnRole {
    Endpoint address;
    bool is_master = false;
    std::optional<Endpoint> following;
};

// Follows "I am a replica of …" from a named address to a verified master.
class Chain {
  public:
    Chain(const Probes& probes, Pace pace, TimePoint now, std::optional<OwnRole> own = {})
        : probes_{probes}, pace_{pace}, now_{now}, own_{std::move(own)} {}

    // May be called for several starts, the best hint first. A node that was visited from another
    // start is not visited again: the answer is the same.
    std::optional<Endpoint> follow(Endpoint node);

    std::vector<Endpoint> questions;  // nodes to ask now
    bool still_looking = false;       // answers are missing: conclude nothing
    std::string tried;                // what was found instead of a master, for people
    // The one among the visited that has been silent for the shortest time: it gives no sign at
    // all, neither of life nor of death.
    std::optional<Endpoint> silent;
    TimePoint silent_since{};

  private:
    std::optional<Endpoint> look_at_own();
    std::optional<Endpoint> ask(const Endpoint& node);
    void note_silence(const Endpoint& node);
    void note(const Endpoint& node, const char* what);

    const Probes& probes_;
    Pace pace_;
    TimePoint now_;
    std::optional<OwnRole> own_;
    std::vector<Endpoint> visited_;
    bool verified_ = false;
};

}  // namespace redis_zk::core
