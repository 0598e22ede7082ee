#include "sentinel-wrapper/core/action.h"

#include "common/core/overloaded.h"

namespace redis_zk::sentinel_wrapper {

namespace {

std::string with_quorum(const core::Endpoint& master, int quorum) {
    return core::spoken(master) + " with quorum " + std::to_string(quorum);
}

}  // namespace

std::string describe(const Action& action) {
    return std::visit(
        core::Overloaded{
            [](const AskNode&) { return std::string{}; },
            [](const AskSentinels&) { return std::string{}; },
            [](const AskPeer&) { return std::string{}; },
            [](const Start& it) {
                return "start the sentinel " + it.id.substr(0, 8) + " on " +
                       with_quorum(it.master, it.quorum) + ", because " + it.reason;
            },
            [](const Monitor& it) {
                return "monitor " + with_quorum(it.master, it.quorum) +
                       (it.news ? " in epoch " + std::to_string(it.news->epoch) : "") +
                       ", because " + it.reason;
            },
            [](const StopMonitoring& it) { return "stop monitoring, because " + it.reason; },
            [](const Reset& it) { return "reset the sentinel, because " + it.reason; },
            [](const SetQuorum& it) {
                return "set the quorum to " + std::to_string(it.quorum) + ", because " + it.reason;
            },
            [](const ShutDown& it) { return "stop the sentinel, because " + it.reason; },
            [](const Kill& it) { return "kill the sentinel, because " + it.reason; },
            [](const Abandon& it) { return "abandon the sentinel, because " + it.reason; },
            [](const ClaimIdentity&) { return std::string{"take an id from the pool"}; },
            [](const JudgeSuspect& it) {
                return std::string{it.may_live ? "leave" : "take"} + " the id " +
                       it.id.substr(0, 8) + ", because its sentinel at " +
                       core::spoken(it.last_address) +
                       (it.may_live ? " still answers" : " does not answer any more");
            },
            [](const ReleaseIdentity&) { return std::string{"give the id back to the pool"}; },
            [](const Register&) { return std::string{"register in ZooKeeper"}; },
            [](const Deregister& it) {
                return "leave the list of sentinels, because " + it.reason;
            },
            [](const TakeLock& it) { return "take the lock, because " + it.reason; },
            [](const ReleaseLock& it) { return "release the lock, because " + it.reason; },
            [](const Wait& it) { return spoken(it); },
            [](const GiveUp& it) { return "give up, because " + it.reason; },
            [](const Exit&) { return std::string{"exit"}; },
        },
        action);
}

}  // namespace redis_zk::sentinel_wrapper
