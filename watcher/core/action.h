// What a watcher can do to the world, each with the reason that is spoken before it is done.
#pragma once

#include <string>
#include <variant>
#include <vector>

#include "common/core/endpoint.h"
#include "common/core/record.h"
#include "common/core/time.h"
#include "common/core/wait.h"

namespace redis_zk::watcher {

// Questions. Asked quietly: they change nothing.
struct AskNode {
    core::Endpoint node;  // its role, and the proof that it belongs to our cluster
};
struct AskSentinel {
    core::Endpoint sentinel;  // what it believes
};

// To ourselves: whose events we hear. Listen lets go of whoever was listened to before.
struct Listen {
    core::Endpoint sentinel;
    std::string reason;
};
struct StopListening {
    std::string reason;
};

// To ZooKeeper: all or nothing, on the versions that were read.
struct Publish {
    core::Record record;  // its reason is the action's
    core::Change change = {};
};

using core::Wait;

using Action = std::variant<AskNode, AskSentinel, Listen, StopListening, Publish, Wait>;
using Actions = std::vector<Action>;
Actions& operator+=(Actions& all, Actions more);

// "publish 10.0.0.7:31002 in term 8, because …"; empty for a question.
std::string describe(const Action& action);

}  // namespace redis_zk::watcher
