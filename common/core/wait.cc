#include "common/core/wait.h"

namespace redis_zk::core {

std::string spoken(const Wait& wait) {
    return "wait: " + wait.reason + (wait.detail.empty() ? "" : " (" + wait.detail + ')');
}

}  // namespace redis_zk::core
