// What the registered sentinels say about our cluster.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "common/core/endpoint.h"
#include "common/core/time.h"

namespace redis_zk::core {

// A fail-over that a sentinel says is under way. Sentinel bounds each of its steps but the last:
// while the node that it has promoted is down (s_down), sentinelFailoverDetectEnd never ends it
// [measured, tests/integration/test_failover_facts.py]. If all nodes move meanwhile, that is for
// ever.
struct FailOver {
    // By these it is known again. The config epoch grows when the promoted node is a master: from
    // then on it has the whole time once more.
    std::optional<Endpoint> watched;
    std::uint64_t config_epoch = 0;
    TimePoint since{};  // as we have seen it

    bool operator==(const FailOver&) const = default;
};

// A replica that a sentinel may choose. It asks for priorities every ten seconds: one that was
// started anew since may be nobody's replica by now.
struct Candidate {
    Endpoint node;
    bool down = false;  // s_down: not as long as that lasts, which ends with one answer to a PING
};

struct Opinion {
    bool answered = false;
    std::string id{};                // its `sentinel myid`
    TimePoint asked_at{};            // when the question was put that it answers
    std::optional<Endpoint> master;  // whom it names to clients
    // Whom it looks after. Of the leader of a fail-over it is the former one until all is done.
    std::optional<Endpoint> watched{};
    bool master_is_up = false;       // as it sees it itself
    milliseconds unanswered_for{0};  // since it has waited for an answer of the master
    std::uint64_t config_epoch = 0;  // of the last fail-over that it knows of
    std::uint64_t last_vote = 0;     // the epoch in which it has voted last...
    std::string voted_for{};         // ...and the id for which; two may begin in one epoch
    bool has_quorum = false;         // it says that a fail-over could be agreed on (CKQUORUM)
    // Itself and those that it takes for alive, registered or not. Kept while it is silent.
    std::size_t usable_sentinels = 0;
    bool can_act = false;  // that, and it knows a living replica
    std::vector<Candidate> candidates{};
    bool failover_in_progress = false;
    std::optional<Endpoint> promoted{};  // whom it has chosen, in the fail-over that it leads
    // After which a fail-over that it can begin should have begun and ended; and one that runs
    // should have ended: then Sentinel itself lets another one be tried.
    std::optional<milliseconds> down_after{};  // after which it takes a silent master for dead
    milliseconds time_to_act{0};
    milliseconds time_to_fail_over{0};
    std::optional<FailOver> fail_over{};  // kept from answer to answer: observe_opinion()
    bool dead = false;                    // nobody listens there; a mere silence proves nothing
    // Of a node that asks for its own sake: when it has last answered this sentinel, as far as it
    // is certain, or has heard that nobody is there who could miss it. Kept from answer to answer.
    TimePoint contact_at{};
    TimePoint contact_asked_at{};  // the last question for that alone
};

struct Sentinels {
    bool known = false;                    // the list has been read from ZooKeeper
    std::map<Endpoint, Opinion> opinions;  // one for each that is registered
    TimePoint asked_at{};                  // when the last answer came
    TimePoint as_of{};                     // when the question was asked that they answer
    std::optional<TimePoint> asked_until;  // being asked; the deadline of the question
    TimePoint heard_at{};                  // when more than half of them were heard last
    TimePoint question_asked_at{};
    // Opinions from before this time count no more: the record has got another term since, and
    // whoever wrote it may have known more; or a replica has left this master.
    TimePoint outdated_at{};
    std::optional<std::uint64_t> last_term;  // that the record was seen to have
};

// Whom more than half of the registered sentinels name. Nobody while their answers are outdated: an
// old master would outvote the one that the sentinels chose meanwhile.
std::optional<Endpoint> majority_of(const Sentinels& sentinels);

bool are_outdated(const Sentinels& sentinels);

// More than half of the registered sentinels have answered lately or are dead, or there are none:
// the others cannot have made another node master.
bool is_majority_heard(const Sentinels& sentinels);

// When one that runs should have ended; not before it was seen for the first time.
TimePoint end_of_fail_over(const Opinion& opinion);

// A fail-over runs that may still end by itself.
bool is_failing_over(const Opinion& opinion, TimePoint now);
bool is_failing_over(const Sentinels& sentinels, TimePoint now);
// That, or one ran when it answered last: who is silent since goes on with what it had begun.
bool may_be_failing_over(const Opinion& opinion, TimePoint now);

// How long a sentinel with these settings may fail over: twice failover-timeout after it has begun
// a fail-over it would begin another one (sentinelStartFailoverIfNeeded), and within down-after it
// sees that the promoted node is dead.
constexpr milliseconds time_to_fail_over(milliseconds down_after, milliseconds failover_timeout) {
    return down_after + 2 * failover_timeout;
}

// More than half of the registered sentinels look after this master and reach it, as they said
// last.
bool does_majority_reach(const Sentinels& sentinels, const Endpoint& master);

// A sentinel that leads a fail-over has chosen this node and made it master, as `asked_since` or
// later. The other sentinels, and what it names itself, follow up to a second later.
bool has_promoted(const Opinion& leader, const Endpoint& node, TimePoint asked_since,
                  TimePoint now);
bool has_promoted(const Sentinels& sentinels, const Endpoint& node, TimePoint asked_since,
                  TimePoint now);

// Of all that have answered; 0 when nobody has.
std::uint64_t largest_config_epoch(const Sentinels& sentinels);

// In which this node was made master, as far as the sentinels tell: that of the fail-over in which
// one has promoted it counts before anybody names it, for the leader has voted for himself in it.
std::uint64_t epoch_of(const Sentinels& sentinels, const Endpoint& master);

// The newest opinion names this master. The other sentinels follow it as soon as they hear of it.
bool is_newest_choice(const Sentinels& sentinels, const Endpoint& master);

// How the facts come in: the list in ZooKeeper, a question to all of them and its answers, and the
// term of the record, of which each change outdates the answers.
void observe_registered(Sentinels& sentinels, const std::vector<Endpoint>& registered);
// The one that a sentinel said to be under way before, and the one that it says to be now.
void observe_fail_over(std::optional<FailOver>& known, std::optional<FailOver> seen);
// `known` is what the same sentinel said before. Its fail-over goes on while it is silent.
void observe_opinion(Opinion& known, const Opinion& answer, TimePoint now);
// We stood still: the answers are outdated, and fail-overs may have ended and begun meanwhile.
void observe_standstill(Sentinels& sentinels, TimePoint now);
void observe_question(Sentinels& sentinels, TimePoint now, milliseconds time_to_answer);
void observe_opinions(Sentinels& sentinels, const std::map<Endpoint, Opinion>& opinions,
                      TimePoint now);
void observe_term(Sentinels& sentinels, std::uint64_t term, TimePoint now);

}  // namespace redis_zk::core
