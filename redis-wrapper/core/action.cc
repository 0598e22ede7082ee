#include "redis-wrapper/core/action.h"

#include "common/core/overloaded.h"

namespace redis_zk::redis_wrapper {

Actions& operator+=(Actions& all, Actions more) {
    all.insert(all.end(), more.begin(), more.end());
    return all;
}

std::string describe(const Action& action) {
    using core::spoken;
    return std::visit(
        core::Overloaded{
            [](const AskNode&) { return std::string{}; },
            [](const AskSentinels&) { return std::string{}; },
            [](const KeepInTouch&) { return std::string{}; },
            [](const WriteRoster&) { return std::string{}; },
            [](const Promote& it) { return "promote, because " + it.reason; },
            [](const Follow& it) {
                return "follow " + spoken(it.master) + ", because " + it.reason;
            },
            [](const Park& it) { return "park, because " + it.reason; },
            [](const Open& it) { return "open for writes, because " + it.reason; },
            [](const Offer& it) { return "offer this node for fail-over, because " + it.reason; },
            [](const Close& it) { return "fence, because " + it.reason; },
            [](const Pause& it) { return "let the clients wait, because " + it.reason; },
            [](const ShutDown& it) { return "stop redis, because " + it.reason; },
            [](const Kill& it) { return "kill redis, because " + it.reason; },
            [](const QuarantineData& it) {
                return (it.keeps_data ? "quarantine the data of this node, because "
                                      : "keep no copy of the data of this node, although ") +
                       it.reason;
            },
            [](const Register&) { return std::string{"register in ZooKeeper"}; },
            [](const TakeLock& it) { return "take the lock, because " + it.reason; },
            [](const ReleaseLock& it) { return "release the lock, because " + it.reason; },
            [](const Publish& it) {
                return "publish " + spoken(it.record.master) + " as master of term " +
                       std::to_string(it.record.term) + ", because " + it.record.reason;
            },
            [](const RequestFailover& it) {
                return "ask sentinel " + spoken(it.sentinel) + " for a fail-over, because " +
                       it.reason;
            },
            [](const EndHandOver& it) {
                return std::string{it.is_done ? "handed over" : "no hand-over"} + ": " + it.reason;
            },
            [](const Wait& it) { return spoken(it); },
            [](const Refuse& it) { return "refuse to run: " + it.reason; },
            [](const Exit&) { return std::string{"exit"}; },
        },
        action);
}

}  // namespace redis_zk::redis_wrapper
