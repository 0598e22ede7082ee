// What a wrapper can do to the world, each with the reason that is spoken before it is done.
#pragma once

#include <string>
#include <variant>
#include <vector>

#include "common/core/endpoint.h"
#include "common/core/record.h"
#include "common/core/wait.h"

namespace redis_zk::redis_wrapper {

// Questions. Asked quietly: they change nothing.
struct AskNode {
    core::Endpoint node;
};
struct AskSentinels {};
struct KeepInTouch {
    core::Endpoint sentinel;  // whether it reaches this master
};

// To the own Redis.
struct Promote {
    std::string reason;  // the promoted master is still closed: it takes no write before Open
};
struct Follow {
    core::Endpoint master;
    std::string reason;
};
struct Park {
    std::string reason;
};
struct Open {
    std::string reason;  // a master takes writes
};
struct Offer {
    std::string reason;  // a replica lets the sentinels choose it; it still takes no write
};
struct Close {
    std::string reason;
};
// Clients that write wait instead of failing, and nothing more is written; it ends by itself.
struct Pause {
    core::milliseconds duration;
    std::string reason;
};
struct ShutDown {
    std::string reason;
};
struct Kill {
    std::string reason;
};

// Before its data are replaced: what is lost with them is counted and written into the history, and
// they are kept beside, unless the operator does not want that.
struct QuarantineData {
    core::Loss loss;
    bool keeps_data = true;
    std::string reason;
};

// To ZooKeeper.
struct Register {};
struct TakeLock {
    std::string reason;
};
struct ReleaseLock {
    std::string reason;
};
struct Publish {
    core::Record record;  // its reason is the action's
    core::Change change = {};
};
struct WriteRoster {
    core::Roster roster;
};

// To a sentinel.
struct RequestFailover {
    core::Endpoint sentinel;
    std::string reason;
};

// To ourselves.
using core::Wait;
struct EndHandOver {
    bool is_done = false;
    std::string reason;  // why it is not, or who is master now; clients that still wait go on
};
struct Refuse {
    std::string reason;  // wrong configuration that only shows at run time: exit status 2
};
struct Exit {};

using Action =
    std::variant<AskNode, AskSentinels, KeepInTouch, Promote, Follow, Park, Open, Offer, Close,
                 Pause, ShutDown, Kill, QuarantineData, Register, TakeLock, ReleaseLock, Publish,
                 WriteRoster, RequestFailover, EndHandOver, Wait, Refuse, Exit>;

using Actions = std::vector<Action>;
Actions& operator+=(Actions& all, Actions more);

// "follow 10.0.0.7:31002, because the record names it"; empty for a question.
std::string describe(const Action& action);

}  // namespace redis_zk::redis_wrapper
