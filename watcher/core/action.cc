#include "watcher/core/action.h"

#include <iterator>

#include "common/core/overloaded.h"

namespace redis_zk::watcher {

Actions& operator+=(Actions& all, Actions more) {
    all.insert(all.end(), std::make_move_iterator(more.begin()),
               std::make_move_iterator(more.end()));
    return all;
}

std::string describe(const Action& action) {
    return std::visit(
        core::Overloaded{
            [](const AskNode&) { return std::string{}; },
            [](const AskSentinel&) { return std::string{}; },
            [](const Listen& it) {
                return "listen to " + core::spoken(it.sentinel) + ", because " + it.reason;
            },
            [](const StopListening& it) {
                return "stop listening to the sentinel, because " + it.reason;
            },
            [](const Publish& it) {
                return "publish " + core::spoken(it.record.master) + " as master of term " +
                       std::to_string(it.record.term) + ", because " + it.record.reason;
            },
            [](const Wait& it) { return spoken(it); },
        },
        action);
}

}  // namespace redis_zk::watcher
