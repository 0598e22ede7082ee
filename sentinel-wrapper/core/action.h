// What a sentinel-wrapper can do to the world, each with the reason that is spoken before it is
// done.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "common/core/endpoint.h"
#include "common/core/wait.h"

namespace redis_zk::sentinel_wrapper {

// Questions. Asked quietly: they change nothing.
struct AskNode {
    core::Endpoint node;  // its role, and the proof that it belongs to our cluster
};
struct AskSentinels {};  // all that are registered, for their opinions
struct AskPeer {
    core::Endpoint sentinel;  // whether it answers, its `sentinel myid`, and where it knows ours
};

// Sentinels count fail-overs and elections in epochs. Whoever knows of a larger config epoch is
// believed by the others.
struct Epochs {
    std::uint64_t config = 0;
    std::uint64_t last_vote = 0;  // up to here somebody else may have voted under the same id
};

// In whose name the own sentinel is told of another master: any other sentinel that it knows.
struct News {
    std::uint64_t epoch = 0;  // larger than that of everybody
    std::string id;
    core::Endpoint sentinel;
};

// To the own sentinel.
struct Start {
    std::string id;
    core::Endpoint master;
    int quorum = 0;
    std::string reason;
    Epochs epochs{};
};
// With news: it hears of the master and believes it, keeps all that it knows, and brings the other
// sentinels along. Without, or afresh: SENTINEL REMOVE (if it monitors anybody), MONITOR and SET,
// as one. It forgets everybody, and its config epoch is 0 [measured]: whoever still knows it and
// has a larger one drags it back to his own master, be it dead; so the news, if there are any, come
// after.
struct Monitor {
    core::Endpoint master;
    int quorum = 0;
    std::string reason;
    std::optional<News> news{};
    bool afresh = false;
};
struct StopMonitoring {  // SENTINEL REMOVE
    std::string reason;
};
struct Reset {
    std::string reason;
    std::vector<std::string> sentinels{};  // the ids of those that it is to forget
    bool is_about_foreign = false;         // some of these are none of ours
};
struct SetQuorum {
    int quorum = 0;
    std::string reason;
};
struct ShutDown {
    std::string reason;
};
struct Kill {
    std::string reason;
};
// Kill it, and end: to start it once more would not help.
struct Abandon {
    std::string reason;
};

// To ZooKeeper.
struct ClaimIdentity {};
struct JudgeSuspect {  // whose id is ours if it does not live
    std::string id;
    core::Endpoint last_address;
    bool may_live = false;
};
struct ReleaseIdentity {};
struct Register {};
struct Deregister {
    std::string reason;
};
struct TakeLock {
    std::string reason;
};
struct ReleaseLock {
    std::string reason;
};

// To ourselves.
using core::Wait;
struct GiveUp {
    std::string reason;  // no master in time: exit status 3
};
struct Exit {};

using Action =
    std::variant<AskNode, AskSentinels, AskPeer, Start, Monitor, StopMonitoring, Reset, SetQuorum,
                 ShutDown, Kill, Abandon, ClaimIdentity, JudgeSuspect, ReleaseIdentity, Register,
                 Deregister, TakeLock, ReleaseLock, Wait, GiveUp, Exit>;

// "monitor 10.0.0.7:31002 with quorum 2, because the record names it"; empty for a question.
std::string describe(const Action& action);

}  // namespace redis_zk::sentinel_wrapper
