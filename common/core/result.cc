#include "common/core/result.h"

namespace redis_zk::core {

const char* name_of(Fault fault) {
    switch (fault) {
        case Fault::ask_again: return "ask again";
        case Fault::connection_lost: return "connection lost";
        case Fault::refused: return "refused";
    }
    return "unknown";
}

}  // namespace redis_zk::core
