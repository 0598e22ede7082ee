// What a wrapper can do to the world, each with the reason that is spoken before it is done.
#pragma once

#include <string>
#include <variant>
#include <vector>

#include "common/core/endpoint.h"
#include "common/core/record.h"

namespace redis_zk::redis_wrapper {

// Questions. Asked quietly: they change nothing.
struct AskNode {
    core::Endpoint node;
};
struct AskSentinels {};

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
    std::string reason;
};
struct Close {
    std::string reason;
};
struct ShutDown {
    std::string reason;
};
struct Kill {
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
struct Wait {
    std::string reason;  // stays the same while nothing changes
    std::string detail;  // may change all the time: seconds left, a percentage
};
struct Refuse {
    std::string reason;  // wrong configuration that only shows at run time: exit status 2
};
struct Exit {};

using Action = std::variant<AskNode, AskSentinels, Promote, Follow, Park, Open, Close, ShutDown,
                            Kill, Register, TakeLock, ReleaseLock, Publish, WriteRoster,
                            RequestFailover, Wait, Refuse, Exit>;

// "follow 10.0.0.7:31002, because the record names it"; empty for a question.
std::string describe(const Action& action);

}  // namespace redis_zk::redis_wrapper
